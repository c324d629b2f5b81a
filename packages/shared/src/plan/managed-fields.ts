import { sortKeys } from '../manifest/stable-yaml.ts';
import { CHANGE_SET_ANNOTATION, type KubernetesObject } from '../model/kubernetes-object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The part of a live object that a person manages: type, name, namespace, labels, annotations and
 * spec, without what the server and the executor write. This is what a diff shows and a revert
 * restores.
 */
export function managedFields(object: KubernetesObject): KubernetesObject {
  const { name, namespace, labels } = object.metadata;
  const annotations = Object.fromEntries(
    Object.entries(object.metadata.annotations ?? {}).filter(
      ([key]) => key !== CHANGE_SET_ANNOTATION && key !== LAST_APPLIED,
    ),
  );
  return sortKeys({
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      namespace,
      ...(labels && Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: object['spec'],
  }) as KubernetesObject;
}

/** What the live object's managed fields become by applying the manifest: its labels and annotations are added, its spec replaces. */
export function managedAfter(live: KubernetesObject, manifest: KubernetesObject): KubernetesObject {
  const before = managedFields(live);
  const after = managedFields(manifest);
  return sortKeys({
    ...after,
    metadata: {
      ...after.metadata,
      ...((before.metadata.labels || after.metadata.labels) && {
        labels: { ...before.metadata.labels, ...after.metadata.labels },
      }),
      ...((before.metadata.annotations || after.metadata.annotations) && {
        annotations: { ...before.metadata.annotations, ...after.metadata.annotations },
      }),
    },
  }) as KubernetesObject;
}
