import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryTopology } from './arbitrary-topology.ts';
import type { Truth } from './check-truth.ts';
import { FOUND_TOPOLOGIES } from './found-topologies.ts';
import { bothTruths, NO_TRUTH, tellTruth } from './tell-truth.ts';
import type { TruthTopology } from './topology.ts';
import type { TruthWorld } from './truth-world.ts';

const MAX_SHOWN = 12;

/**
 * Verdict and packet agree, whoever carries the packets: in topologies of a new seed at each run, and in those that
 * once did not. `FLATLAND_SEED` repeats a run, `FLATLAND_TOPOLOGIES` sets how many there are. `shrinks`: a topology that
 * fails is made smaller, which takes hundreds of runs more.
 */
export function truthSuite(
  nTopologies: number,
  makeWorld: () => Promise<TruthWorld>,
  { shrinks = true }: { readonly shrinks?: boolean } = {},
): void {
  const nRuns = Number(process.env['FLATLAND_TOPOLOGIES'] ?? nTopologies);
  const seed = Number(process.env['FLATLAND_SEED'] ?? Date.now() % 2 ** 31);

  it(`verdict and packet agree for all pairs of instances in ${nRuns} topologies of seed ${seed}`, async () => {
    let sum = NO_TRUTH;
    const property = fc.asyncProperty(arbitraryTopology, async (topology) => {
      const truth = await truthOf(topology, makeWorld);
      sum = bothTruths(sum, truth);
      assertAgreement(truth);
    });
    await fc.assert(property, { numRuns: nRuns, seed, endOnFailure: !shrinks });
    const { yes, no, unknown } = sum.answers;
    process.stderr.write(
      `verdict and packet: ${nRuns} topologies of seed ${seed}, ${yes} yes, ${no} no, ${unknown} unknown, ${sum.nPackets} packets\n`,
    );
    // A generator of empty worlds would agree with everything.
    if (nRuns >= 20) expect(Math.min(yes, no, sum.nPackets)).toBeGreaterThanOrEqual(nRuns);
  });

  for (const [name, topology] of Object.entries(FOUND_TOPOLOGIES))
    it(name, async () => {
      assertAgreement(await truthOf(topology, makeWorld));
    });
}

/** A test's failure in words, and not too many of them. */
function assertAgreement({ disagreements }: Truth): void {
  const shown = disagreements.slice(0, MAX_SHOWN);
  const more = disagreements.length - shown.length;
  if (shown.length > 0) throw new Error([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
}

async function truthOf(topology: TruthTopology, makeWorld: () => Promise<TruthWorld>) {
  const world = await makeWorld();
  try {
    return await tellTruth(topology, world);
  } finally {
    await world.close();
  }
}
