import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import type { Intent } from '../intent/intent.ts';
import { indexMemberships, sharedDomains } from '../reachability/membership-index.ts';
import { arbitraryIntents } from '../testing/arbitrary-intent.ts';
import { arbitraryWorld } from '../testing/arbitrary-world.ts';
import { snapshotOf } from '../testing/world.ts';
import { buildTopology } from '../topology/build-topology.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import type { Topology } from '../topology/topology.ts';
import { applyToSnapshot } from './apply-to-snapshot.ts';
import { planChange } from './plan-change.ts';

const RUNS = { numRuns: 300 };

const arbitraryCase = arbitraryWorld.chain((world) => {
  const snapshot = snapshotOf(world);
  return arbitraryIntents(buildTopology(snapshot)).map((intents) => ({ snapshot, intents }));
});

const OPPOSITE: Readonly<Record<string, string>> = { leave: 'join', unspan: 'span' };

/** Whether a later intent undoes this one, so that planning this one alone is another change. */
function isTakenBack(intent: Intent, later: readonly Intent[]): boolean {
  const about = (one: Intent) =>
    JSON.stringify({ ...one, kind: '' }, ['kind', 'cluster', 'domain', 'workload']);
  return later.some((other) => OPPOSITE[other.kind] === intent.kind && about(other) === about(intent));
}

describe('a plan', () => {
  const isEmptyAgain = fc.property(arbitraryCase, ({ snapshot, intents }) => {
    const first = planChange({ snapshot, intents });
    fc.pre(first.refusals.length === 0);
    const again = planChange({
      snapshot: applyToSnapshot(snapshot, first.steps),
      intents: intents.filter(
        (intent, index) =>
          !['leave', 'delete-domain', 'unspan', 'create-domain'].includes(intent.kind) &&
          !isTakenBack(intent, intents.slice(index + 1)),
      ),
    });
    const undone = new Set(first.steps.filter((step) => step.action === 'delete').map((step) => step.id));
    expect(again.steps.filter((step) => !undone.has(step.id))).toEqual([]);
  });

  it('is empty when planned again after applying', () => {
    fc.assert(isEmptyAgain, RUNS);
  });

  it.each([
    { seed: 1500008563, path: '4814:37' },
    { seed: -1198903518, path: '14545:28' },
  ])('is empty when planned again, where a later intent takes an earlier one back (seed $seed)', (found) => {
    fc.assert(isEmptyAgain, found);
  });

  it('does not depend on the order of clusters and objects', () => {
    fc.assert(
      fc.property(arbitraryCase, fc.infiniteStream(fc.nat()), ({ snapshot, intents }, stream) => {
        expect(JSON.stringify(planChange({ snapshot: shuffled(snapshot, stream), intents }))).toBe(
          JSON.stringify(planChange({ snapshot, intents })),
        );
      }),
      RUNS,
    );
  });

  it('has the effect that reachability says afterwards', () => {
    fc.assert(
      fc.property(arbitraryCase, ({ snapshot, intents }) => {
        const plan = planChange({ snapshot, intents });
        const before = pairs(buildTopology(snapshot));
        const after = pairs(buildTopology(applyToSnapshot(snapshot, plan.steps)));
        expect(plan.effect.gained.map(pairText)).toEqual(
          [...after].filter((pair) => !before.has(pair)).toSorted(),
        );
        expect(plan.effect.lost.map(pairText)).toEqual(
          [...before].filter((pair) => !after.has(pair)).toSorted(),
        );
      }),
      RUNS,
    );
  });

  it('adds before it removes', () => {
    fc.assert(
      fc.property(arbitraryCase, ({ snapshot, intents }) => {
        const actions = planChange({ snapshot, intents }).steps.map((step) => step.action === 'delete');
        expect(actions).toEqual(actions.toSorted((a, b) => Number(a) - Number(b)));
      }),
      RUNS,
    );
  });
});

function pairs(topology: Topology): Set<string> {
  const index = indexMemberships(topology);
  const ids = Object.keys(topology.workloads);
  return new Set(
    ids.flatMap((a) =>
      ids
        .filter((b) => a !== b && sharedDomains(index, a, b).length > 0)
        .map((b) => pairText({ from: a, to: b })),
    ),
  );
}

function pairText(pair: { from: string; to: string }): string {
  return `${pair.from} ${pair.to}`;
}

function shuffled(snapshot: Snapshot, stream: fc.Stream<number>): Snapshot {
  const shuffle = <T>(list: readonly T[]) => {
    const keys = stream.take(list.length);
    return list
      .map((item) => ({ item, key: keys.next().value ?? 0 }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item);
  };
  return {
    clusters: shuffle(
      snapshot.clusters.map((cluster) => ({ ...cluster, objects: shuffle(cluster.objects) })),
    ),
  };
}
