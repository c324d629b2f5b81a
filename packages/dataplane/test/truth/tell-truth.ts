import type { Verdict } from '@flatland/shared/reachability/verdict';
import { buildWorld } from './build-world.ts';
import { checkTruth, PATIENCE_MS, type Truth } from './check-truth.ts';
import { forge } from './forge.ts';
import { happen } from './happen.ts';
import type { TruthTopology } from './topology.ts';
import type { TruthWorld } from './truth-world.ts';

export const NO_TRUTH: Truth = { disagreements: [], answers: { yes: 0, no: 0, unknown: 0 }, nPackets: 0 };

/** The whole truth about a topology: once it is made, after what happens then, and when members lie. */
export async function tellTruth(
  topology: TruthTopology,
  world: TruthWorld,
  patienceMs = PATIENCE_MS,
): Promise<Truth> {
  await buildWorld(topology, world);
  const made = await checkTruth(topology, world, patienceMs);
  if (made.disagreements.length > 0) return made;
  const after = await happen(topology, world);
  const happened = after === undefined ? NO_TRUTH : await checkTruth(after, world, patienceMs);
  return {
    ...bothTruths(made, happened),
    disagreements: [
      ...happened.disagreements.map((text) => `after ${topology.happens.what}: ${text}`),
      ...(await forge(after ?? topology, world)),
    ],
  };
}

/** Two truths as one. */
export function bothTruths(a: Truth, b: Truth): Truth {
  const sum = (answer: Verdict['answer']) => a.answers[answer] + b.answers[answer];
  return {
    disagreements: [...a.disagreements, ...b.disagreements],
    answers: { yes: sum('yes'), no: sum('no'), unknown: sum('unknown') },
    nPackets: a.nPackets + b.nPackets,
  };
}
