import { resolveIntOrPercent } from '../int-or-percent.ts';
import { conditionIsTrue, withCondition } from '../kinds/meta.ts';
import type { Condition } from '../kinds/meta.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../kinds/workload.ts';
import { templateHash, templatesEqual } from '../template-hash.ts';

/** Annotation with which kubectl counts a Deployment's templates. */
export const REVISION = 'deployment.kubernetes.io/revision';

export type DeploymentPlan = {
  /** The ReplicaSet of the template in force must be made, with this hash, size and revision. */
  readonly create:
    | { readonly hash: string; readonly replicas: number; readonly revision: number }
    | undefined;
  readonly scale: readonly { readonly replicaSet: ReplicaSet; readonly replicas: number }[];
  /** Emptied ReplicaSets beyond the history limit. */
  readonly remove: readonly ReplicaSet[];
  /** The revision that the current ReplicaSet and the Deployment carry. */
  readonly revision: number;
  readonly current: ReplicaSet | undefined;
  readonly status: DeploymentStatus;
};

/**
 * One step of a Deployment towards its spec (apps/v1 rolling update and recreate). `replicaSets` are those that it
 * controls; `nPods` counts the pods of each that still exist, terminating ones too, by uid.
 */
export function planDeployment(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  about: { nPods: ReadonlyMap<string, number>; nowMs: number },
): DeploymentPlan {
  const { template } = deployment.spec;
  const current = [...replicaSets]
    .sort(byAge)
    .find((candidate) => templatesEqual(candidate.spec.template, template));
  const old = replicaSets.filter((replicaSet) => replicaSet !== current).sort(byAge);
  const latest = Math.max(0, ...old.map(revisionOf));
  const revision = current !== undefined && revisionOf(current) > latest ? revisionOf(current) : latest + 1;
  const sizes = planSizes(deployment, { current, old, nPods: about.nPods });
  const scale = [...sizes]
    .filter(([replicaSet, replicas]) => replicasOf(replicaSet) !== replicas)
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
  const create =
    current === undefined && deployment.spec.paused !== true
      ? {
          hash: freeHash(deployment, replicaSets),
          replicas: sizeOfNew(deployment, { old, nPods: about.nPods }),
          revision,
        }
      : undefined;
  const settled = create === undefined && scale.length === 0;
  return {
    create,
    scale,
    remove: settled ? beyondHistory(deployment, old) : [],
    revision,
    current,
    status: statusOf(deployment, { current, replicaSets, nowMs: about.nowMs }),
  };
}

type Sets = {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly nPods: ReadonlyMap<string, number>;
};

function planSizes(deployment: Deployment, sets: Sets): Map<ReplicaSet, number> {
  const { current, old } = sets;
  const sizes = new Map<ReplicaSet, number>();
  const wanted = deployment.spec.replicas ?? 1;
  if (deployment.spec.paused === true || current === undefined) return sizes;
  if (old.every((replicaSet) => replicasOf(replicaSet) === 0)) {
    if (!isRecreate(deployment) || nPodsOf(sets, old) === 0) sizes.set(current, wanted);
    return sizes;
  }
  if (isRecreate(deployment)) {
    for (const replicaSet of old) sizes.set(replicaSet, 0);
    return sizes;
  }
  sizes.set(current, grown(deployment, current, old));
  shrinkOld(deployment, sets, sizes);
  return sizes;
}

/** How large the current ReplicaSet may be without more pods than `maxSurge` allows (`NewRSNewReplicas`). */
function grown(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): number {
  const wanted = deployment.spec.replicas ?? 1;
  const size = replicasOf(current);
  if (size >= wanted) return wanted;
  const room = wanted + surgeAndUnavailable(deployment).maxSurge - size - sum(old.map(replicasOf));
  return room <= 0 ? size : Math.min(wanted, size + room);
}

/** Takes pods from old ReplicaSets, unhealthy ones first, without fewer available ones than allowed. */
function shrinkOld(deployment: Deployment, sets: Sets, sizes: Map<ReplicaSet, number>): void {
  const current = sets.current!;
  const minAvailable = (deployment.spec.replicas ?? 1) - surgeAndUnavailable(deployment).maxUnavailable;
  const all = [...sets.old, current];
  const unavailableOfNew = replicasOf(current) - availableOf(current);
  let mayGo = sum(all.map(replicasOf)) - minAvailable - unavailableOfNew;
  for (const replicaSet of sets.old) {
    const unhealthy = Math.min(Math.max(0, mayGo), replicasOf(replicaSet) - availableOf(replicaSet));
    sizes.set(replicaSet, replicasOf(replicaSet) - unhealthy);
    mayGo -= unhealthy;
  }
  let surplus = Math.min(mayGo, sum(all.map(availableOf)) - minAvailable);
  for (const replicaSet of sets.old) {
    const size = sizes.get(replicaSet)!;
    const taken = Math.min(Math.max(0, surplus), size);
    sizes.set(replicaSet, size - taken);
    surplus -= taken;
  }
}

function sizeOfNew(deployment: Deployment, sets: Omit<Sets, 'current'>): number {
  const wanted = deployment.spec.replicas ?? 1;
  const nOld = sum(sets.old.map(replicasOf));
  if (isRecreate(deployment)) return nOld > 0 || nPodsOf(sets, sets.old) > 0 ? 0 : wanted;
  return Math.max(0, Math.min(wanted, wanted + surgeAndUnavailable(deployment).maxSurge - nOld));
}

function surgeAndUnavailable(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const wanted = deployment.spec.replicas ?? 1;
  const limits = deployment.spec.strategy?.rollingUpdate ?? {};
  const maxSurge = resolveIntOrPercent(limits.maxSurge ?? '25%', wanted, 'up');
  const maxUnavailable = resolveIntOrPercent(limits.maxUnavailable ?? '25%', wanted, 'down');
  // With both at zero no step would ever be allowed.
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

function statusOf(
  deployment: Deployment,
  about: { current: ReplicaSet | undefined; replicaSets: readonly ReplicaSet[]; nowMs: number },
): DeploymentStatus {
  const { current, replicaSets, nowMs } = about;
  const wanted = deployment.spec.replicas ?? 1;
  const total = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    sum(replicaSets.map(({ status }) => status?.[field] ?? 0));
  const replicas = total('replicas');
  const availableReplicas = total('availableReplicas');
  const updatedReplicas = current?.status?.replicas ?? 0;
  const { maxUnavailable } = surgeAndUnavailable(deployment);
  const isAvailable = availableReplicas >= wanted - maxUnavailable;
  const isComplete = updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
  let conditions = withCondition(
    deployment.status?.conditions,
    isAvailable
      ? condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
      : {
          ...condition(
            'Available',
            'MinimumReplicasUnavailable',
            'Deployment does not have minimum availability.',
          ),
          status: 'False',
        },
    nowMs,
  );
  const subject =
    current === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${current.metadata.name}"`;
  conditions = withCondition(
    conditions,
    isComplete
      ? condition('Progressing', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`)
      : wasComplete(deployment)
        ? deployment.status!.conditions!.find(({ type }) => type === 'Progressing')!
        : condition('Progressing', 'ReplicaSetUpdated', `${subject} is progressing.`),
    nowMs,
  );
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas,
    readyReplicas: total('readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, Math.max(wanted, replicas) - availableReplicas),
    conditions,
  };
}

/** A rollout that was complete stays so while only availability changes; a new template begins another one. */
function wasComplete(deployment: Deployment): boolean {
  const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  return (
    progressing?.reason === 'NewReplicaSetAvailable' &&
    conditionIsTrue(deployment.status?.conditions, 'Progressing') &&
    deployment.status?.observedGeneration === deployment.metadata.generation
  );
}

function condition(type: string, reason: string, message: string): Condition {
  return { type, status: 'True', reason, message };
}

function beyondHistory(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const empty = old.filter(
    (replicaSet) => replicasOf(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0,
  );
  const nRemove = Math.max(0, old.length - (deployment.spec.revisionHistoryLimit ?? 10));
  return empty.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, nRemove);
}

function freeHash(deployment: Deployment, replicaSets: readonly ReplicaSet[]): string {
  const taken = new Set(replicaSets.map(({ metadata }) => metadata.name));
  for (let collisionCount = 0; ; collisionCount += 1) {
    const hash = templateHash(deployment.spec.template, collisionCount);
    if (!taken.has(`${deployment.metadata.name}-${hash}`)) return hash;
  }
}

function isRecreate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type === 'Recreate';
}

function nPodsOf(sets: Pick<Sets, 'nPods'>, replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets.map(({ metadata }) => sets.nPods.get(metadata.uid!) ?? 0));
}

function revisionOf(replicaSet: ReplicaSet): number {
  return Number(replicaSet.metadata.annotations?.[REVISION] ?? 0) || 0;
}

function replicasOf(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1;
}

function availableOf(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0;
}

function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return one! < other! ? -1 : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
