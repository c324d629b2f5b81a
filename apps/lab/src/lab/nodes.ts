import type { KubeletPort } from '@flatland/kube/server/kubelet-port';
import type { ClusterDefinition } from '../clusters/cluster-definition.ts';
import type { ClusterAccess } from '../clusters/kubeconfig.ts';

export type NodesConfig = readonly {
  readonly definition: ClusterDefinition;
  readonly access: ClusterAccess;
}[];

/** The nodes of all clusters, real or in memory. */
export interface LabNodes {
  /** How API servers reach the kubelets; answers with an error until a node is ready. */
  readonly kubelets: KubeletPort;
  /** Starts the nodes. Resolves when all are ready to run pods. */
  start(clusters: NodesConfig): Promise<void>;
  /** Ends everything that runs on them. */
  stop(): Promise<void>;
}
