import { kubeletSocket } from '../data-directory.ts';
import { kubeletDialer } from '../kubelet/server/kubelet-dialer.ts';
import type { LabNodes } from '../lab/nodes.ts';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';
import { startMachine } from './start-machine.ts';
import type { MachineOptions } from './start-machine.ts';

/** Nodes as namespaces of a private machine. The machine begins to be built at once. */
export function kernelNodes(options: MachineOptions): LabNodes {
  const machine = startMachine(options);
  // Told by `start` too, which may come later.
  machine.built.catch(() => {});
  const names = new Set(LAB_CLUSTERS.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  return {
    // Relative to the working directory, which is the data directory.
    kubelets: kubeletDialer((name) => (names.has(name) ? kubeletSocket('.', name) : undefined)),
    async start(clusters) {
      await machine.built;
      const { directory, nodePath } = options;
      await machine.startNodes({ clusters, dataDirectory: directory.root, nodePath });
    },
    stop: () => machine.stop(),
  };
}
