import { afterAll } from 'vitest';
import { agentsCompliance } from './compliance/agents-compliance.ts';
import { KernelFleet } from './machine/kernel-fleet.ts';
import { KernelAgentsWorld } from './machine/kernel-world.ts';

const fleet = new KernelFleet();
afterAll(() => fleet.close());

agentsCompliance(async () => new KernelAgentsWorld(fleet));
