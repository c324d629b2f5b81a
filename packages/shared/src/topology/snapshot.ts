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
  readonly objects: readonly KubernetesObject[];
}

/** All connected clusters. */
export interface Snapshot {
  readonly clusters: readonly ClusterSnapshot[];
}
