import { watch } from 'node:fs';
import { access } from 'node:fs/promises';
import { isPodUid, podNamespaceName, type PodRuntime } from '../../ports/pod-runtime.ts';
import { NETNS_DIRECTORY } from './router-namespace.ts';

/** Sandboxes whose network namespaces are named `pod-<uid>` under /run/netns. */
export function namedPodRuntime(directory: string = NETNS_DIRECTORY): PodRuntime {
  const prefix = podNamespaceName('');
  return {
    async networkNamespace(podUid) {
      if (!isPodUid(podUid)) return undefined;
      const path = `${directory}/${podNamespaceName(podUid)}`;
      return access(path).then(
        () => path,
        () => undefined,
      );
    },
    watch(listener) {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name?.startsWith(prefix)) listener(name.slice(prefix.length));
      });
      watcher.on('error', () => {});
      return () => watcher.close();
    },
  };
}
