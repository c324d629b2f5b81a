import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ok } from '@flatland/shared/result';
import type { KubeErrorKind } from '../../src/client/error.ts';
import { startListWatch } from '../../src/client/list-watch/list-watch.ts';
import type { KubeObject } from '../../src/client/object.ts';
import { applyObject, getObject } from '../../src/client/objects.ts';
import { ConfigMap } from '../../src/client/resources.ts';
import { NO_FAULTS } from '../../src/testing/faulty-proxy/fault.ts';
import type { CallFault, WatchFault } from '../../src/testing/faulty-proxy/fault.ts';
import { randomFaults } from '../../src/testing/faulty-proxy/random-faults.ts';
import { FaultyCluster } from './faulty-cluster.ts';

let cluster: FaultyCluster;
beforeAll(async () => {
  cluster = await FaultyCluster.start();
});
afterAll(() => cluster[Symbol.asyncDispose]());
beforeEach(() => {
  cluster.proxy.faults = NO_FAULTS;
});

const at = (name: string) => ({ name, namespace: 'default' });
const write = (name: string, value: string) =>
  applyObject(cluster.direct, ConfigMap, {
    object: { metadata: at(name), data: { value } },
    fieldManager: 'test',
  });

test.each<[CallFault, KubeErrorKind]>([
  [{ kind: '429', hasDoneIt: false, retryAfterSeconds: 7 }, 'tooManyRequests'],
  [{ kind: '500', hasDoneIt: true }, 'serverError'],
  [{ kind: '503', hasDoneIt: false, retryAfterSeconds: 7 }, 'unavailable'],
  [{ kind: '504', hasDoneIt: true }, 'timeout'],
  [{ kind: 'silence', hasDoneIt: true }, 'timeout'],
  [{ kind: 'reset', hasDoneIt: false }, 'unavailable'],
  [{ kind: 'half-body', hasDoneIt: true }, 'unavailable'],
  [{ kind: 'garbage', hasDoneIt: true }, 'protocol'],
])('a call spoilt by %o is told as %s, and is done only where the fault says so', async (fault, kind) => {
  const client = cluster.client({ timeoutMs: fault.kind === 'silence' ? 1000 : 30_000 });
  const name = `fault-${fault.kind}`;
  cluster.proxy.faults = { ...NO_FAULTS, call: () => fault };
  const object = { metadata: at(name), data: {} };
  const answer = await applyObject(client, ConfigMap, { object, fieldManager: 'test', maxTries: 1 });
  expect(answer).toMatchObject({ ok: false, error: { kind } });
  if (fault.retryAfterSeconds !== undefined)
    expect(answer).toMatchObject({ error: { retryAfterMs: fault.retryAfterSeconds * 1000 } });
  expect((await getObject(cluster.direct, ConfigMap, at(name))).ok).toBe(fault.hasDoneIt);
});

test.each<[WatchFault['kind'], string[]]>([
  ['gone-on-start', ['relist']],
  ['gone-event', ['relist']],
  ['close', []],
  ['reset', ['watch-failed']],
  ['silence', ['watch-silent']],
  ['truncated-line', ['watch-failed']],
  ['garbage-line', ['bad-event']],
  ['bookmarks', []],
  ['duplicate', []],
  ['reorder', ['relist']],
])('a watch spoilt by %s is seen as such, and ends up whole', async (kind, reports) => {
  const client = cluster.client();
  let isSpoilt = true;
  cluster.proxy.faults = {
    ...NO_FAULTS,
    watch: () => {
      if (!isSpoilt) return undefined;
      isSpoilt = false;
      return { kind, afterEvents: 1 };
    },
  };
  const seen = new Set<string>();
  const listWatch = startListWatch<KubeObject>(client, ConfigMap, {
    namespace: 'default',
    parse: (raw) => ok(raw as KubeObject),
    relistMinMs: 200,
    silenceMs: 2000,
    backoffMaxMs: 100,
    onReport: (report) => seen.add(report.kind),
  });
  try {
    await listWatch.whenSynced;
    await vi.waitFor(() => expect(isSpoilt).toBe(false), 20_000);
    for (let n = 0; n < 4; n += 1) await write(`watch-${n}`, `${kind} ${n}`);
    await vi.waitFor(() => {
      const values = [0, 1, 2, 3].map((n) => listWatch.cache.get(`default/watch-${n}`)?.['data']);
      expect(values).toEqual([0, 1, 2, 3].map((n) => ({ value: `${kind} ${n}` })));
      for (const report of reports) expect([...seen]).toContain(report);
    }, 30_000);
    expect(cluster.proxy.struck.get(`watch ${kind}`)).toBeGreaterThan(0);
  } finally {
    listWatch.stop();
  }
});

test('a cut lets nothing through, in silence or with resets, and healed it lets everything through', async () => {
  const client = cluster.client({ timeoutMs: 1000 });
  for (const [how, kind] of [
    ['silence', 'timeout'],
    ['reset', 'unavailable'],
  ] as const) {
    cluster.proxy.cut(how);
    expect(await getObject(client, ConfigMap, { ...at('kube-root-ca.crt'), maxTries: 1 })).toMatchObject({
      error: { kind },
    });
    cluster.proxy.heal();
    await vi.waitFor(async () => expect((await getObject(client, ConfigMap, at('watch-0'))).ok).toBe(true));
  }
});

test('random faults are the same for the same seed, whatever falls in between', () => {
  const call = (path: string) => ({ method: 'GET', path, isWatch: false });
  const alone = randomFaults({ seed: 5, callShare: 0.5 });
  const mixed = randomFaults({ seed: 5, callShare: 0.5 });
  const other = randomFaults({ seed: 6, callShare: 0.5 });
  const first = Array.from({ length: 100 }, () => alone.call(call('/a')));
  const second = Array.from({ length: 100 }, () => {
    mixed.call(call('/b'));
    return mixed.call(call('/a'));
  });
  expect(second).toEqual(first);
  expect(Array.from({ length: 100 }, () => other.call(call('/a')))).not.toEqual(first);
  expect(new Set(first.map((fault) => fault?.kind)).size).toBeGreaterThan(6);
});
