import { connectRefusal } from '@flatland/shared/intent/connect';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { Topology } from '@flatland/shared/topology/topology';
import { refOf, type ElementKey } from '../model/element-key.ts';

/** Each possible target of a gesture: undefined where it is legal, else why not. */
export type Legality = ReadonlyMap<ElementKey, Refusal | undefined>;

/** Judges targets for a source by the same grammar that stages the gesture. */
export function judgeTargets(
  source: ElementKey,
  targets: Iterable<ElementKey>,
  topology: Topology,
): Map<ElementKey, Refusal | undefined> {
  const judged = new Map<ElementKey, Refusal | undefined>();
  const from = refOf(source);
  if (from === undefined) return judged;
  for (const target of targets) {
    const to = target === source ? undefined : refOf(target);
    if (to !== undefined) judged.set(target, connectRefusal(from, to, topology));
  }
  return judged;
}

/** Judges targets for several sources: legal where it is so for one of them. */
export function judgeTogether(
  sources: readonly ElementKey[],
  targets: readonly ElementKey[],
  topology: Topology,
): Legality {
  const [first, ...rest] = sources.map((source) => judgeTargets(source, targets, topology));
  const together = first ?? new Map<ElementKey, Refusal | undefined>();
  for (const judged of rest)
    for (const [target, refusal] of judged)
      if (refusal === undefined || !together.has(target)) together.set(target, refusal);
  return together;
}
