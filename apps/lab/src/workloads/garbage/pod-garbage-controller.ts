import { orThrow } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';

/** Removes pods that no kubelet will ever remove: on a node that is gone, or deleted before they had one. */
export function podGarbageController({ state }: ControllerDeps): Controller {
  return {
    name: 'pod-garbage',
    sources: { pods: ownKey, nodes: () => state.pods.list().map(({ metadata }) => keyOf(metadata)) },
    async reconcile(key) {
      const pod = state.pods.get(key);
      if (pod === undefined) return undefined;
      const { nodeName } = pod.spec;
      const isUnbound = !nodeName && pod.metadata.deletionTimestamp !== undefined;
      const isOrphaned = Boolean(nodeName) && state.nodes.get(nodeName!) === undefined;
      if (isUnbound || isOrphaned) orThrow(await state.pods.delete(pod, { gracePeriodSeconds: 0 }));
      return undefined;
    },
  };
}
