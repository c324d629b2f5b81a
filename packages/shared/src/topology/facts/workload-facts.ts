import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { WorkloadKind } from '../../model/membership.ts';
import { NSM_ANNOTATION } from '../../model/nsm-annotation.ts';
import { count, field, stringMap, text } from './json.ts';
import { controllerOf, type PodFacts } from './pod-facts.ts';

/** A workload with its pods. */
export interface WorkloadFacts {
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
  /** Labels of its pods' template. */
  readonly labels: Readonly<Record<string, string>>;
  readonly desired: number;
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  /** The annotation for Network Service Mesh of its pods; empty where there is none. */
  readonly nsmAnnotation: string;
  readonly pods: readonly PodFacts[];
}

const CONTROLLERS = ['DaemonSet', 'Deployment', 'StatefulSet'] as const;

/**
 * The workloads of a cluster: every Deployment, StatefulSet and DaemonSet with the pods that it owns
 * (a Deployment's through its ReplicaSets), and every pod that none of them owns.
 */
export function workloadFacts(
  byKind: ReadonlyMap<string, readonly KubernetesObject[]>,
  pods: readonly PodFacts[],
): WorkloadFacts[] {
  const replicaSetOwners = new Map<string, string>();
  for (const replicaSet of byKind.get('ReplicaSet') ?? []) {
    const owner = controllerOf(replicaSet);
    if (owner?.kind === 'Deployment')
      replicaSetOwners.set(`${replicaSet.metadata.namespace}/${replicaSet.metadata.name}`, owner.name);
  }
  const owned = new Map<string, PodFacts[]>();
  const bare: PodFacts[] = [];
  for (const pod of pods) {
    const key = ownerKey(pod, replicaSetOwners);
    const group = key === undefined ? bare : (owned.get(key) ?? []);
    group.push(pod);
    if (key !== undefined) owned.set(key, group);
  }
  const workloads = CONTROLLERS.flatMap((kind) =>
    (byKind.get(kind) ?? []).map((object) =>
      controllerWorkload(
        kind,
        object,
        owned.get(`${kind}/${object.metadata.namespace}/${object.metadata.name}`) ?? [],
      ),
    ),
  );
  return [...workloads, ...bare.map(podWorkload)];
}

/** Kind and name of the workload that a pod is an instance of. */
export function workloadOfPod(
  pod: PodFacts,
  deploymentOfReplicaSet: (namespace: string, replicaSet: string) => string | undefined,
): { kind: WorkloadKind; name: string } {
  const { owner } = pod;
  if (owner?.kind === 'StatefulSet' || owner?.kind === 'DaemonSet')
    return { kind: owner.kind, name: owner.name };
  const deployment =
    owner?.kind === 'ReplicaSet' ? deploymentOfReplicaSet(pod.namespace, owner.name) : undefined;
  return deployment === undefined
    ? { kind: 'Pod', name: pod.name }
    : { kind: 'Deployment', name: deployment };
}

function ownerKey(pod: PodFacts, replicaSetOwners: ReadonlyMap<string, string>): string | undefined {
  const workload = workloadOfPod(pod, (namespace, name) => replicaSetOwners.get(`${namespace}/${name}`));
  return workload.kind === 'Pod' ? undefined : `${workload.kind}/${pod.namespace}/${workload.name}`;
}

function controllerWorkload(
  kind: WorkloadKind,
  object: KubernetesObject,
  pods: readonly PodFacts[],
): WorkloadFacts {
  const desired =
    kind === 'DaemonSet'
      ? count(object, pods.length, 'status', 'desiredNumberScheduled')
      : count(object, 1, 'spec', 'replicas');
  return {
    namespace: object.metadata.namespace ?? 'default',
    kind,
    name: object.metadata.name,
    labels: stringMap(object, 'spec', 'template', 'metadata', 'labels'),
    desired,
    hostNetwork: field(object, 'spec', 'template', 'spec', 'hostNetwork') === true,
    serviceAccount: text(object, 'default', 'spec', 'template', 'spec', 'serviceAccountName'),
    nsmAnnotation: text(object, '', 'spec', 'template', 'metadata', 'annotations', NSM_ANNOTATION),
    pods,
  };
}

function podWorkload(pod: PodFacts): WorkloadFacts {
  return {
    namespace: pod.namespace,
    kind: 'Pod',
    name: pod.name,
    labels: pod.labels,
    desired: 1,
    hostNetwork: pod.hostNetwork,
    serviceAccount: pod.serviceAccount,
    nsmAnnotation: pod.nsmAnnotation,
    pods: [pod],
  };
}
