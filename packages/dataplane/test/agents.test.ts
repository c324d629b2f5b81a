import { agentsCompliance } from './compliance/agents-compliance.ts';
import { MemoryAgentsWorld } from './memory-world/agents-world.ts';

agentsCompliance(async () => new MemoryAgentsWorld());
