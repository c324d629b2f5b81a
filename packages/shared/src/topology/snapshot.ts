import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';

/** One cluster's objects as last seen. Objects are as the API gave them: untrusted. */
export interface ClusterSnapshot {
  readonly cluster: ClusterName;
  readonly reachable: boolean;
  readonly lastSeenMs: number;
  readonly readOnly: boolean;
  /** gitVersion of the API server. */
  readonly version: string;
  /** Where other clusters reach its API; unknown where only this console's way to it is. */
  readonly api?: ClusterApi;
  readonly objects: readonly KubernetesObject[];
}

/** An API server's address, and who vouches for it. Neither is a secret. */
export interface ClusterApi {
  readonly server: string;
  /** PEM. */
  readonly caBundle: string;
}

/** All connected clusters. */
export interface Snapshot {
  readonly clusters: readonly ClusterSnapshot[];
}
