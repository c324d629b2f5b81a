import { orThrow } from '@flatland/kube/client/error';
import { ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import { conditionIsTrue, timestamp, withCondition } from '../kinds/meta.ts';
import type { Lease, Node, Taint } from '../kinds/node.ts';
import { isReady } from '../kinds/pod.ts';
import { sameJson } from '../template-hash.ts';

/** Namespace of the nodes' heartbeats. */
export const LEASE_NAMESPACE = 'kube-node-lease';
/** How long a node may be silent before it counts as unreachable (`--node-monitor-grace-period`). */
const GRACE_PERIOD_MS = 40_000;
/** How long pods stay on an unreachable node (`defaultTolerationSeconds`). */
const EVICTION_MS = 300_000;

const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Marks nodes whose kubelet is silent, their pods as not ready, and gives those pods up after five minutes. */
export function nodeLifecycleController({ state, nowMs }: ControllerDeps): Controller {
  const startedMs = nowMs();

  async function markNode(node: Node, isSilent: boolean): Promise<Node> {
    if (isSilent && !isUnknown(node)) {
      const condition = {
        type: 'Ready',
        status: 'Unknown' as const,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
      const conditions = withCondition(node.status?.conditions, condition, nowMs());
      node = orThrow(await state.nodes.patch(node, { status: { conditions } }, 'status'));
    }
    const taints = taintsOf(node, isSilent, nowMs());
    if (sameJson(taints, node.spec?.taints ?? [])) return node;
    return orThrow(await state.nodes.patch(node, { spec: { taints } }));
  }

  async function giveUpPods(node: Node): Promise<void> {
    const since = node.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    const silentMs = since === undefined ? 0 : nowMs() - Date.parse(since);
    for (const pod of state.pods.list().filter(({ spec }) => spec.nodeName === node.metadata.name)) {
      if (isReady(pod)) {
        const condition = { type: 'Ready', status: 'False' as const, reason: 'NodeNotReady' };
        const conditions = withCondition(pod.status?.conditions, condition, nowMs());
        orThrow(await state.pods.patch(pod, { status: { conditions } }, 'status'));
      }
      const isDaemon = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false;
      if (silentMs > EVICTION_MS && !isDaemon && pod.metadata.deletionTimestamp === undefined) {
        orThrow(await state.pods.delete(pod));
      }
    }
  }

  return {
    name: 'node-lifecycle',
    sources: { nodes: ownKey },
    async reconcile(name) {
      const node = state.nodes.get(name);
      if (node === undefined) return undefined;
      const lastMs = Math.max(startedMs, renewedMs(state.leases.get(`${LEASE_NAMESPACE}/${name}`)));
      const isSilent = nowMs() - lastMs > GRACE_PERIOD_MS;
      const marked = await markNode(node, isSilent);
      if (isSilent) await giveUpPods(marked);
      return { afterMs: 5000 };
    },
  };
}

function isUnknown(node: Node): boolean {
  return (
    node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown') ?? false
  );
}

function taintsOf(node: Node, isSilent: boolean, nowMs: number): Taint[] {
  const before = node.spec?.taints ?? [];
  const others = before.filter(({ key }) => key !== UNREACHABLE);
  if (!isSilent && (conditionIsTrue(node.status?.conditions, 'Ready') || !isUnknown(node))) return others;
  const mark = (effect: string) =>
    before.find((taint) => taint.key === UNREACHABLE && taint.effect === effect) ?? {
      key: UNREACHABLE,
      effect,
      timeAdded: timestamp(nowMs),
    };
  return [...others, mark('NoSchedule')];
}

function renewedMs(lease: Lease | undefined): number {
  const time = lease?.spec?.renewTime;
  return time === undefined ? 0 : Date.parse(time);
}
