import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { sendRequest } from '@flatland/kube/client/request';
import { resourcePath } from '@flatland/kube/client/resource';
import { Pod as PodResource } from '@flatland/kube/client/resources';
import { ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { withCondition } from '../kinds/meta.ts';
import type { Node } from '../kinds/node.ts';
import { isTerminal } from '../kinds/pod.ts';
import type { Pod } from '../kinds/pod.ts';
import { sameJson } from '../template-hash.ts';
import { chooseNode } from './choose-node.ts';

/** Binds pods that have no node yet. */
export function scheduler({ state, nowMs }: ControllerDeps, client: KubeClient): Controller {
  const waiting = () => state.pods.list().filter(isWaiting);
  /* Where a pod went before the watch tells of it, so that the next choice counts it. */
  const bound = new Map<string, string>();

  return {
    name: 'scheduler',
    sources: {
      pods: (pod) => (isWaiting(pod as Pod) ? ownKey(pod) : []),
      nodes: () => waiting().flatMap(ownKey),
    },
    async reconcile(key) {
      const pod = state.pods.get(key);
      if (pod === undefined || !isWaiting(pod) || bound.has(pod.metadata.uid!)) return undefined;
      const nodes = state.nodes.list();
      // Binding before the cluster's nodes have come up would put everything on the first one.
      if (nodes.some((node) => isStarting(node, nowMs()))) return { afterMs: STARTING_RETRY_MS };
      const pods = state.pods.list();
      forgetTold(bound, pods);
      const choice = chooseNode(
        pod,
        nodes,
        pods.map((other) => withNode(other, bound.get(other.metadata.uid!))),
      );
      if (!choice.ok) {
        const condition = {
          type: 'PodScheduled',
          status: 'False' as const,
          reason: 'Unschedulable',
          message: choice.error,
        };
        const conditions = withCondition(pod.status?.conditions, condition, nowMs());
        if (!sameJson(conditions, pod.status?.conditions)) {
          orThrow(await state.pods.patch(pod, { status: { conditions } }, 'status'));
        }
        return undefined;
      }
      bound.set(pod.metadata.uid!, choice.value);
      try {
        await bind(client, pod, choice.value);
      } catch (error) {
        bound.delete(pod.metadata.uid!);
        throw error;
      }
      return undefined;
    },
  };
}

const STARTING_RETRY_MS = 500;
const STARTING_MS = 60_000;

/** True for a node that has been announced and whose kubelet has not spoken yet. */
function isStarting(node: Node, nowMs: number): boolean {
  const isSilent = !(node.status?.conditions ?? []).some(({ type }) => type === 'Ready');
  return isSilent && nowMs - Date.parse(node.metadata.creationTimestamp ?? '') < STARTING_MS;
}

function isWaiting(pod: Pod): boolean {
  return (
    !pod.spec.nodeName &&
    !isTerminal(pod) &&
    pod.metadata.deletionTimestamp === undefined &&
    (pod.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler'
  );
}

function withNode(pod: Pod, node: string | undefined): Pod {
  return node === undefined || pod.spec.nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName: node } };
}

function forgetTold(bound: Map<string, string>, pods: readonly Pod[]): void {
  const unbound = new Set(pods.filter(({ spec }) => !spec.nodeName).map(({ metadata }) => metadata.uid!));
  for (const uid of bound.keys()) {
    if (!unbound.has(uid)) bound.delete(uid);
  }
}

async function bind(client: KubeClient, pod: Pod, node: string): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const path = resourcePath(PodResource, { name, namespace, subresource: 'binding' });
  if (!path.ok) throw new Error(path.error);
  orThrow(
    await sendRequest(client, {
      method: 'POST',
      path: path.value,
      idempotency: 'idempotent',
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      },
    }),
  );
}
