import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  SYSTEM_NAMESPACE,
  type KubernetesObject,
} from '../../model/kubernetes-object.ts';

/** Metadata of an installed object outside namespaces. */
export function clusterMeta(name: string): KubernetesObject['metadata'] {
  return { name, labels: { 'app.kubernetes.io/name': name, [OWNER_LABEL]: OWNER_LABEL_VALUE } };
}

/** Metadata of an installed object in the system namespace. */
export function systemMeta(name: string): KubernetesObject['metadata'] {
  return { ...clusterMeta(name), namespace: SYSTEM_NAMESPACE };
}

/** Label selector of a component's pods. */
export function podLabels(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name };
}
