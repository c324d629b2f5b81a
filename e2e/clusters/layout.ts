import { readSetNumber } from './settings.ts';

/** Sets of clusters are told apart by a number, which is in their names and networks. */
const SET = readSetNumber(process.env);

/** Network namespaces of the set start so. */
const NAME_PREFIX = SET === 0 ? 'flatland-' : `flatland${SET}-`;

/** The cgroup of the set, from the root of each hierarchy. */
export const CGROUP = `${NAME_PREFIX}clusters`;

/** Equal in both clusters, on purpose: domains exist because pod networks clash. */
export const POD_CIDR = '10.244.0.0/16';
export const SERVICE_CIDR = '10.96.0.0/12';
/** ClusterIP of the `kubernetes` Service: the first address of the service range. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
/** Where a cluster's DNS would answer; nothing does. */
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
export const API_PORT = 6443;

/** A network of one bridge, to which machines are joined. */
export interface Lan {
  /** The network namespace that holds the bridge. */
  readonly namespace: string;
  readonly bridge: string;
  /** The gateway's address on it. */
  readonly gateway: string;
  readonly prefixLength: number;
}

/** A machine: a network namespace of its own, and mount, PID, UTS and IPC namespaces within. */
export interface Machine {
  readonly name: string;
  /** Its address on the cluster's network. */
  readonly address: string;
}

/** A machine that runs pods. */
export interface Node extends Machine {
  readonly podCidr: string;
}

/** One real cluster. */
export interface Cluster {
  readonly name: string;
  readonly lan: Lan;
  /** The machine of etcd, API server, controller manager and scheduler. */
  readonly control: Machine;
  readonly nodes: readonly Node[];
  /** Where the API server is reached from outside of the cluster. */
  readonly apiAddress: string;
  /** The router's address on the underlay, where the cluster is behind a masquerading router. */
  readonly natAddress?: string;
}

const UNDERLAY_PREFIX = `172.30.${77 + SET}`;

/** The network between the clusters; its gateway is this machine. */
export const UNDERLAY: Lan = {
  namespace: namespaceOf('underlay'),
  bridge: 'underlay',
  gateway: `${UNDERLAY_PREFIX}.1`,
  prefixLength: 24,
};

/** The host's own end of the underlay: the only device outside of the namespaces. */
export const HOST_DEVICE = `flatland${SET}`;

const ONPREM: Lan = {
  namespace: namespaceOf('onprem-fra-router'),
  bridge: 'lan',
  gateway: `192.168.${77 + SET}.1`,
  prefixLength: 24,
};

/** The clusters: nodes of the first are on the underlay, those of the second behind a router. */
export const CLUSTERS: readonly Cluster[] = [
  { ...cluster('aws-east', UNDERLAY), apiAddress: `${UNDERLAY_PREFIX}.10` },
  {
    ...cluster('onprem-fra', ONPREM),
    apiAddress: `${UNDERLAY_PREFIX}.20`,
    natAddress: `${UNDERLAY_PREFIX}.20`,
  },
];

/** The named network namespace of a machine. */
export function namespaceOf(machine: string): string {
  return `${NAME_PREFIX}${machine}`;
}

/** Every network namespace that the clusters use. */
export function allNamespaces(): string[] {
  const machines = CLUSTERS.flatMap(({ control, nodes }) => [control, ...nodes]);
  const names = [
    ...CLUSTERS.map(({ lan }) => lan.namespace),
    ...machines.map(({ name }) => namespaceOf(name)),
  ];
  return [...new Set([UNDERLAY.namespace, ...names])];
}

function cluster(name: string, lan: Lan): Omit<Cluster, 'apiAddress'> {
  const address = (last: number) => lan.gateway.replace(/\d+$/, String(last));
  return {
    name,
    lan,
    control: { name: `${name}-control`, address: address(10) },
    nodes: [1, 2].map((number) => ({
      name: `${name}-${number}`,
      address: address(10 + number),
      podCidr: POD_CIDR.replace('0.0/16', `${number}.0/24`),
    })),
  };
}
