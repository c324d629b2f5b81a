import type { NodeDefinition } from '../../clusters/cluster-definition.ts';
import type { ClusterAccess } from '../../clusters/kubeconfig.ts';

/** What a kubelet process is told, as one line of JSON on its standard input. Carries a secret. */
export type KubeletConfig = {
  readonly node: NodeDefinition;
  /** The node's cluster. */
  readonly access: ClusterAccess;
  /** Every cluster's API server: its port on 127.0.0.1 is relayed, so that links mean the same on the node. */
  readonly relays: readonly { readonly cluster: string; readonly port: number }[];
  /** The data directory; on the node also at DATA_ON_NODE. */
  readonly dataDirectory: string;
  readonly nodePath: string;
};

/** Where the data directory is bound on every node, so that socket paths are short. */
export const DATA_ON_NODE = '/run/lab';
