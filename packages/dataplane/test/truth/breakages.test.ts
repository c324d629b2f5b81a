import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { arbitraryTopology } from './arbitrary-topology.ts';
import { BREAKAGES } from './breakages.ts';
import { MemoryTruthWorld } from './memory-truth-world.ts';
import { tellTruth } from './tell-truth.ts';

vi.setConfig({ testTimeout: 600_000 });

/** Topologies until which a broken rule must have been noticed. */
const N_TOPOLOGIES = 200;
/** What is broken stays so: there is nothing to wait for but tunnels. */
const PATIENCE_MS = 12_000;

describe('it is noticed where', () => {
  const topologies = fc.sample(arbitraryTopology, { seed: 1, numRuns: N_TOPOLOGIES });

  it.each(Object.entries(BREAKAGES))('%s', async (_, tamper) => {
    let found: string | undefined;
    for (const topology of topologies) {
      const world = new MemoryTruthWorld({ tamper });
      try {
        found = (await tellTruth(topology, world, PATIENCE_MS)).disagreements[0];
      } finally {
        await world.close();
      }
      if (found !== undefined) break;
    }
    expect(found).toBeTypeOf('string');
  });
});
