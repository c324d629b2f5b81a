import { err, ok } from '@flatland/shared/result';
import { expect, test } from 'vitest';
import { sleep } from '../../src/client/clock.ts';
import { kubeClientOver } from '../../src/client/kube-client.ts';
import { applyObject, getObject } from '../../src/client/objects.ts';
import { startListWatch } from '../../src/client/list-watch/list-watch.ts';
import { ConfigMap, Namespace, Pod } from '../../src/client/resources.ts';
import type { HttpLimits, HttpRequest, Transport } from '../../src/client/transport.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** A server that keeps what is applied; a fifth of its answers is bad, before or after the work is done. */
function faultyServer(
  clock: VirtualClock,
  random: () => number,
): Transport & {
  readonly stored: Map<string, string>;
  readonly calls: { path: string; atMs: number; retryAfterMs: number | undefined }[];
} {
  const stored = new Map<string, string>();
  const calls: { path: string; atMs: number; retryAfterMs: number | undefined }[] = [];
  return {
    stored,
    calls,
    async exchange(request: HttpRequest) {
      await sleep(clock, random() * 10);
      const call = { path: request.path, atMs: clock.nowMs(), retryAfterMs: undefined as number | undefined };
      calls.push(call);
      const fault = random() < 0.2 ? Math.floor(random() * 9) : undefined;
      const done = fault === undefined || fault >= 5;
      if (done && request.method === 'PATCH') stored.set(request.path.split('?')[0]!, request.body ?? '');
      const text = request.body ?? stored.get(request.path) ?? '{}';
      switch (fault) {
        case undefined:
          return ok({ status: 200, retryAfterMs: undefined, text });
        case 0:
          call.retryAfterMs = 1000;
          return ok({ status: 429, retryAfterMs: 1000, text: '{}' });
        case 1:
          call.retryAfterMs = 2000;
          return ok({ status: 503, retryAfterMs: 2000, text: '{}' });
        case 2:
          return ok({ status: 500, retryAfterMs: undefined, text: 'oops' });
        case 3:
          return err({ kind: 'unreachable', message: 'refused' });
        case 4:
          return ok({ status: 504, retryAfterMs: undefined, text: '{}' });
        case 5:
          await sleep(clock, 3000);
          return err({ kind: 'timeout', message: 'late' });
        case 6:
          return err({ kind: 'cut-off', message: 'reset' });
        case 7:
          return ok({ status: 200, retryAfterMs: undefined, text: text.slice(0, text.length / 2) });
        default:
          return ok({ status: 200, retryAfterMs: undefined, text: '<html>' });
      }
    },
    stream: async () => err({ kind: 'unreachable', message: 'no streams here' }),
    close: async () => {},
  };
}

test('ten thousand writes over an API that fails every fifth time all arrive, with at most five tries each', async () => {
  const clock = new VirtualClock();
  const random = seededRandom(20_261_122);
  const server = faultyServer(clock, random);
  const client = kubeClientOver(server, { cluster: 'faulty', clock, random });
  const desired = new Map<string, string>();
  let nGivenUp = 0;

  for (let i = 0; i < 10_000; i += 1) {
    const name = `m${i % 100}`;
    const object = { metadata: { name, namespace: 'default' }, data: { value: String(i) } };
    const path = `/api/v1/namespaces/default/configmaps/${name}`;
    desired.set(path, String(i));
    for (;;) {
      const nBefore = server.calls.length;
      const applied = await applyObject(client, ConfigMap, { object, fieldManager: 'me' });
      const tries = server.calls.slice(nBefore);
      expect(tries.length).toBeLessThanOrEqual(5);
      for (const [index, call] of tries.entries()) {
        const next = tries[index + 1];
        if (next !== undefined) expect(next.atMs - call.atMs).toBeGreaterThanOrEqual(call.retryAfterMs ?? 0);
      }
      if (applied.ok) break;
      nGivenUp += 1;
      await sleep(clock, 1000);
    }
  }

  expect(nGivenUp).toBeGreaterThan(0);
  expect(nGivenUp).toBeLessThan(50);
  const values = [...server.stored].map(([path, body]) => [
    path,
    (JSON.parse(body) as { data: { value: string } }).data.value,
  ]);
  expect(new Map(values as [string, string][])).toEqual(desired);
}, 60_000);

test('a cluster that swallows everything is given up within ten seconds, and no other is touched', async () => {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const hole: Transport = {
    async exchange() {
      await sleep(clock, 3000);
      return err({ kind: 'unreachable', message: 'no connection in time' });
    },
    stream: async () => err({ kind: 'unreachable', message: 'no connection in time' }),
    close: async () => {},
  };
  const dead = kubeClientOver(hole, { cluster: 'dead', clock, random });
  const alive = kubeClientOver(
    faultyServer(clock, () => 0.9),
    { cluster: 'alive', clock, random },
  );
  const ref = { name: 'a', namespace: 'default' };

  while (dead.breaker.state.phase !== 'open') await getObject(dead, ConfigMap, { ...ref, maxTries: 1 });
  expect(clock.nowMs()).toBeLessThan(10_000);
  const askedMs = clock.nowMs();
  expect(await getObject(dead, ConfigMap, { ...ref, maxTries: 1 })).toMatchObject({
    error: { kind: 'unavailable', sent: false },
  });
  expect(clock.nowMs()).toBe(askedMs);
  expect(await getObject(alive, ConfigMap, ref)).toMatchObject({ ok: true });
  expect(alive.breaker.state.phase).toBe('closed');
});

/** A server that takes every request and never answers. */
function silentServer(clock: VirtualClock): Transport {
  const silence = async (_: HttpRequest, limits: HttpLimits) => {
    await sleep(clock, limits.timeoutMs);
    return err({ kind: 'timeout' as const, message: 'no complete answer in time' });
  };
  return { exchange: silence, stream: silence, close: async () => {} };
}

test('R-06: a cluster that takes requests and answers none is given up within ten seconds by whoever watches it', async () => {
  const clock = new VirtualClock();
  const random = seededRandom(3);
  const silent = kubeClientOver(silentServer(clock), { cluster: 'silent', clock, random });
  const types = [ConfigMap, Namespace, Pod];
  const watches = types.map((type) =>
    startListWatch(silent, type, { parse: (raw) => ok(raw), onReport: () => {} }),
  );
  while (silent.breaker.state.phase !== 'open') await sleep(clock, 100);
  expect(clock.nowMs()).toBeLessThan(10_000);
  for (const watch of watches) watch.stop();
});

test('R-12: after an outage of any length all watches are in step within ten seconds', async () => {
  const tookMs: number[] = [];
  for (let seed = 1; seed <= 300; seed += 1) {
    const clock = new VirtualClock();
    const random = seededRandom(seed);
    let isAway = true;
    const empty = '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}';
    const transport: Transport = {
      async exchange() {
        await sleep(clock, 2 + random() * 20);
        return isAway
          ? err({ kind: 'cut-off', message: 'reset' })
          : ok({ status: 200, retryAfterMs: undefined, text: empty });
      },
      stream: async () => new Promise(() => {}),
      close: async () => {},
    };
    const client = kubeClientOver(transport, { cluster: 'c', clock, random });
    const types = seed % 2 === 0 ? [ConfigMap] : [ConfigMap, Namespace, Pod];
    const watches = types.map((type) => startListWatch(client, type, { parse: (raw) => ok(raw) }));
    await sleep(clock, random() * 600_000);
    isAway = false;
    const healedMs = clock.nowMs();
    await Promise.all(watches.map(({ whenSynced }) => whenSynced));
    tookMs.push(clock.nowMs() - healedMs);
    for (const watch of watches) watch.stop();
  }
  expect(Math.max(...tookMs)).toBeLessThan(10_000);
});

test('whoever waits for a cluster is told when it answers again', async () => {
  const clock = new VirtualClock();
  let up = false;
  const transport: Transport = {
    exchange: async () =>
      up
        ? ok({ status: 200, retryAfterMs: undefined, text: '{}' })
        : err({ kind: 'unreachable', message: 'refused' }),
    stream: async () => err({ kind: 'unreachable', message: 'refused' }),
    close: async () => {},
  };
  const client = kubeClientOver(transport, { cluster: 'c', clock, random: () => 0.5 });
  let nTold = 0;
  client.onRecovered(() => (nTold += 1));
  const ref = { name: 'a', namespace: 'default', maxTries: 1 };
  for (let i = 0; i < 10; i += 1) await getObject(client, ConfigMap, ref);
  up = true;
  expect(await getObject(client, ConfigMap, ref)).toMatchObject({ ok: false });
  await sleep(clock, 1000);
  expect(await getObject(client, ConfigMap, ref)).toMatchObject({ ok: true });
  await getObject(client, ConfigMap, ref);
  expect(nTold).toBe(1);
});
