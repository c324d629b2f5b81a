import { DEFAULT_CRI_SOCKET } from '@flatland/shared/manifest/install/workloads';
import { CLUSTERS } from './layout.ts';
import { findMachine, type RunningMachine } from './machine.ts';

/** The running nodes of every cluster. */
export function nodes(directory: string): Promise<RunningMachine[]> {
  const names = CLUSTERS.flatMap((cluster) => cluster.nodes.map(({ name }) => name));
  return Promise.all(names.map((name) => findMachine(directory, name)));
}

/** Runs `ctr images` on a node, over what its kubelet uses. */
export function images(machine: RunningMachine, ...words: readonly string[]): Promise<string> {
  return machine.run(['ctr', '-a', DEFAULT_CRI_SOCKET, '-n', 'k8s.io', 'images', ...words]);
}
