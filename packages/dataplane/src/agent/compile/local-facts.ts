import { parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { nodeAddresses } from '@flatland/shared/topology/facts/cluster-ranges';
import type { UnderlayAddress } from '../../ports/host-network.ts';
import { parseUdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { LocalFacts } from './compile-input.ts';

/** Annotations of a Node by which an operator says what the agent cannot find out. */
export const NODE_ANNOTATIONS = {
  /** `ADDRESS` or `ADDRESS:PORT` that other nodes can send to. */
  externalAddress: 'flatland.dev/external-address',
  /** `true` where the node can only be reached after it spoke first. */
  behindNat: 'flatland.dev/behind-nat',
  /** `CLUSTER/NODE[,CLUSTER/NODE…]`: nodes that relay for this one. */
  via: 'flatland.dev/via',
} as const;

const RELAY = /^[a-z0-9.-]+\/[a-z0-9.-]+$/;

/**
 * What the agent knows of its node, with what the Node object says: annotations win, and of the node's
 * addresses only those count that the cluster knows, where it knows any of them.
 */
export function withNodeObject(local: LocalFacts, node: KubernetesObject | undefined): LocalFacts {
  if (node === undefined) return local;
  const annotations = node.metadata.annotations ?? {};
  const matching = knownUnderlay(local.underlay, node);
  const external = parseExternal(annotations[NODE_ANNOTATIONS.externalAddress]);
  const via = (annotations[NODE_ANNOTATIONS.via] ?? '')
    .split(',')
    .map((relay) => relay.trim())
    .filter((relay) => RELAY.test(relay));
  const told = annotations[NODE_ANNOTATIONS.behindNat];
  return {
    ...local,
    underlay: matching.length > 0 ? matching : local.underlay,
    ...(external !== undefined && { external }),
    ...(via.length > 0 && { relays: via }),
    ...(told !== undefined && { natFamilies: toldNatFamilies(told === 'true') }),
  };
}

/** The Node object of a node. */
export function nodeObject(facts: ClusterFacts, node: string): KubernetesObject | undefined {
  return (facts.byKind.get('Node') ?? []).find(({ metadata }) => metadata.name === node);
}

/** Addresses of a node that its cluster knows it by, and that are on it. */
export function knownAddresses(
  facts: ClusterFacts,
  node: string,
  underlay: readonly UnderlayAddress[],
): IpAddress[] {
  const object = nodeObject(facts, node);
  return object === undefined ? [] : knownUnderlay(underlay, object).map(({ address }) => address);
}

function knownUnderlay(underlay: readonly UnderlayAddress[], node: KubernetesObject): UnderlayAddress[] {
  const known = new Set<IpAddress>(nodeAddresses(node));
  return underlay.filter(({ address }) => known.has(address));
}

/** The families behind NAT where an operator says that a node is, or is not: all of them, for nobody asks for more. */
export function toldNatFamilies(behindNat: boolean): LocalFacts['natFamilies'] {
  return behindNat ? [4, 6] : [];
}

/** Reads `ADDRESS` or `ADDRESS:PORT`, `[ADDRESS]:PORT` for IPv6. */
export function parseExternal(text: string | undefined): LocalFacts['external'] | undefined {
  if (text === undefined || text === '') return undefined;
  const address = parseIpAddress(text);
  if (address.ok) return { address: address.value };
  const endpoint = parseUdpEndpoint(text);
  return endpoint.ok ? { address: endpoint.value.address, port: endpoint.value.port } : undefined;
}
