import { familyPlans, inUrl, readFamilyChoice, type FamilyPlan } from './families.ts';
import { readSetNumber } from './settings.ts';

/** Sets of clusters are told apart by a number, which is in their names and networks. */
const SET = readSetNumber(process.env);

/** Network namespaces of the set start so. */
const NAME_PREFIX = SET === 0 ? 'flatland-' : `flatland${SET}-`;

/** The cgroup of the set, from the root of each hierarchy. */
export const CGROUP = `${NAME_PREFIX}clusters`;

/** The address families of the clusters, first that which Kubernetes takes for its own. */
export const FAMILY_CHOICE = readFamilyChoice(process.env);
export const FAMILIES = familyPlans(FAMILY_CHOICE, SET);
/** By family, as Kubernetes' flags want it. */
export const POD_CIDRS = FAMILIES.map(({ podCidr }) => podCidr).join(',');
export const SERVICE_CIDRS = FAMILIES.map(({ serviceCidr }) => serviceCidr).join(',');
export const API_PORT = 6443;

/** A network of one bridge, to which machines are joined. */
export interface Lan {
  /** The network namespace that holds the bridge. */
  readonly namespace: string;
  readonly bridge: string;
  /** The address of a host on it, by its number. */
  readonly address: (plan: FamilyPlan, host: number) => string;
}

/** A machine: a network namespace of its own, and mount, PID, UTS and IPC namespaces within. */
export interface Machine {
  readonly name: string;
  /** Its number on the cluster's network. */
  readonly host: number;
  /** Its addresses there, the one by which the cluster knows it first. */
  readonly addresses: readonly [string, ...string[]];
}

/** A machine that runs pods. */
export interface Node extends Machine {
  readonly podCidrs: readonly string[];
}

/** One real cluster. */
export interface Cluster {
  readonly name: string;
  readonly lan: Lan;
  /** The machine of etcd, API server, controller manager and scheduler. */
  readonly control: Machine;
  readonly nodes: readonly Node[];
  /** Where the API server is reached from outside of the cluster. */
  readonly apiAddresses: readonly [string, ...string[]];
  /** The router's addresses on the underlay, where the cluster is behind a masquerading router. */
  readonly natAddresses?: readonly string[];
}

/** Hosts of a network, by their numbers. */
export const GATEWAY = 1;
const CONTROL = 10;
export const ROUTER = 20;

/** The network between the clusters; its gateway is this machine. */
export const UNDERLAY: Lan = {
  namespace: namespaceOf('underlay'),
  bridge: 'underlay',
  address: ({ underlay }, host) => underlay(host),
};

/** The host's own end of the underlay: the only device outside of the namespaces. */
export const HOST_DEVICE = `flatland${SET}`;

const ONPREM: Lan = {
  namespace: namespaceOf('onprem-fra-router'),
  bridge: 'lan',
  address: ({ lan }, host) => lan(host),
};

/** The clusters: nodes of the first are on the underlay, those of the second behind a router. */
export const CLUSTERS: readonly Cluster[] = [
  { ...cluster('aws-east', UNDERLAY), apiAddresses: addressesOn(UNDERLAY, CONTROL) },
  {
    ...cluster('onprem-fra', ONPREM),
    apiAddresses: addressesOn(UNDERLAY, ROUTER),
    natAddresses: addressesOn(UNDERLAY, ROUTER),
  },
];

/** The URL of an API server that listens at an address. */
export function apiUrl([address]: readonly [string, ...string[]]): string {
  return `https://${inUrl(address)}:${API_PORT}`;
}

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

function cluster(name: string, lan: Lan): Omit<Cluster, 'apiAddresses'> {
  const machine = (part: number | string, host: number) => ({
    name: `${name}-${part}`,
    host,
    addresses: addressesOn(lan, host),
  });
  return {
    name,
    lan,
    control: machine('control', CONTROL),
    nodes: [1, 2].map((number) => ({
      ...machine(number, CONTROL + number),
      podCidrs: FAMILIES.map(({ nodePodCidr }) => nodePodCidr(number)),
    })),
  };
}

function addressesOn({ address }: Lan, host: number): [string, ...string[]] {
  return FAMILIES.map((plan) => address(plan, host)) as [string, ...string[]];
}
