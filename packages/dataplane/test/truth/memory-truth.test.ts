import { describe, vi } from 'vitest';
import { scaled } from '../support/scale.ts';
import { MemoryTruthWorld } from './memory-truth-world.ts';
import { truthSuite } from './truth-suite.ts';

vi.setConfig({ testTimeout: scaled(1_800_000, 14_400_000) });

describe('in memory', () => {
  truthSuite(scaled(2_000, 10_000), async () => new MemoryTruthWorld());
});
