import { orThrow } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { keyOfController, ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { controllerOf, controllerReference } from '../kinds/meta.ts';
import type { KubeObject } from '../kinds/meta.ts';
import { isTerminal } from '../kinds/pod.ts';
import type { Deployment } from '../kinds/workload.ts';
import { POD_TEMPLATE_HASH, sameJson } from '../template-hash.ts';
import { planDeployment, REVISION } from './plan-deployment.ts';

/** Turns each Deployment into ReplicaSets, and rolls from one template to the next. */
export function deploymentController({ state, nowMs }: ControllerDeps): Controller {
  /* A pod's owner is the ReplicaSet, whose owner is the Deployment: recreate waits for the last pod to go. */
  const keysOfPod = (pod: KubeObject) => {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return [];
    const replicaSet = state.replicaSets.get(keyOf({ name: owner.name, namespace: pod.metadata.namespace }));
    return replicaSet === undefined ? [] : keyOfController('Deployment')(replicaSet);
  };

  return {
    name: 'deployment',
    sources: { deployments: ownKey, replicaSets: keyOfController('Deployment'), pods: keysOfPod },
    async reconcile(key) {
      const deployment = state.deployments.get(key);
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      const replicaSets = state.replicaSets.controlledBy(deployment.metadata.uid!);
      const nPods = new Map(
        replicaSets.map(({ metadata }) => [
          metadata.uid!,
          state.pods.controlledBy(metadata.uid!).filter((pod) => !isTerminal(pod)).length,
        ]),
      );
      const plan = planDeployment(deployment, replicaSets, { nPods, nowMs: nowMs() });
      if (plan.create !== undefined) {
        orThrow(await state.replicaSets.create(replicaSetOf(deployment, plan.create)));
      }
      for (const { replicaSet, replicas } of plan.scale) {
        orThrow(await state.replicaSets.patch(replicaSet, { spec: { replicas } }));
      }
      const annotations = { [REVISION]: String(plan.revision) };
      const { current } = plan;
      if (current !== undefined && current.metadata.annotations?.[REVISION] !== annotations[REVISION]) {
        const latest = state.replicaSets.get(keyOf(current.metadata))!;
        orThrow(await state.replicaSets.patch(latest, { metadata: { annotations } }));
      }
      for (const replicaSet of plan.remove) orThrow(await state.replicaSets.delete(replicaSet));
      if (deployment.metadata.annotations?.[REVISION] !== annotations[REVISION]) {
        // By its status, as Kubernetes does: annotations count as changes of the spec elsewhere.
        orThrow(await state.deployments.patch(deployment, { metadata: { annotations } }, 'status'));
      }
      if (!sameJson(deployment.status, plan.status)) {
        orThrow(await state.deployments.replaceStatus(state.deployments.get(key)!, plan.status));
      }
      return undefined;
    },
  };
}

function replicaSetOf(
  deployment: Deployment,
  about: { hash: string; replicas: number; revision: number },
): KubeObject {
  const { name, namespace } = deployment.metadata;
  const { selector, template, minReadySeconds } = deployment.spec;
  const hash = { [POD_TEMPLATE_HASH]: about.hash };
  return {
    metadata: {
      name: `${name}-${about.hash}`,
      namespace: namespace!,
      labels: { ...template.metadata?.labels, ...hash },
      annotations: { [REVISION]: String(about.revision) },
      ownerReferences: [controllerReference(deployment, 'apps/v1', 'Deployment')],
    },
    spec: {
      replicas: about.replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hash } },
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...hash } },
      },
    },
  };
}
