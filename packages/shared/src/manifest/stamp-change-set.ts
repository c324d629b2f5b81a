import { CHANGE_SET_ANNOTATION, type KubernetesObject } from '../model/kubernetes-object.ts';

/** The manifest as it is sent: with the id of the change set that writes it. */
export function stampChangeSet(manifest: KubernetesObject, changeSetId: string): KubernetesObject {
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      annotations: { ...manifest.metadata.annotations, [CHANGE_SET_ANNOTATION]: changeSetId },
    },
  };
}
