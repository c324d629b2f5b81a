import { readdir } from 'node:fs/promises';
import { runCommand } from '@flatland/lab/machine/run-command';
import {
  allNamespaces,
  API_PORT,
  CLUSTERS,
  HOST_DEVICE,
  namespaceOf,
  POD_CIDR,
  SERVICE_CIDR,
  UNDERLAY,
  type Cluster,
  type Lan,
  type Machine,
} from './layout.ts';

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
  await runCommand('ip', ['addr', 'add', onLan(UNDERLAY, UNDERLAY.gateway), 'dev', HOST_DEVICE]);
  await runCommand('ip', ['link', 'set', HOST_DEVICE, 'up']);
  for (const cluster of CLUSTERS) {
    if (cluster.natAddress !== undefined) await makeRouter(cluster, cluster.natAddress);
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
export async function cutOffApi({ lan, control, natAddress }: Cluster): Promise<void> {
  const [namespace, hook] =
    natAddress === undefined ? [namespaceOf(control.name), 'input'] : [lan.namespace, 'forward'];
  await nft(
    namespace,
    `table ip ${CUT} {
  chain ${hook} {
    type filter hook ${hook} priority filter - 1
    iifname ${natAddress === undefined ? 'eth0' : 'wan'} tcp dport ${API_PORT} drop
  }
}
`,
  );
}

/** Lets everybody reach a cluster's API server again, whether it was cut off or not. */
export async function rejoinApi({ lan, control, natAddress }: Cluster): Promise<void> {
  const namespace = natAddress === undefined ? namespaceOf(control.name) : lan.namespace;
  await nft(namespace, `table ip ${CUT}\ndelete table ip ${CUT}\n`);
}

/** The table of rules that cuts an API server off. */
const CUT = 'flatland_cut';

async function makeNamespace(namespace: string): Promise<void> {
  await runCommand('ip', ['netns', 'add', namespace]);
  await ip(namespace, ['link set lo up']);
  await runCommand('nsenter', [`--net=/run/netns/${namespace}`, 'tee', '/proc/sys/net/ipv4/ip_forward'], {
    input: '1\n',
  });
}

async function makeRouter({ lan, control }: Cluster, natAddress: string): Promise<void> {
  await ip(UNDERLAY.namespace, [
    `link add ${lan.bridge} type veth peer name wan netns ${lan.namespace}`,
    `link set ${lan.bridge} master ${UNDERLAY.bridge} up`,
  ]);
  await ip(lan.namespace, [
    ...bridge(lan),
    `addr add ${onLan(lan, lan.gateway)} dev ${lan.bridge}`,
    `addr add ${onLan(UNDERLAY, natAddress)} dev wan`,
    'link set wan up',
    `route add default via ${UNDERLAY.gateway}`,
  ]);
  await nft(lan.namespace, routerRules(control));
}

/** Masquerades what goes out, lets in answers and what is for the API server. */
const routerRules = (control: Machine) => `
table ip flatland_router {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "wan" tcp dport ${API_PORT} dnat to ${control.address}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy drop
    iifname "wan" ct state established,related accept
    iifname "wan" ct status dnat accept
    iifname != "wan" accept
  }
}
`;

/** Pods leave the cluster by their node's address. */
const NODE_RULES = `
table ip flatland_node {
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr ${POD_CIDR} ip daddr != { ${POD_CIDR}, ${SERVICE_CIDR} } oifname "eth0" masquerade
  }
}
`;

async function plug({ lan, nodes }: Cluster, machine: Machine): Promise<void> {
  const namespace = namespaceOf(machine.name);
  // Device names have at most 15 characters; a bridge's ports are told apart by the last part of the address.
  const port = `port${machine.address.split('.').at(-1)}`;
  await ip(lan.namespace, [
    `link add ${port} type veth peer name eth0 netns ${namespace}`,
    `link set ${port} master ${lan.bridge} up`,
  ]);
  await ip(namespace, [
    `addr add ${onLan(lan, machine.address)} dev eth0`,
    'link set eth0 up',
    `route add default via ${lan.gateway}`,
    ...nodes
      .filter(({ name }) => name !== machine.name)
      .map(({ podCidr, address }) => `route add ${podCidr} via ${address}`),
  ]);
  if (nodes.some(({ name }) => name === machine.name)) await nft(namespace, NODE_RULES);
}

function bridge(lan: Lan): string[] {
  return [`link add ${lan.bridge} type bridge forward_delay 0`, `link set ${lan.bridge} up`];
}

function onLan(lan: Lan, address: string): string {
  return `${address}/${lan.prefixLength}`;
}

async function ip(namespace: string, lines: readonly string[]): Promise<void> {
  await runCommand('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

async function nft(namespace: string, rules: string): Promise<void> {
  await runCommand('nsenter', [`--net=/run/netns/${namespace}`, 'nft', '-f', '-'], { input: rules });
}
