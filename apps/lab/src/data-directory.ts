import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where everything of a lab is. Sockets are named relative to `root`, because their paths must be short. */
export type DataDirectory = {
  readonly root: string;
  readonly kubeconfig: string;
  /** Ports and the like of the last run. */
  readonly labFile: string;
  readonly clusters: string;
  readonly nodes: string;
  readonly logs: string;
  readonly compileCache: string;
};

/** Lays the data directory out. Readable by its owner only. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const root = resolve(path);
  const directory: DataDirectory = {
    root,
    kubeconfig: join(root, 'kubeconfig'),
    labFile: join(root, 'lab.json'),
    clusters: join(root, 'clusters'),
    nodes: join(root, 'nodes'),
    logs: join(root, 'log'),
    compileCache: join(root, 'cache', 'compile'),
  };
  await mkdir(root, { recursive: true, mode: 0o700 });
  const made = [
    directory.clusters,
    directory.nodes,
    directory.logs,
    directory.compileCache,
    join(root, 'run'),
  ];
  await Promise.all(made.map((one) => mkdir(one, { recursive: true, mode: 0o700 })));
  return directory;
}

/** The lab's own parts of a data directory, which a reset removes; others' files in it stay. */
export const LAB_ENTRIES = ['cache', 'clusters', 'kubeconfig', 'lab.json', 'log', 'nodes', 'run'] as const;

/** Path of a cluster's API socket below a root: the data directory, or where it is bound. */
export function apiSocket(root: string, cluster: string): string {
  return join(root, 'run', `api-${cluster}.sock`);
}

/** Path of a kubelet's socket. */
export function kubeletSocket(root: string, node: string): string {
  return join(root, 'run', `kubelet-${node}.sock`);
}

/** Path of the lab's control socket. */
export function controlSocket(root: string): string {
  return join(root, 'run', 'control.sock');
}
