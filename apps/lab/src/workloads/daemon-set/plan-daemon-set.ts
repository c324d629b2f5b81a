import { resolveIntOrPercent } from '../int-or-percent.ts';
import type { Node } from '../kinds/node.ts';
import { isAvailable, isReady, isTerminal } from '../kinds/pod.ts';
import type { Pod, PodSpec } from '../kinds/pod.ts';
import type { DaemonSet, DaemonSetStatus } from '../kinds/workload.ts';
import { DAEMON_TOLERATIONS, unfitness } from '../scheduler/node-fits.ts';
import { CONTROLLER_REVISION_HASH, templateHash } from '../template-hash.ts';

export type DaemonSetPlan = {
  /** Nodes that lack a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  readonly revision: string;
  readonly status: DaemonSetStatus;
};

/**
 * One pod on every node that fits; pods of another template are replaced while at most `maxUnavailable` nodes are
 * without an available one. `pods` are those that the DaemonSet controls.
 */
export function planDaemonSet(
  set: DaemonSet,
  world: { nodes: readonly Node[]; pods: readonly Pod[]; nowMs: number },
): DaemonSetPlan {
  const revision = templateHash(set.spec.template);
  const spec = daemonSpec(set);
  const eligible = world.nodes
    .filter((node) => unfitness(spec, node) === undefined)
    .map(({ metadata }) => metadata.name);
  const podsOn = (node: string) => world.pods.filter((pod) => pod.spec.nodeName === node).sort(byAge);
  const create = eligible.filter((node) => podsOn(node).length === 0);
  const misplaced = world.pods.filter((pod) => !eligible.includes(pod.spec.nodeName ?? ''));
  const doubled = eligible.flatMap((node) =>
    podsOn(node)
      .filter((pod) => !isTerminating(pod))
      .slice(1),
  );
  const ended = world.pods.filter(isTerminal);
  const remove = new Set([...misplaced, ...doubled, ...ended].filter((pod) => !isTerminating(pod)));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const available = eligible.filter((node) =>
    podsOn(node).some((pod) => !isTerminating(pod) && isAvailable(pod, minReadySeconds, world.nowMs)),
  );
  const inForce = eligible.flatMap((node) => podsOn(node).slice(0, 1));
  for (const pod of outdated(set, { inForce, revision, nUnavailable: eligible.length - available.length })) {
    remove.add(pod);
  }
  return {
    create,
    remove: [...remove],
    revision,
    status: {
      observedGeneration: set.metadata.generation ?? 0,
      desiredNumberScheduled: eligible.length,
      currentNumberScheduled: inForce.length,
      numberMisscheduled: misplaced.length,
      numberReady: inForce.filter(isReady).length,
      numberAvailable: available.length,
      numberUnavailable: eligible.length - available.length,
      updatedNumberScheduled: inForce.filter((pod) => isOf(pod, revision)).length,
    },
  };
}

/** The pod spec of a DaemonSet, with the tolerations that all daemons have. */
export function daemonSpec(set: DaemonSet): PodSpec {
  const { spec } = set.spec.template;
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...DAEMON_TOLERATIONS] };
}

function outdated(
  set: DaemonSet,
  world: { inForce: readonly Pod[]; revision: string; nUnavailable: number },
): Pod[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const limit = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  const maxUnavailable = Math.max(1, resolveIntOrPercent(limit, world.inForce.length, 'up'));
  const old = world.inForce.filter((pod) => !isOf(pod, world.revision) && !isTerminating(pod));
  // Replacing a pod that is not ready makes nothing worse.
  const broken = old.filter((pod) => !isReady(pod));
  const working = old.filter(isReady).slice(0, Math.max(0, maxUnavailable - world.nUnavailable));
  return [...broken, ...working];
}

function isOf(pod: Pod, revision: string): boolean {
  return pod.metadata.labels?.[CONTROLLER_REVISION_HASH] === revision;
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

function byAge(a: Pod, b: Pod): number {
  const [one, other] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return one! < other! ? -1 : 1;
}
