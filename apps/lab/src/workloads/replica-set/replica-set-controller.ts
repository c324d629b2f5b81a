import { orThrow } from '@flatland/kube/client/error';
import { keyOfController, ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { sameJson } from '../template-hash.ts';
import { planReplicaSet } from './plan-replica-set.ts';

/** Keeps as many pods of each ReplicaSet as it asks for. */
export function replicaSetController({ state, nowMs }: ControllerDeps): Controller {
  return {
    name: 'replica-set',
    sources: { replicaSets: ownKey, pods: keyOfController('ReplicaSet') },
    async reconcile(key) {
      const replicaSet = state.replicaSets.get(key);
      if (replicaSet === undefined) return undefined;
      const pods = state.pods.controlledBy(replicaSet.metadata.uid!);
      const plan = planReplicaSet(replicaSet, pods, nowMs());
      if (replicaSet.metadata.deletionTimestamp === undefined) {
        const { template } = replicaSet.spec;
        const name = { generateName: `${replicaSet.metadata.name}-` };
        for (let n = 0; n < plan.nCreate; n += 1) {
          orThrow(await state.pods.create(podFromTemplate(replicaSet, 'ReplicaSet', { template, name })));
        }
        for (const pod of plan.remove) orThrow(await state.pods.delete(pod));
      }
      if (!sameJson(replicaSet.status, plan.status)) {
        orThrow(await state.replicaSets.replaceStatus(replicaSet, plan.status));
      }
      return waitForAvailability(replicaSet.spec.minReadySeconds, plan.status);
    },
  };
}

/** A pod becomes available by the passing of time alone, of which no event tells. */
function waitForAvailability(
  minReadySeconds: number | undefined,
  status: { readyReplicas?: number; availableReplicas?: number },
): { afterMs: number } | undefined {
  if ((minReadySeconds ?? 0) === 0 || status.readyReplicas === status.availableReplicas) return undefined;
  return { afterMs: 1000 };
}
