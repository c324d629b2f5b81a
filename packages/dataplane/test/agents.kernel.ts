import { agentsCompliance } from './compliance/agents-compliance.ts';
import { KernelAgentsWorld } from './machine/kernel-world.ts';

agentsCompliance(async () => new KernelAgentsWorld());
