import { zNodePeer } from '../model/node-peer.ts';
import { nodeAddresses } from '../topology/facts/cluster-ranges.ts';
import { text } from '../topology/facts/json.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';
import { WIREGUARD_PORTS_TEXT as PORTS } from './ports-text.ts';

/** WireGuard is part of Linux from 5.6 on. */
const WIREGUARD_KERNEL = [5, 6] as const;
/** IPv6 needs 1280 bytes inside (RFC 8200 §5); a tunnel costs 80 outside, padding counted. */
const MIN_UNDERLAY_MTU_BYTES = 1280 + 80;
const NAMED = 3;

/** The nodes, and what of the ways between them can be said before an agent runs on each. */
export function nodeLines(facts: PreflightFacts): PreflightLine[] {
  const { nodes } = facts;
  if (!nodes.ok)
    return [line('nodes', 'unknown', `Nodes cannot be listed: ${nodes.error}`, 'Grant list on nodes')];
  if (nodes.value.length === 0)
    return [
      line('nodes', 'warning', 'The cluster has no node', 'Add one: without it nothing can be a member'),
    ];
  const linux = nodes.value.filter(isLinux);
  return [
    ...plainNodes(nodes.value, linux),
    ...(linux.length === 0 ? [] : [...kernelLines(linux), ...wayLines(), mtuLine(facts)]),
  ];
}

function plainNodes(nodes: readonly KubernetesObject[], linux: readonly KubernetesObject[]): PreflightLine[] {
  const others = nodes.filter((node) => !linux.includes(node));
  const addressless = linux.filter((node) => nodeAddresses(node).length === 0);
  return [
    line('nodes', 'ok', `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}: ${names(nodes)}`),
    ...(others.length === 0
      ? []
      : [line('nodes', 'warning', `No Linux: ${names(others)}`, 'Run members on Linux nodes')]),
    ...(addressless.length === 0
      ? []
      : [
          line(
            'nodes',
            'warning',
            `No address is published by ${names(addressless)}`,
            'Set the node’s address, or configure an endpoint for its agent',
          ),
        ]),
  ];
}

function kernelLines(linux: readonly KubernetesObject[]): PreflightLine[] {
  const old = linux.filter((node) => isOld(kernelOf(node)));
  const rest = linux.filter((node) => !old.includes(node));
  const kernels = [...new Set(rest.map(kernelOf))].toSorted();
  return [
    ...(old.length === 0
      ? []
      : [
          line(
            'kernel-wireguard',
            'warning',
            `The kernel of ${names(old)} is older than 5.6 and has no WireGuard; Flatland’s own carries the packets there, slower`,
            'Upgrade the nodes’ kernel, or leave it so',
          ),
        ]),
    ...(rest.length === 0
      ? []
      : [
          line(
            'kernel-wireguard',
            'unknown',
            `Linux ${kernels.join(', ')} can have WireGuard; whether its module loads is known once an agent runs on the node. Where it does not, Flatland’s own is used`,
          ),
        ]),
  ];
}

function wayLines(): PreflightLine[] {
  return [
    line(
      'udp',
      'unknown',
      'Only nodes can send to nodes: known once agents run on both sides, from a probe inside each tunnel',
      `Let UDP ${PORTS} pass between nodes both ways; where it cannot, a relay carries the packets`,
    ),
    line(
      'path-mtu',
      'unknown',
      'The way between two nodes is measured by their agents, once they run on both sides',
    ),
  ];
}

function mtuLine({ nodePeers }: PreflightFacts): PreflightLine {
  const known = (nodePeers.ok ? nodePeers.value : []).flatMap((object) => {
    const peer = zNodePeer.safeParse(object);
    return peer.success ? [peer.data.spec.underlayMtuBytes] : [];
  });
  if (known.length === 0)
    return line('mtu', 'unknown', 'The API does not tell interfaces’ MTU; each agent reads it on its node');
  const least = Math.min(...known);
  if (least < MIN_UNDERLAY_MTU_BYTES)
    return line(
      'mtu',
      'warning',
      `A node’s interface carries ${least} bytes, and a tunnel with IPv6 inside needs ${MIN_UNDERLAY_MTU_BYTES}`,
      'Raise the MTU of the nodes’ network, or use IPv4 prefixes only',
    );
  return line('mtu', 'ok', `Nodes’ interfaces carry ${least} bytes or more, as their agents say`);
}

function isLinux(node: KubernetesObject): boolean {
  return ['', 'linux'].includes(text(node, '', 'status', 'nodeInfo', 'operatingSystem'));
}

function kernelOf(node: KubernetesObject): string {
  return text(node, '', 'status', 'nodeInfo', 'kernelVersion').slice(0, 64) || 'of unknown version';
}

function isOld(kernel: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [first, second] = WIREGUARD_KERNEL;
  return Number(major) < first || (Number(major) === first && Number(minor) < second);
}

function names(nodes: readonly KubernetesObject[]): string {
  const sorted = nodes.map((node) => node.metadata.name).toSorted();
  const rest = sorted.length - NAMED;
  return rest > 0 ? `${sorted.slice(0, NAMED).join(', ')} and ${rest} more` : sorted.join(', ');
}
