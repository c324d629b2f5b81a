import { MemoryHostNetwork } from './host-network.ts';
import { hostNetworkCompliance } from '../../../test/compliance/host-network-compliance.ts';
import { memoryWorld } from '../../../test/memory-world/memory-world.ts';

hostNetworkCompliance(async () => {
  const world = memoryWorld();
  return { ...world, network: new MemoryHostNetwork(world.node) };
});
