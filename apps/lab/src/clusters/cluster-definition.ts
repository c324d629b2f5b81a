/** One node of an embedded cluster: where it is on the underlay and which pod addresses it hands out. */
export type NodeDefinition = {
  readonly name: string;
  /** Its address on the underlay (InternalIP). */
  readonly address: string;
  /** Its own part of the cluster's pod range. */
  readonly podCidr: string;
};

/** An embedded cluster as the lab builds it. */
export type ClusterDefinition = {
  readonly name: string;
  readonly nodes: readonly NodeDefinition[];
  readonly underlay: UnderlayDefinition;
};

/** The network that a cluster's nodes share; `nat` where it reaches the others only through a masquerading router. */
export type UnderlayDefinition = {
  /** ADDRESS/LENGTH of the gateway on the nodes' network. */
  readonly gateway: string;
  readonly nat?: { readonly routerAddress: string; readonly upstreamGateway: string };
};

/** Equal in every cluster, on purpose: domains exist because pod networks clash. */
export const POD_CIDR = '10.244.0.0/16';
export const SERVICE_CIDR = '10.96.0.0/12';
/** ClusterIP of the `kubernetes` Service: the first address of the service range. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
/** ClusterIP of the `kube-dns` Service. */
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
