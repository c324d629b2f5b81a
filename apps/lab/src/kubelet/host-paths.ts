import { join } from 'node:path';
import type { Container, Pod } from '../workloads/kinds/pod.ts';

/** A directory of the node that a container has: where its spec mounts it, and where it is. */
export type HostPath = { readonly mountPath: string; readonly directory: string };

/**
 * The hostPath volumes of a container that lie outside `/run`, each as a directory below `disk`, the node's own disk:
 * nothing of the machine's is written. `/run` itself is the node's already.
 */
export function hostPaths(pod: Pod, container: Container, disk: string): HostPath[] {
  const paths = new Map((pod.spec.volumes ?? []).map(({ name, hostPath }) => [name, hostPath?.path]));
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const path = paths.get(name);
    if (path === undefined || path === '/run' || path.startsWith('/run/')) return [];
    return [{ mountPath, directory: join(disk, join('/', path)) }];
  });
}

/**
 * An environment in which values that lie in a mount name the directory behind it. The lab's containers have no root
 * file system of their own in which it could be mounted.
 */
export function withHostPaths(
  environment: Readonly<Record<string, string>>,
  paths: readonly HostPath[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      const path = paths.find(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`));
      return [name, path === undefined ? value : path.directory + value.slice(path.mountPath.length)];
    }),
  );
}
