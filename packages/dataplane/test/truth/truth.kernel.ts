import { afterAll, describe, vi } from 'vitest';
import { KernelFleet } from '../machine/kernel-fleet.ts';
import { scaled } from '../support/scale.ts';
import { KernelTruthWorld } from './kernel-truth-world.ts';
import { truthSuite } from './truth-suite.ts';

vi.setConfig({ testTimeout: scaled(1_200_000, 14_400_000) });

const fleet = new KernelFleet();
afterAll(() => fleet.close());

describe('in the kernel', () => {
  truthSuite(scaled(20, 200), async () => new KernelTruthWorld(fleet), { shrinks: false });
});
