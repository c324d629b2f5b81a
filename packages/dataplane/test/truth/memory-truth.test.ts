import { describe, vi } from 'vitest';
import { scaled } from '../support/scale.ts';
import { MemoryTruthWorld } from './memory-truth-world.ts';
import { truthSuite } from './truth-suite.ts';

vi.setConfig({ testTimeout: scaled(600_000, 7_200_000) });

describe('in memory', () => {
  truthSuite(scaled(300, 2000), async () => new MemoryTruthWorld());
});
