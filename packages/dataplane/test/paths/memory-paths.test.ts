import { MemoryTruthWorld } from '../truth/memory-truth-world.ts';
import { pathsSuite } from './paths-suite.ts';

pathsSuite(async () => new MemoryTruthWorld());
