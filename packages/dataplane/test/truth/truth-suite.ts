import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryTopology } from './arbitrary-topology.ts';
import { FOUND_TOPOLOGIES } from './found-topologies.ts';
import { bothTruths, NO_TRUTH, tellTruth } from './tell-truth.ts';
import type { TruthTopology } from './topology.ts';
import type { TruthWorld } from './truth-world.ts';

/**
 * Verdict and packet agree, whoever carries the packets: in topologies of a new seed at each run, and in those that
 * once did not. `FLATLAND_SEED` repeats a run, `FLATLAND_TOPOLOGIES` sets how many there are.
 */
export function truthSuite(nTopologies: number, makeWorld: () => Promise<TruthWorld>): void {
  const nRuns = Number(process.env['FLATLAND_TOPOLOGIES'] ?? nTopologies);
  const seed = Number(process.env['FLATLAND_SEED'] ?? Date.now() % 2 ** 31);

  it(`verdict and packet agree for all pairs of instances in ${nRuns} topologies of seed ${seed}`, async () => {
    let sum = NO_TRUTH;
    const property = fc.asyncProperty(arbitraryTopology, async (topology) => {
      const truth = await truthOf(topology, makeWorld);
      sum = bothTruths(sum, truth);
      expect(truth.disagreements).toEqual([]);
    });
    await fc.assert(property, { numRuns: nRuns, seed });
    const { yes, no, unknown } = sum.answers;
    process.stderr.write(
      `verdict and packet: ${nRuns} topologies of seed ${seed}, ${yes} yes, ${no} no, ${unknown} unknown, ${sum.nPackets} packets\n`,
    );
    // A generator of empty worlds would agree with everything.
    expect([yes, no, unknown, sum.nPackets].every((count) => count >= nRuns)).toBe(true);
  });

  for (const [name, topology] of Object.entries(FOUND_TOPOLOGIES))
    it(name, async () => {
      expect((await truthOf(topology, makeWorld)).disagreements).toEqual([]);
    });
}

async function truthOf(topology: TruthTopology, makeWorld: () => Promise<TruthWorld>) {
  const world = await makeWorld();
  try {
    return await tellTruth(topology, world);
  } finally {
    await world.close();
  }
}
