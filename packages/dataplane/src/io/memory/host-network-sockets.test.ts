import { namespaceSocketsCompliance } from '../../../test/compliance/namespace-sockets-compliance.ts';
import { memoryWorld } from '../../../test/memory-world/memory-world.ts';
import { MemoryHostNetwork } from './host-network.ts';
import { memoryNamespaceSockets } from './host-network-sockets.ts';

namespaceSocketsCompliance(async () => {
  const world = memoryWorld();
  return {
    ...world,
    network: new MemoryHostNetwork(world.node),
    sockets: memoryNamespaceSockets(world.node),
  };
});
