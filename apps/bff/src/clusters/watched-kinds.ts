import { gitManagers } from '@flatland/shared/plan/git-owner';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { zKubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { err, ok, type Result } from '@flatland/shared/result';
import { apiVersionOf, resource, type Resource } from '@flatland/kube/client/resource';
import {
  AdmissionPolicy,
  ClusterLink,
  ConfigMap,
  DaemonSet,
  Deployment,
  Domain,
  MemberSlice,
  Membership,
  Mesh,
  Namespace,
  NetworkPolicy,
  Node,
  NodePeer,
  Pod,
  RemoteSlice,
  ReplicaSet,
  StatefulSet,
  TrustDomain,
} from '@flatland/kube/client/resources';

/** A collection that the topology is made from. */
export interface WatchedKind {
  readonly type: Resource;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  /** True where a cluster without it lacks nothing. */
  readonly optional: boolean;
}

/** Where the cluster's services have their addresses from; served from 1.33 on. */
export const ServiceCIDR = resource('networking.k8s.io/v1', 'ServiceCIDR', {
  plural: 'servicecidrs',
  scope: 'cluster',
});

/** Exactly what `buildTopology` and `planChange` read. No Secrets, and of ConfigMaps only kubeadm's. */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  ...[
    AdmissionPolicy,
    ClusterLink,
    Domain,
    MemberSlice,
    Membership,
    Mesh,
    NodePeer,
    RemoteSlice,
    TrustDomain,
  ].map((type) => ({ type, optional: false })),
  ...[Node, Namespace, Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, NetworkPolicy].map((type) => ({
    type,
    optional: false,
  })),
  { type: ServiceCIDR, optional: true },
  {
    type: ConfigMap,
    namespace: 'kube-system',
    fieldSelector: 'metadata.name=kubeadm-config',
    optional: false,
  },
];

/**
 * Reads an object as a list or a watch gives it. Items of a list carry no type, so it is put in. Of
 * `managedFields` no more than managers that keep the object as Git says is kept; kubectl's copy of the object, which
 * nobody here reads, is left out.
 */
export function readObject(type: Resource, raw: unknown): Result<KubernetesObject, string> {
  if (typeof raw !== 'object' || raw === null) return err('is no object');
  const parsed = zKubernetesObject.safeParse({ ...raw, apiVersion: apiVersionOf(type), kind: type.kind });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'cannot be read'}`);
  }
  const { managedFields, ...metadata } = parsed.data.metadata;
  const managers = gitManagers(managedFields);
  return ok({
    ...parsed.data,
    metadata: {
      ...metadata,
      ...(managers.length > 0 && { managedFields: managers }),
      ...withoutCopy(metadata.annotations),
    },
  });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutCopy(annotations: Readonly<Record<string, string>> | undefined) {
  if (annotations?.[LAST_APPLIED] === undefined) return {};
  return {
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED)),
  };
}
