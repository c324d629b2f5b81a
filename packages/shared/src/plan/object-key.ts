import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import type { ObjectRef } from '../topology/topology.ts';

/** Which object of which cluster: `cluster kind namespace name`, for matching desired to live. */
export function objectKey(cluster: string, object: KubernetesObject): string {
  return [cluster, object.kind, object.metadata.namespace ?? '', object.metadata.name].join(' ');
}

/** Names an object of a cluster. */
export function objectRef(cluster: ClusterName, object: KubernetesObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return {
    cluster,
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
  };
}
