import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';

/** What an agent keeps of its cluster, so that it starts without the API, and after it was restored from a backup. */
export interface SavedState {
  readonly objects: readonly KubernetesObject[];
  /** The API went back a short while ago: what its lists lack, nobody need have deleted. */
  readonly isRestored: boolean;
}
