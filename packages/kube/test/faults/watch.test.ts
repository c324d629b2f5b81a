import { setTimeout as sleep } from 'node:timers/promises';
import { ok } from '@flatland/shared/result';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { orThrow } from '../../src/client/error.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { startListWatch } from '../../src/client/list-watch/list-watch.ts';
import type { Change } from '../../src/client/list-watch/object-cache.ts';
import type { KubeObject } from '../../src/client/object.ts';
import { applyObject, deleteObject, listObjects } from '../../src/client/objects.ts';
import { ConfigMap } from '../../src/client/resources.ts';
import { NO_FAULTS } from '../../src/testing/faulty-proxy/fault.ts';
import { randomFaults } from '../../src/testing/faulty-proxy/random-faults.ts';
import { FaultyCluster } from './faulty-cluster.ts';
import { recorded } from './recorded-transport.ts';
import type { RecordedTry } from './recorded-transport.ts';
import { schedules } from './watch-schedule.ts';
import type { Happening, Schedule } from './watch-schedule.ts';

const IS_LONG = process.env['FLATLAND_LONG'] === '1';
const N_SCHEDULES = IS_LONG ? 1000 : 12;
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_126);
/** A twentieth of the times that agents have, so that a schedule takes a second. */
const RELIST_MIN_MS = 500;
const SILENCE_MS = 1000;
/** Of one try. A new connection takes a while where the machine is busy, and a breaker that opened waits for one. */
const TIMEOUT_MS = 3000;
/** The machine may be busy; how long it took is told. */
const PATIENCE_MS = 120_000;

let cluster: FaultyCluster;
beforeAll(async () => {
  cluster = await FaultyCluster.start({ bookmarkEveryMs: 200 });
});
afterAll(() => cluster[Symbol.asyncDispose]());

test(
  `R-07: over ${N_SCHEDULES} schedules of broken watches the cache ends as the server is, and lists are rare`,
  async ({ annotate }) => {
    const tookMs: number[] = [];
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        tookMs.push(await check(schedule));
      }),
      { numRuns: N_SCHEDULES, seed: SEED, endOnFailure: true },
    );
    const sorted = tookMs.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    await annotate(
      `from the end of faults to an equal cache: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms ` +
        `(silence ${SILENCE_MS} ms, relist ${RELIST_MIN_MS} ms); ` +
        `struck ${JSON.stringify(Object.fromEntries(cluster.proxy.struck))}`,
    );
    const kinds = [...cluster.proxy.struck.keys()].filter((kind) => kind.startsWith('watch '));
    expect(kinds.length).toBeGreaterThanOrEqual(6);
  },
  240_000 + N_SCHEDULES * 10_000,
);

/** Performs a schedule; gives the milliseconds from the end of all faults until the cache was the server's. */
async function check(schedule: Schedule): Promise<number> {
  const { proxy, direct } = cluster;
  const lists: RecordedTry[] = [];
  const client = recorded(cluster.client({ timeoutMs: TIMEOUT_MS }), (made) => {
    // One object alone is asked for to see the server's version.
    const isPeek = new URLSearchParams(made.request.path.split('?')[1]).get('limit') === '1';
    if (made.request.method === 'GET' && !isPeek) lists.push(made);
  });
  const heard = new Map<string, KubeObject>();
  const faults: string[] = [];
  let mustThrow = false;
  const hear = (change: Change<KubeObject>) => {
    if (heard.has(change.key) === (change.type === 'added')) faults.push(`${change.type} ${change.key}`);
    if (change.type === 'deleted') heard.delete(change.key);
    else heard.set(change.key, change.object);
  };
  proxy.faults = randomFaults(schedule);
  const listWatch = startListWatch<KubeObject>(client, ConfigMap, {
    namespace: 'default',
    parse: (raw) => ok(raw as KubeObject),
    pageSize: 3,
    relistMinMs: RELIST_MIN_MS,
    silenceMs: SILENCE_MS,
    backoffBaseMs: 20,
    backoffMaxMs: 100,
    onChanges(changes) {
      for (const change of changes) hear(change);
      if (mustThrow) {
        mustThrow = false;
        throw new Error('a handler that throws');
      }
    },
  });
  try {
    // Some schedules begin before there is a watch, as fast as they can.
    if (schedule.callShare === 0) await vi.waitFor(() => expect(proxy.nWatches).toBe(1), PATIENCE_MS);
    for (const [n, happening] of schedule.happenings.entries()) {
      if (happening.kind === 'throw') mustThrow = true;
      else await perform(happening, `${schedule.seed} ${n}`);
    }
    proxy.faults = NO_FAULTS;
    proxy.heal();
    const healedMs = performance.now();
    await vi.waitFor(
      async () => {
        const expected = await items(direct);
        expect(listWatch.cache.list()).toEqual(expected);
        expect([...heard.values()].toSorted(byName)).toEqual(expected);
      },
      { timeout: PATIENCE_MS, interval: 20 },
    );
    const tookMs = performance.now() - healedMs;
    expect(faults).toEqual([]);
    expect(tooEarly(lists)).toEqual([]);
    return tookMs;
  } finally {
    proxy.heal();
    listWatch.stop();
    await client.close();
  }
}

async function perform(happening: Exclude<Happening, { kind: 'throw' }>, value: string): Promise<void> {
  const { proxy, direct, embedded } = cluster;
  switch (happening.kind) {
    case 'put': {
      const object = { metadata: { name: happening.name, namespace: 'default' }, data: { value } };
      orThrow(await applyObject(direct, ConfigMap, { object, fieldManager: 'test', force: true }));
      return;
    }
    case 'delete':
      await deleteObject(direct, ConfigMap, { name: happening.name, namespace: 'default' });
      return;
    case 'pass':
      await sleep(happening.ms);
      return;
    case 'spoil':
      proxy.spoilWatches(happening.fault);
      return;
    case 'cut':
      proxy.cut(happening.how);
      await sleep(happening.ms);
      proxy.heal();
      return;
    case 'compact':
      embedded.server.forgetHistory();
      return;
  }
}

/** First pages that were asked for sooner after a complete list than lists may be. */
function tooEarly(tries: readonly RecordedTry[]): string[] {
  let completeMs = -Infinity;
  const early: string[] = [];
  for (const { request, beganMs, endedMs, answer } of tries) {
    if (!request.path.includes('continue=') && beganMs < completeMs + RELIST_MIN_MS)
      early.push(`after ${beganMs - completeMs} ms`);
    if (isLastPage(answer)) completeMs = endedMs;
  }
  return early;
}

function isLastPage(answer: RecordedTry['answer']): boolean {
  if (!answer.ok || answer.value.status !== 200) return false;
  try {
    return !(JSON.parse(answer.value.text) as { metadata: { continue?: string } }).metadata.continue;
  } catch {
    return false;
  }
}

async function items(client: KubeClient): Promise<KubeObject[]> {
  const listed = orThrow(await listObjects<KubeObject>(client, ConfigMap, { namespace: 'default' }));
  return listed.items.toSorted(byName);
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
