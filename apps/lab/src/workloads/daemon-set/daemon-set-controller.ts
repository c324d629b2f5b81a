import { orThrow } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { keyOfController, ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { CONTROLLER_REVISION_HASH, sameJson } from '../template-hash.ts';
import { daemonSpec, planDaemonSet } from './plan-daemon-set.ts';

/** Keeps one pod of each DaemonSet on every node that fits. */
export function daemonSetController({ state, nowMs }: ControllerDeps): Controller {
  return {
    name: 'daemon-set',
    sources: {
      daemonSets: ownKey,
      pods: keyOfController('DaemonSet'),
      nodes: () => state.daemonSets.list().map(({ metadata }) => keyOf(metadata)),
    },
    async reconcile(key) {
      const set = state.daemonSets.get(key);
      if (set === undefined) return undefined;
      const pods = state.pods.controlledBy(set.metadata.uid!);
      const plan = planDaemonSet(set, { nodes: state.nodes.list(), pods, nowMs: nowMs() });
      if (set.metadata.deletionTimestamp === undefined) {
        for (const nodeName of plan.create) {
          const pod = podFromTemplate(set, 'DaemonSet', {
            template: set.spec.template,
            name: { generateName: `${set.metadata.name}-` },
            labels: { [CONTROLLER_REVISION_HASH]: plan.revision },
            spec: { ...daemonSpec(set), nodeName },
          });
          orThrow(await state.pods.create(pod));
        }
        for (const pod of plan.remove) orThrow(await state.pods.delete(pod));
      }
      if (!sameJson(set.status, plan.status)) orThrow(await state.daemonSets.replaceStatus(set, plan.status));
      return plan.status.numberReady === plan.status.numberAvailable ? undefined : { afterMs: 1000 };
    },
  };
}
