import {
  FLATLAND_API_VERSION,
  SYSTEM_NAMESPACE,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { domainObject, kubeadmConfig } from '../../src/agent/testing/objects.ts';
import type { TruthCluster, TruthDomain, TruthMembership, TruthTopology, TruthWorkload } from './topology.ts';

/** The objects that people and Kubernetes write in one cluster of a topology; pods apart, as they need sandboxes. */
export function clusterObjects(
  topology: TruthTopology,
  cluster: TruthCluster,
): { objects: KubernetesObject[]; pods: KubernetesObject[] } {
  const workloads = topology.workloads.filter((workload) => workload.cluster === cluster.name);
  const namespaces = new Set([
    'kube-system',
    SYSTEM_NAMESPACE,
    ...workloads.map(({ namespace }) => namespace),
  ]);
  return {
    objects: [
      ...(cluster.hasRanges ? [kubeadmConfig('10.244.0.0/16', '10.96.0.0/12')] : []),
      ...[...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      ...cluster.nodes.map(({ name }) => agentPod(name)),
      ...topology.domains
        .filter(
          ({ slices, missingIn }) => slices[cluster.name] !== undefined && !missingIn.includes(cluster.name),
        )
        .map(truthDomainObject),
      ...workloads.flatMap(controllerObjects),
      ...topology.memberships.filter((entry) => entry.cluster === cluster.name).map(truthMembershipObject),
    ],
    pods: workloads.flatMap((workload) => workload.pods.map((_, index) => podObject(workload, index))),
  };
}

/** A Domain as every cluster has it. */
export function truthDomainObject(domain: TruthDomain): KubernetesObject {
  const { prefixes, slices, allowedNamespaces, target } = domain;
  const lists = Object.fromEntries(Object.entries(slices).map(([name, list]) => [name, [...list]]));
  return domainObject(domain.name, {
    prefixes: [...prefixes],
    clusters: lists,
    allowedNamespaces: [...allowedNamespaces],
    target,
  });
}

function truthMembershipObject({
  namespace,
  name,
  domain,
  selects,
  createdAt,
}: TruthMembership): KubernetesObject {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    metadata: { namespace, name, creationTimestamp: createdAt },
    spec: {
      domain,
      ...(selects.by === 'workload'
        ? { workload: { kind: selects.kind, name: selects.name } }
        : { selector: selects.by === 'tier' ? { matchLabels: { tier: selects.tier } } : {} }),
    },
  };
}

function controllerObjects(workload: TruthWorkload): KubernetesObject[] {
  const { kind, namespace, name, hostNetwork } = workload;
  if (kind === 'Pod') return [];
  const controller: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { namespace, name, uid: ownerUid(workload) },
    spec: {
      replicas: workload.pods.length,
      template: {
        metadata: { labels: labelsOf(workload) },
        spec: { ...(hostNetwork && { hostNetwork: true }) },
      },
    },
    status: { desiredNumberScheduled: workload.pods.length },
  };
  if (kind !== 'Deployment') return [controller];
  const replicaSet: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace,
      name: `${name}-7d9f`,
      uid: `${ownerUid(workload)}-rs`,
      ownerReferences: [ownerReference('Deployment', name, ownerUid(workload))],
    },
  };
  return [controller, replicaSet];
}

function podObject(workload: TruthWorkload, index: number): KubernetesObject {
  const { kind, namespace, name, hostNetwork, isSandboxed } = workload;
  const pod = workload.pods[index];
  if (pod === undefined) throw new Error(`${name} has no pod ${index}`);
  const owner =
    kind === 'Deployment'
      ? [ownerReference('ReplicaSet', `${name}-7d9f`, `${ownerUid(workload)}-rs`)]
      : kind === 'Pod'
        ? []
        : [ownerReference(kind, name, ownerUid(workload))];
  const phase = pod.state === 'starting' ? 'Pending' : pod.state === 'ended' ? 'Succeeded' : 'Running';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: pod.name,
      uid: pod.uid,
      labels: labelsOf(workload),
      ownerReferences: owner,
      ...(pod.state === 'ending' && { deletionTimestamp: '2026-01-01T01:00:00Z' }),
    },
    spec: {
      nodeName: pod.node,
      ...(hostNetwork && { hostNetwork: true }),
      ...(isSandboxed && { runtimeClassName: 'gvisor' }),
    },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  };
}

function agentPod(node: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: SYSTEM_NAMESPACE,
      name: `flatland-agent-${node}`,
      uid: `agent-${node}`,
      labels: { 'app.kubernetes.io/name': 'flatland-agent' },
    },
    spec: { nodeName: node, hostNetwork: true },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function labelsOf({ name, tier }: TruthWorkload): Record<string, string> {
  return { app: name, tier };
}

function ownerUid({ cluster, name }: TruthWorkload): string {
  return `${cluster}-owner-${name}`;
}

function ownerReference(kind: string, name: string, uid: string) {
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true };
}
