import { isAvailable, isReady, isTerminal } from '../kinds/pod.ts';
import type { Pod } from '../kinds/pod.ts';
import type { StatefulSet, StatefulSetStatus } from '../kinds/workload.ts';
import { CONTROLLER_REVISION_HASH, templateHash } from '../template-hash.ts';

export type StatefulSetPlan = {
  /** Ordinals to make now. */
  readonly create: readonly { readonly ordinal: number; readonly name: string; readonly revision: string }[];
  /** Pods to delete now. */
  readonly remove: readonly Pod[];
  readonly status: StatefulSetStatus;
};

/**
 * One step of a StatefulSet: makes missing ordinals from the lowest, takes surplus ones from the highest, replaces
 * those of another revision from the highest down to the partition. With OrderedReady each step waits until the pods
 * before it are ready. `pods` are those that it controls.
 */
export function planStatefulSet(set: StatefulSet, pods: readonly Pod[], nowMs: number): StatefulSetPlan {
  const start = set.spec.ordinals?.start ?? 0;
  const wanted = set.spec.replicas ?? 1;
  const updateRevision = `${set.metadata.name}-${templateHash(set.spec.template)}`;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const ordinals = Array.from({ length: wanted }, (_none, index) => start + index);
  const surplus = pods
    .filter((pod) => ordinalOf(pod) < start || ordinalOf(pod) >= start + wanted)
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const currentRevision = settledRevision(set, { pods, ordinals, updateRevision });
  const revisionOf = (ordinal: number) =>
    ordinal < start + (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0)
      ? currentRevision
      : updateRevision;
  const steps = nextSteps(set, { byOrdinal, ordinals, surplus, updateRevision });
  return {
    create: steps.create.map((ordinal) => ({
      ordinal,
      name: `${set.metadata.name}-${ordinal}`,
      revision: revisionOf(ordinal),
    })),
    remove: steps.remove,
    status: statusOf(set, { pods, currentRevision, updateRevision, nowMs }),
  };
}

/** The number at the end of a pod's name; -1 where there is none. */
export function ordinalOf(pod: Pod): number {
  const digits = /-(\d+)$/.exec(pod.metadata.name)?.[1];
  return digits === undefined ? -1 : Number(digits);
}

type World = {
  readonly byOrdinal: ReadonlyMap<number, Pod>;
  readonly ordinals: readonly number[];
  readonly surplus: readonly Pod[];
  readonly updateRevision: string;
};

function nextSteps(set: StatefulSet, world: World): { create: number[]; remove: Pod[] } {
  const inParallel = set.spec.podManagementPolicy === 'Parallel';
  const create: number[] = [];
  const remove: Pod[] = [];
  for (const ordinal of world.ordinals) {
    const pod = world.byOrdinal.get(ordinal);
    if (pod === undefined) create.push(ordinal);
    else if (isTerminal(pod) && !isTerminating(pod)) remove.push(pod);
    const inPlace = pod !== undefined && isReady(pod) && !isTerminating(pod);
    if (!inParallel && !inPlace) return { create, remove };
  }
  const surplus = world.surplus.filter((pod) => !isTerminating(pod));
  if (inParallel) remove.push(...surplus);
  else if (surplus.length === world.surplus.length) remove.push(...surplus.slice(0, 1));
  if (create.length > 0 || remove.length > 0 || world.surplus.length > 0) return { create, remove };
  return { create, remove: outdated(set, world) };
}

/** The highest pod of another revision, once every pod above it is ready again. */
function outdated(set: StatefulSet, world: World): Pod[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const ordinal of [...world.ordinals].reverse()) {
    if (ordinal - (world.ordinals[0] ?? 0) < partition) return [];
    const pod = world.byOrdinal.get(ordinal);
    if (pod === undefined || isTerminating(pod)) return [];
    if (pod.metadata.labels?.[CONTROLLER_REVISION_HASH] !== world.updateRevision) return [pod];
    if (!isReady(pod)) return [];
  }
  return [];
}

/** The revision that counts as current: the old one until all pods have the new one. */
function settledRevision(
  set: StatefulSet,
  world: { pods: readonly Pod[]; ordinals: readonly number[]; updateRevision: string },
): string {
  const current = set.status?.currentRevision || world.updateRevision;
  const isUpdated =
    world.pods.length === world.ordinals.length &&
    world.pods.every(
      (pod) => isReady(pod) && pod.metadata.labels?.[CONTROLLER_REVISION_HASH] === world.updateRevision,
    );
  return isUpdated ? world.updateRevision : current;
}

function statusOf(
  set: StatefulSet,
  about: { pods: readonly Pod[]; currentRevision: string; updateRevision: string; nowMs: number },
): StatefulSetStatus {
  const { pods, currentRevision, updateRevision, nowMs } = about;
  const live = pods.filter((pod) => !isTerminating(pod));
  const ofRevision = (revision: string) =>
    live.filter((pod) => pod.metadata.labels?.[CONTROLLER_REVISION_HASH] === revision).length;
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: live.filter(isReady).length,
    availableReplicas: live.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
    currentReplicas: ofRevision(currentRevision),
    updatedReplicas: ofRevision(updateRevision),
    currentRevision,
    updateRevision,
  };
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}
