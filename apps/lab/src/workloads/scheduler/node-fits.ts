import { conditionIsTrue } from '../kinds/meta.ts';
import type { Node, Taint } from '../kinds/node.ts';
import type { PodSpec, Toleration } from '../kinds/pod.ts';

/** Why a pod may not run on a node, in Kubernetes' words; undefined where it may. */
export function unfitness(spec: PodSpec, node: Node): string | undefined {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  const taint = taintsOf(node).find(
    (one) =>
      (one.effect === 'NoSchedule' || one.effect === 'NoExecute') && !tolerates(spec.tolerations ?? [], one),
  );
  if (taint === undefined) return undefined;
  return taint.key === UNSCHEDULABLE.key
    ? 'node(s) were unschedulable'
    : `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
}

/** True where a pod may be bound to the node at all: the kubelet says that it is ready. */
export function isNodeReady(node: Node): boolean {
  return conditionIsTrue(node.status?.conditions, 'Ready');
}

/** The tolerations that every pod of a DaemonSet has, so that it runs on cordoned and unready nodes too. */
export const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function taintsOf(node: Node): Taint[] {
  const taints = [...(node.spec?.taints ?? [])];
  const isMarked = taints.some(({ key }) => key === UNSCHEDULABLE.key);
  return node.spec?.unschedulable === true && !isMarked ? [...taints, UNSCHEDULABLE] : taints;
}

function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(
    (one) =>
      (one.effect === undefined || one.effect === '' || one.effect === taint.effect) &&
      (one.key === undefined || one.key === '' || one.key === taint.key) &&
      (one.operator === 'Exists' || (one.value ?? '') === (taint.value ?? '')),
  );
}
