import type { Plan } from '@flatland/shared/plan/plan';
import type { Pair } from '@flatland/shared/reachability/verdict';
import type { ProofRow } from '../journal/change-set-record.ts';
import type { World } from '../state/world.ts';

/** Pairs of an effect that are proved by packets; of a larger effect a part that is spread evenly over it. */
export const MAX_PROOFS = 64;

/**
 * What packets should do once a plan is applied: pass between pairs that it gains, and not between those that it
 * loses. `before` is the world that the plan was made over, which knows addresses that a lost pair will have no more.
 */
export function expectedProofs(plan: Plan, before: World): { proofs: ProofRow[]; nNotProbed: number } {
  const all = [
    ...plan.effect.gained.map((pair) => proofOf(pair, true, before)),
    ...plan.effect.lost.map((pair) => proofOf(pair, false, before)),
  ];
  const proofs = spread(all, MAX_PROOFS);
  return { proofs, nNotProbed: all.length - proofs.length };
}

function proofOf(pair: Pair, expected: boolean, before: World): ProofRow {
  const { domains } = before.reachability.verdict({ workload: pair.from }, { workload: pair.to });
  const members = (before.topology.workloads[pair.to]?.instances ?? []).flatMap(
    (instance) => instance.members,
  );
  const shared = members.filter(({ domain }) => domains.includes(domain));
  return {
    pair,
    expected,
    state: 'pending',
    lastAddresses: (shared.length > 0 ? shared : members).flatMap(({ addresses }) => addresses),
  };
}

function spread<T>(items: readonly T[], max: number): T[] {
  if (items.length <= max) return [...items];
  return Array.from({ length: max }, (_, n) => items[Math.floor((n * items.length) / max)]!);
}
