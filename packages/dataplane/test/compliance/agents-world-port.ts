import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { DomainName } from '@flatland/shared/model/names';
import type { Datapath, NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import type { MemoryApi } from '../memory-world/memory-api.ts';

/** A NAT that lets in answers alone: with a port for each destination, or one for all of them. */
export type NatKind = 'symmetric' | 'port-restricted';

/** Clusters of nodes with agents, in which the agents' suite runs. */
export interface AgentsWorld {
  readonly datapath: Datapath;
  readonly apis: ReadonlyMap<string, MemoryApi>;
  /** A cluster with nodes `<cluster>-1`, `<cluster>-2`… and their agents; all of them behind one NAT where `nat` says so. */
  addCluster(cluster: string, nNodes: number, nat?: NatKind): Promise<void>;
  api(cluster: string): MemoryApi;
  /** Puts an object into every cluster's API, as the console does with a Domain. */
  putEverywhere(...objects: readonly KubernetesObject[]): void;
  /** A running pod: its object, the objects above it, and its sandbox. */
  addPods(cluster: string, objects: readonly KubernetesObject[]): Promise<void>;
  /** Ends a pod and its sandbox. */
  removePod(cluster: string, name: string): Promise<void>;
  /** Addresses of a pod in a domain, as its node's MemberSlice tells them. */
  addressesOf(cluster: string, podUid: string, domain: string): IpAddress[];
  /** One echo request from a pod's own network, of that length where one is given, and never fragmented then. */
  ping(
    node: string,
    podUid: string,
    to: string,
    timeoutMs?: number,
    packetBytes?: number,
  ): Promise<{ readonly kind: string }>;
  /** Pretends another source address. Nobody waits for an answer. */
  sendForged(
    node: string,
    podUid: string,
    forged: { readonly domain: DomainName; readonly from: string; readonly to: string },
  ): Promise<void>;
  report(node: string): Promise<NodeReport>;
  probe(node: string, request: ProbeRequest): Promise<ProbeResult>;
  isReady(node: string): Promise<boolean>;
  /** Ends an agent and starts another one on the same node, with the same files. */
  restartAgent(node: string): Promise<void>;
  /** Ends the forwarder without warning, and starts another one. */
  restartForwarder(node: string): Promise<void>;
  /** Whether no node has a router or a WireGuard device. */
  isClean(): Promise<boolean>;
  close(): Promise<void>;
}
