import { orThrow } from '@flatland/kube/client/error';
import { keyOfController, ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { CONTROLLER_REVISION_HASH, sameJson } from '../template-hash.ts';
import { planStatefulSet } from './plan-stateful-set.ts';

/** Keeps the numbered pods of each StatefulSet. */
export function statefulSetController({ state, nowMs }: ControllerDeps): Controller {
  return {
    name: 'stateful-set',
    sources: { statefulSets: ownKey, pods: keyOfController('StatefulSet') },
    async reconcile(key) {
      const set = state.statefulSets.get(key);
      if (set === undefined) return undefined;
      const plan = planStatefulSet(set, state.pods.controlledBy(set.metadata.uid!), nowMs());
      if (set.metadata.deletionTimestamp === undefined) {
        for (const { name, ordinal, revision } of plan.create) {
          const pod = podFromTemplate(set, 'StatefulSet', {
            template: set.spec.template,
            name: { name },
            labels: {
              [CONTROLLER_REVISION_HASH]: revision,
              'statefulset.kubernetes.io/pod-name': name,
              'apps.kubernetes.io/pod-index': String(ordinal),
            },
            spec: {
              hostname: name,
              ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
            },
          });
          orThrow(await state.pods.create(pod));
        }
        for (const pod of plan.remove) orThrow(await state.pods.delete(pod));
      }
      if (!sameJson(set.status, plan.status))
        orThrow(await state.statefulSets.replaceStatus(set, plan.status));
      return plan.status.readyReplicas === plan.status.availableReplicas ? undefined : { afterMs: 1000 };
    },
  };
}
