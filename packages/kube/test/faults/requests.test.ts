import { afterAll, beforeAll, expect, test } from 'vitest';
import { sleep } from '../../src/client/clock.ts';
import { orThrow } from '../../src/client/error.ts';
import type { KubeObject } from '../../src/client/object.ts';
import { applyObject, createObject, deleteObject, getObject, listObjects } from '../../src/client/objects.ts';
import { ConfigMap } from '../../src/client/resources.ts';
import { DEFAULT_RETRY } from '../../src/client/retry.ts';
import { CALL_FAULTS, NO_FAULTS } from '../../src/testing/faulty-proxy/fault.ts';
import { randomFaults } from '../../src/testing/faulty-proxy/random-faults.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { FaultyCluster } from './faulty-cluster.ts';
import { recorded } from './recorded-transport.ts';
import type { RecordedTry } from './recorded-transport.ts';

const IS_LONG = process.env['FLATLAND_LONG'] === '1';
const N_OPERATIONS = IS_LONG ? 10_000 : 250;
const N_NAMES = 40;
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_126);
/** Of one try, in real time: the proxy's silence costs so much. */
const TIMEOUT_MS = 400;

let cluster: FaultyCluster;
beforeAll(async () => {
  cluster = await FaultyCluster.start();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test(
  `R-06: ${N_OPERATIONS} operations over an API that breaks every fifth call converge, with at most five tries each`,
  async ({ annotate }) => {
    const clock = new VirtualClock();
    const random = seededRandom(SEED);
    const tries: RecordedTry[] = [];
    const open = cluster.client({ clock, random: seededRandom(SEED + 1), timeoutMs: TIMEOUT_MS });
    const client = recorded(open, (made) => tries.push(made));
    cluster.proxy.faults = randomFaults({ seed: SEED, callShare: 0.2 });
    const desired = new Map<string, string>();
    const waits: number[] = [];
    let nGivenUp = 0;

    for (let n = 0; n < N_OPERATIONS; n += 1) {
      const name = `r06-${Math.floor(random() * N_NAMES)}`;
      const ref = { name, namespace: 'default' };
      const object = { metadata: ref, data: { value: String(n) } };
      const kind = random();
      for (;;) {
        tries.length = 0;
        const isHeldBack = client.breaker.state.phase !== 'closed';
        const answer =
          kind < 0.5
            ? await applyObject(client, ConfigMap, { object, fieldManager: 'me', force: true })
            : kind < 0.7
              ? await deleteObject(client, ConfigMap, ref)
              : kind < 0.8
                ? await createObject(client, ConfigMap, { object })
                : await getObject(client, ConfigMap, ref);
        // What an open breaker holds back is no try, and waits longer.
        if (!isHeldBack && client.breaker.state.phase === 'closed')
          waits.push(...checkTries(tries, client.retry.baseDelayMs));
        const isDone = answer.ok || answer.error.kind === 'notFound';
        if (isDone && kind < 0.5) desired.set(name, String(n));
        if (isDone && kind >= 0.5 && kind < 0.7) desired.delete(name);
        if (kind >= 0.7 && kind < 0.8) {
          if (answer.ok) desired.set(name, String(n));
          else if (answer.error.kind !== 'alreadyExists') {
            // Its first try may have been done unseen; that is looked at, not tried again.
            const found = await getObject<KubeObject>(cluster.direct, ConfigMap, ref);
            if (found.ok) desired.set(name, valueOf(found.value));
          }
          break;
        }
        if (isDone) break;
        nGivenUp += 1;
        await sleep(clock, 1000);
      }
    }

    cluster.proxy.faults = NO_FAULTS;
    const list = orThrow(await listObjects<KubeObject>(cluster.direct, ConfigMap, { namespace: 'default' }));
    const live = list.items.filter(({ metadata }) => metadata.name.startsWith('r06-'));
    expect(Object.fromEntries(live.map((object) => [object.metadata.name, valueOf(object)]))).toEqual(
      Object.fromEntries(desired),
    );
    const struck = Object.fromEntries(cluster.proxy.struck);
    expect(Object.keys(struck).toSorted()).toEqual(CALL_FAULTS.toSorted());
    // Full jitter: waits are spread over all of what they may be.
    expect(Math.max(...waits)).toBeGreaterThan(0.9);
    expect(Math.min(...waits)).toBeLessThan(0.1);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.15);
    await annotate(
      `${N_OPERATIONS} operations, ${waits.length} repeated tries, ${nGivenUp} given up after five; ` +
        `mean jitter ${mean.toFixed(2)}; struck ${JSON.stringify(struck)}`,
    );
  },
  240_000 + N_OPERATIONS * 300,
);

/** Fails where there are too many tries or one is too early or late; gives each wait as a share of the longest that it may be. */
function checkTries(tries: readonly RecordedTry[], baseDelayMs: number): number[] {
  expect(tries.length).toBeLessThanOrEqual(5);
  const shares: number[] = [];
  for (const [index, { beganMs }] of tries.entries()) {
    const before = tries[index - 1];
    if (before === undefined) continue;
    const retryAfterMs = (before.answer.ok ? before.answer.value.retryAfterMs : undefined) ?? 0;
    const jitterMs = beganMs - before.endedMs - retryAfterMs;
    const ceilingMs = Math.min(DEFAULT_RETRY.maxDelayMs, baseDelayMs * 2 ** (index - 1));
    expect(jitterMs).toBeGreaterThanOrEqual(0);
    expect(jitterMs).toBeLessThanOrEqual(ceilingMs);
    shares.push(jitterMs / ceilingMs);
  }
  return shares;
}

function valueOf(object: KubeObject): string {
  return (object as { data?: { value?: string } }).data?.value ?? '';
}
