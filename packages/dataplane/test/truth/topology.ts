import type { WorkloadKind } from '@flatland/shared/model/membership';
import type { NatKind } from '../compliance/agents-world-port.ts';

/** Clusters, domains, workloads and what is wrong with them, in a few words: plain data that a seed gives. */
export interface TruthTopology {
  readonly clusters: readonly TruthCluster[];
  readonly domains: readonly TruthDomain[];
  readonly workloads: readonly TruthWorkload[];
  readonly memberships: readonly TruthMembership[];
  /** Pairs of nodes, as `cluster/node`, between which no datagram passes. */
  readonly partitions: readonly (readonly [string, string])[];
  /** Of which cluster's nodes which other cluster is told nothing. */
  readonly unmirrored: readonly { readonly origin: string; readonly target: string }[];
  /** Whether what is mirrored is in several slices. */
  readonly mirrorsInParts: boolean;
  /** Clusters whose API does not answer any more. */
  readonly away: readonly string[];
  /** What happens once all is well. */
  readonly happens: TruthEvent;
}

/** Something that happens to a world; numbers count through whatever there is of the kind. */
export interface TruthEvent {
  readonly what:
    | 'nothing'
    | 'partition'
    | 'heal'
    | 'leave'
    | 'pod-goes'
    | 'namespaces-close'
    | 'domain-goes'
    | 'block-goes'
    | 'block-changes-hands'
    | 'node-object-goes'
    | 'agent-restarts'
    | 'forwarder-restarts'
    | 'api-goes-away';
  readonly n: number;
  readonly m: number;
}

export interface TruthCluster {
  readonly name: string;
  readonly nodes: readonly TruthNode[];
  /** All of its nodes are behind one NAT. */
  readonly nat?: NatKind;
  /** Whether an operator says that they are. */
  readonly saysNat: boolean;
  /** Whether it tells its pod range 10.244.0.0/16. */
  readonly hasRanges: boolean;
}

interface TruthNode {
  /** `<cluster>-1`, `<cluster>-2`… */
  readonly name: string;
  /** `cluster/node` of the relays that it declares. */
  readonly via: readonly string[];
}

export interface TruthDomain {
  readonly name: string;
  readonly prefixes: readonly string[];
  /** Slices of each cluster that it spans. */
  readonly slices: Readonly<Record<string, readonly string[]>>;
  /** Clusters that it spans and that have no copy of it. */
  readonly missingIn: readonly string[];
  readonly allowedNamespaces: readonly string[];
  readonly target: 'flatland' | 'nsm';
}

export interface TruthWorkload {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly tier: string;
  readonly hostNetwork: boolean;
  /** Runs in a sandbox that takes no interfaces. */
  readonly isSandboxed: boolean;
  readonly pods: readonly TruthPod[];
}

export interface TruthPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** `waiting`: runs, and its sandbox is not there. */
  readonly state: 'running' | 'starting' | 'ending' | 'ended' | 'waiting';
}

export interface TruthMembership {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly domain: string;
  readonly selects:
    | { readonly by: 'workload'; readonly kind: WorkloadKind; readonly name: string }
    | { readonly by: 'tier'; readonly tier: string }
    | { readonly by: 'namespace' };
  readonly createdAt: string;
}

/** A pod with all that is above it. */
export interface TruthInstance {
  readonly workload: TruthWorkload;
  readonly pod: TruthPod;
  /** `cluster/node`. */
  readonly nodeId: string;
}

/** Every pod of a topology. */
export function instancesOf(topology: TruthTopology): TruthInstance[] {
  return topology.workloads.flatMap((workload) =>
    workload.pods.map((pod) => ({ workload, pod, nodeId: `${workload.cluster}/${pod.node}` })),
  );
}
