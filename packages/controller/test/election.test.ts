import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { deleteObject } from '@flatland/kube/client/objects';
import { Domain, Lease } from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startElectedController } from '../src/start-elected-controller.ts';
import { domainOf } from '../src/testing/objects.ts';
import type { ChildNews, ChildOrder } from './elected-child.ts';
import { TestCluster } from './test-cluster.ts';

/** Long enough for a loaded machine to renew in time, short enough to wait for. */
const TIMING = { durationMs: 9000, renewDeadlineMs: 6000, retryPeriodMs: 400 };

let east: TestCluster;
let children: Child[] = [];

beforeAll(async () => {
  east = await TestCluster.start('east', ['e1']);
}, 60_000);
afterAll(() => east?.[Symbol.asyncDispose]());
beforeEach(() => {
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.kill();
  await deleteObject(east.client, Lease, { name: 'flatland-controller', namespace: SYSTEM_NAMESPACE });
});

/** A controller in its own process, and what it told. */
class Child {
  readonly writes: string[] = [];
  leads = false;
  readonly #process: ChildProcess;

  constructor(order: ChildOrder) {
    this.#process = fork(new URL('elected-child.ts', import.meta.url), {
      env: { ORDER: JSON.stringify(order) },
    });
    this.#process.on('message', (news: ChildNews) => {
      if ('write' in news) this.writes.push(news.write);
      else this.leads = news.leads;
    });
    children.push(this);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.#process.kill(name);
  }

  async ended(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit');
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended();
  }
}

async function start(name: string, timing = TIMING): Promise<Child> {
  const { url, caPem, token } = await east.accessOf('flatland-controller');
  return new Child({ cluster: 'east', url, caPem, token, name, timing });
}

const holder = async () =>
  ((await east.get(Lease, 'flatland-controller', SYSTEM_NAMESPACE)) as LeaseObject | undefined)?.spec
    .holderIdentity;

interface LeaseObject {
  readonly spec: { readonly holderIdentity: string };
}

async function ready(name: string): Promise<string | undefined> {
  const object = (await east.get(Domain, name)) as { status?: { conditions?: Condition[] } } | undefined;
  return object?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

test('one of two controllers works; the one that was stopped and woken writes nothing before it holds the lease anew', async () => {
  const one = await start('one');
  await east.until(async () => expect(one.leads).toBe(true));
  const two = await start('two');
  await east.apply(Domain, domainOf('red', ['east']));
  await east.until(async () => expect(await ready('red')).toBe('True'));
  expect(two.leads).toBe(false);

  // Work is on its way when it is stopped: it settles for a quarter of a second before it is written.
  await east.apply(Domain, domainOf('green', ['east']));
  one.signal('SIGSTOP');
  await east.until(async () => expect(two.leads).toBe(true));
  await east.until(async () => expect(await ready('green')).toBe('True'));
  expect(await holder()).toBe('two_1');
  await east.apply(Domain, domainOf('blue', ['east']));
  await east.until(async () => expect(await ready('blue')).toBe('True'));
  one.writes.length = 0;

  one.signal('SIGCONT');
  await east.until(async () => expect(one.leads).toBe(false));
  for (const name of ['amber', 'violet']) {
    await east.apply(Domain, domainOf(name, ['east']));
    await east.until(async () => expect(await ready(name)).toBe('True'));
  }
  expect(one.writes.filter((write) => !write.includes('/leases'))).toEqual([]);
  expect(await holder()).toBe('two_1');
}, 120_000);

test('a controller that ends gives the lease away, and the other does not wait for its time', async () => {
  const timing = { ...TIMING, durationMs: 3_600_000 };
  const one = await start('one', timing);
  await east.until(async () => expect(one.leads).toBe(true));
  const two = await start('two', timing);
  one.signal('SIGTERM');
  await one.ended();
  expect(one.writes.at(-1)).toContain('/leases');
  await east.until(async () => expect(two.leads).toBe(true));
  expect(await holder()).toBe('two_1');
}, 120_000);

test('between waking and noticing, a write is refused by the clock alone', async () => {
  const { url, caPem, token } = await east.accessOf('flatland-controller');
  const server = parseServerUrl(url);
  if (!server.ok) throw new Error(server.error);
  await using client = disposable(
    openKubeClient(
      {
        cluster: 'east',
        server: server.value,
        caPem,
        credential: { kind: 'token', token: sensitive(token) },
      },
      { addressPolicy: localAddressPolicy },
    ),
  );
  const writes: string[] = [];
  const refusals: string[] = [];
  let sleptMs = 0;
  const controller = startElectedController({
    cluster: 'east' as ClusterName,
    client: {
      ...client.value,
      transport: {
        ...client.value.transport,
        async exchange(request, limits) {
          if (request.method !== 'GET') writes.push(request.path);
          return client.value.transport.exchange(request, limits);
        },
      },
    },
    candidate: { pod: 'one', process: '1' },
    // Its own timers notice nothing for an hour.
    timing: { durationMs: 7_200_000, renewDeadlineMs: 3_600_000, retryPeriodMs: 3_600_000 },
    moment: () => ({ monotonicMs: performance.now() + sleptMs, wallMs: Date.now() + sleptMs }),
    log: { debug() {}, info() {}, error() {}, warn: (fields) => refusals.push(String(fields['err'])) },
  });
  try {
    await east.apply(Domain, domainOf('pink', ['east']));
    await east.until(async () => expect(await ready('pink')).toBe('True'));
    sleptMs = 3_600_000;
    writes.length = 0;
    await east.apply(Domain, domainOf('grey', ['east']));
    await east.until(async () => expect(refusals.join()).toContain('another controller may hold the lease'));
    expect(writes).toEqual([]);
    expect(await ready('grey')).toBeUndefined();
    sleptMs = 0;
    await east.until(async () => expect(await ready('grey')).toBe('True'));
  } finally {
    await controller.stop();
  }
}, 120_000);

function disposable(value: KubeClient) {
  return { value, [Symbol.asyncDispose]: () => value.close() };
}
