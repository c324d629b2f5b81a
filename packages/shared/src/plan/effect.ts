import { indexMemberships, reachableFrom } from '../reachability/membership-index.ts';
import type { Pair } from '../reachability/verdict.ts';
import type { Topology, WorkloadId } from '../topology/topology.ts';
import type { Effect } from './plan.ts';

/** Who reaches whom after but not before, and before but not after. Costs what changed, not what exists. */
export function effectBetween(before: Topology, after: Topology): Effect {
  const was = indexMemberships(before);
  const becomes = indexMemberships(after);
  const gained = new Map<string, Pair>();
  const lost = new Map<string, Pair>();
  for (const id of changedWorkloads(was.domainsOf, becomes.domainsOf)) {
    const reachedBefore = reachableFrom(was, id);
    const reachedAfter = reachableFrom(becomes, id);
    for (const other of reachedAfter) if (!reachedBefore.has(other)) addBoth(gained, id, other);
    for (const other of reachedBefore) if (!reachedAfter.has(other)) addBoth(lost, id, other);
  }
  return { gained: sorted(gained), lost: sorted(lost), restarts: [] };
}

function changedWorkloads(
  was: ReadonlyMap<WorkloadId, ReadonlySet<string>>,
  becomes: ReadonlyMap<WorkloadId, ReadonlySet<string>>,
): WorkloadId[] {
  const ids = new Set([...was.keys(), ...becomes.keys()]);
  return [...ids].filter((id) => !sameSet(was.get(id), becomes.get(id)));
}

function sameSet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return (a?.size ?? 0) === (b?.size ?? 0) && [...(a ?? [])].every((value) => b?.has(value));
}

function addBoth(pairs: Map<string, Pair>, a: WorkloadId, b: WorkloadId): void {
  pairs.set(`${a} ${b}`, { from: a, to: b });
  pairs.set(`${b} ${a}`, { from: b, to: a });
}

function sorted(pairs: ReadonlyMap<string, Pair>): Pair[] {
  return [...pairs.keys()].toSorted().map((key) => pairs.get(key) as Pair);
}
