import { afterAll, vi } from 'vitest';
import { KernelFleet } from '../machine/kernel-fleet.ts';
import { KernelTruthWorld } from '../truth/kernel-truth-world.ts';
import { pathsSuite } from './paths-suite.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const fleet = new KernelFleet();
afterAll(() => fleet.close());

pathsSuite(async () => new KernelTruthWorld(fleet));
