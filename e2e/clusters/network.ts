import { readdir } from 'node:fs/promises';
import { runCommand } from '@flatland/lab/machine/run-command';
import type { FamilyPlan } from './families.ts';
import {
  allNamespaces,
  CLUSTERS,
  FAMILIES,
  GATEWAY,
  HOST_DEVICE,
  namespaceOf,
  ROUTER,
  UNDERLAY,
  type Cluster,
  type Lan,
  type Machine,
} from './layout.ts';
import {
  closingRules,
  cutRules,
  NODE_RULES,
  OPENING_RULES,
  routerRules,
  UNCUT_RULES,
} from './network-rules.ts';

/** What lets a machine forward packets, by family. */
const FORWARDING = { 4: 'ipv4/ip_forward', 6: 'ipv6/conf/all/forwarding' } as const;

/** Makes the underlay, the router, and for each machine a network namespace with its link, addresses and routes. */
export async function makeNetwork(): Promise<void> {
  for (const namespace of allNamespaces()) await makeNamespace(namespace);
  await ip(UNDERLAY.namespace, bridge(UNDERLAY));
  await runCommand('ip', [
    'link',
    'add',
    HOST_DEVICE,
    'type',
    'veth',
    'peer',
    'name',
    'host',
    'netns',
    UNDERLAY.namespace,
  ]);
  await ip(UNDERLAY.namespace, [`link set host master ${UNDERLAY.bridge} up`]);
  await runCommand('ip', ['-batch', '-'], {
    input: [...addresses(UNDERLAY, GATEWAY, HOST_DEVICE), `link set ${HOST_DEVICE} up`, ''].join('\n'),
  });
  for (const cluster of CLUSTERS) {
    if (cluster.natAddresses !== undefined) await makeRouter(cluster);
    for (const machine of [cluster.control, ...cluster.nodes]) await plug(cluster, machine);
  }
}

/** Removes every network namespace of the clusters, and with them all devices. */
export async function removeNetwork(): Promise<void> {
  for (const namespace of await networkTraces()) await runCommand('ip', ['netns', 'delete', namespace]);
}

/** The network namespaces of the clusters that there are. */
export async function networkTraces(): Promise<string[]> {
  const present = new Set(await readdir('/run/netns').catch((): string[] => []));
  return allNamespaces().filter((namespace) => present.has(namespace));
}

/** Lets nobody outside of a cluster reach its API server: what is sent there is lost. Nodes and pods run on. */
export async function cutOffApi(cluster: Cluster): Promise<void> {
  const isBehindRouter = cluster.natAddresses !== undefined;
  await nft(gateOf(cluster), isBehindRouter ? cutRules('forward', 'wan') : cutRules('input', 'eth0'));
}

/** Lets everybody reach a cluster's API server again, whether it was cut off or not. */
export async function rejoinApi(cluster: Cluster): Promise<void> {
  await nft(gateOf(cluster), UNCUT_RULES);
}

/** Loses every UDP datagram of a family between a cluster behind a router and all others. */
export async function closeRouter({ lan }: Cluster, family: FamilyPlan['family']): Promise<void> {
  await nft(lan.namespace, closingRules(family));
}

/** Lets datagrams pass again, whether they were stopped or not. */
export async function openRouter({ lan }: Cluster): Promise<void> {
  await nft(lan.namespace, OPENING_RULES);
}

/** Sets the longest packet that a router takes from other networks or gives to them; longer ones for it vanish. */
export async function setRouterMtu({ lan }: Cluster, mtuBytes: number): Promise<void> {
  await ip(lan.namespace, [`link set wan mtu ${mtuBytes}`]);
}

/** The namespace by which others come to a cluster's API server. */
function gateOf({ lan, control, natAddresses }: Cluster): string {
  return natAddresses === undefined ? namespaceOf(control.name) : lan.namespace;
}

async function makeNamespace(namespace: string): Promise<void> {
  await runCommand('ip', ['netns', 'add', namespace]);
  await ip(namespace, ['link set lo up']);
  const files = FAMILIES.map(({ family }) => `/proc/sys/net/${FORWARDING[family]}`);
  await runCommand('nsenter', [`--net=/run/netns/${namespace}`, 'tee', ...files], { input: '1\n' });
}

async function makeRouter({ lan, control }: Cluster): Promise<void> {
  await ip(UNDERLAY.namespace, [
    `link add ${lan.bridge} type veth peer name wan netns ${lan.namespace}`,
    `link set ${lan.bridge} master ${UNDERLAY.bridge} up`,
  ]);
  await ip(lan.namespace, [
    ...bridge(lan),
    ...addresses(lan, GATEWAY, lan.bridge),
    ...addresses(UNDERLAY, ROUTER, 'wan'),
    'link set wan up',
    ...defaultRoutes(UNDERLAY),
  ]);
  await nft(lan.namespace, routerRules(control));
}

async function plug({ lan, nodes }: Cluster, machine: Machine): Promise<void> {
  const namespace = namespaceOf(machine.name);
  // Device names have at most 15 characters; a bridge's ports are told apart by the host's number.
  const port = `port${machine.host}`;
  await ip(lan.namespace, [
    `link add ${port} type veth peer name eth0 netns ${namespace}`,
    `link set ${port} master ${lan.bridge} up`,
  ]);
  await ip(namespace, [
    ...addresses(lan, machine.host, 'eth0'),
    'link set eth0 up',
    ...defaultRoutes(lan),
    ...nodes
      .filter(({ name }) => name !== machine.name)
      .flatMap((node) =>
        node.podCidrs.map((podCidr, index) => `route add ${podCidr} via ${node.addresses[index]}`),
      ),
  ]);
  if (nodes.some(({ name }) => name === machine.name)) await nft(namespace, NODE_RULES);
}

function bridge(lan: Lan): string[] {
  return [`link add ${lan.bridge} type bridge forward_delay 0`, `link set ${lan.bridge} up`];
}

/** Gives a device the addresses of a host; nobody else has them, so that nothing has to wait until that is found out. */
function addresses(lan: Lan, host: number, device: string): string[] {
  return FAMILIES.map((plan) => {
    const nodad = plan.family === 6 ? ' nodad' : '';
    return `addr add ${lan.address(plan, host)}/${plan.prefixLength} dev ${device}${nodad}`;
  });
}

function defaultRoutes(lan: Lan): string[] {
  return FAMILIES.map((plan) => `route add default via ${lan.address(plan, GATEWAY)}`);
}

async function ip(namespace: string, lines: readonly string[]): Promise<void> {
  await runCommand('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

async function nft(namespace: string, rules: string): Promise<void> {
  await runCommand('nsenter', [`--net=/run/netns/${namespace}`, 'nft', '-f', '-'], { input: rules });
}
