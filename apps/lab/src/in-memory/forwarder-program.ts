import type { MemoryProgram } from './memory-program.ts';

/** The forwarder. Its devices are the node's; a start loses their sessions, as that of a process does. */
export const forwarderProgram: MemoryProgram = async ({ forwarder }) => {
  await forwarder.restart();
  return { stop: async () => {} };
};
