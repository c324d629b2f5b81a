import type { Cidr } from '../address/cidr.ts';
import type { IpAddress } from '../address/ip.ts';
import type { Condition } from '../model/kubernetes-object.ts';
import type { LabelSelector, WorkloadKind } from '../model/membership.ts';
import type { ClusterName, DomainName, NamespaceName, NodeName } from '../model/names.ts';
import type { ReasonCode, Refusal } from '../reason/reasons.ts';

/**
 * What runs where and who is a member of what: plain JSON, made from the clusters' objects by
 * `buildTopology`, sent to the browser as it is. Every record is keyed by its element's id, and
 * every array is sorted.
 */
export interface Topology {
  readonly clusters: Readonly<Record<string, ClusterView>>;
  readonly nodes: Readonly<Record<string, NodeView>>;
  readonly workloads: Readonly<Record<WorkloadId, WorkloadView>>;
  readonly domains: Readonly<Record<string, DomainView>>;
  readonly memberships: Readonly<Record<string, MembershipView>>;
  readonly meshes: Readonly<Record<string, MeshView>>;
  /** Objects that could not be read, with the field at fault. */
  readonly broken: Readonly<Record<string, BrokenObject>>;
}

/** `cluster/namespace/Kind/name`. */
export type WorkloadId = string;

/** Names an element of the map: the argument of gestures, selection and URLs. */
export type ElementRef =
  | { readonly type: 'cluster'; readonly id: string }
  | { readonly type: 'namespace'; readonly id: string }
  | { readonly type: 'node'; readonly id: string }
  | { readonly type: 'workload'; readonly id: WorkloadId }
  | { readonly type: 'domain'; readonly id: string }
  | { readonly type: 'membership'; readonly id: string }
  | { readonly type: 'mesh'; readonly id: string }
  | { readonly type: 'partner'; readonly id: string }
  | { readonly type: 'canvas'; readonly id: '' };

/** An object of some cluster, and where in it. */
export interface ObjectRef {
  readonly cluster: ClusterName;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** JSON path of the field that decides, for example `spec.allowedNamespaces`. */
  readonly field?: string;
}

export interface ClusterView {
  readonly id: ClusterName;
  readonly ranges: ClusterRanges;
  readonly reachable: boolean;
  /** When the cluster's state was last known to be current. */
  readonly lastSeenMs: number;
  readonly readOnly: boolean;
  readonly version: string;
  readonly namespaces: readonly NamespaceName[];
  /** What the controller mirrored here of other clusters. */
  readonly mirrors: readonly MirrorView[];
  /** Its ClusterLinks. */
  readonly links: readonly LinkView[];
}

/** How a cluster is linked to another. */
export interface LinkView {
  /** Of the ClusterLink. */
  readonly name: string;
  readonly cluster: ClusterName;
  readonly mode: 'pull' | 'push';
  readonly hub: boolean;
  /** Whether Flatland makes its token, and can make another. */
  readonly ownsToken: boolean;
  /** When the token in use ends, as the controller says (RFC 3339). */
  readonly tokenExpiresAt?: string;
  readonly conditions: readonly Condition[];
}

/** Another cluster's nodes of one domain, as this cluster knows them. */
export interface MirrorView {
  readonly origin: ClusterName;
  readonly domain: DomainName;
  readonly nodes: readonly NodeName[];
  /** What is routed to those nodes; what lies outside the origin’s slice at home is not among it. */
  readonly blocks: readonly Cidr[];
  readonly conditions: readonly Condition[];
}

/** Ranges that no prefix of a domain in the cluster may overlap. */
export interface ClusterRanges {
  readonly pods: readonly Cidr[];
  readonly services: readonly Cidr[];
  readonly nodes: readonly Cidr[];
}

/** Keyed `cluster/node`. */
export interface NodeView {
  readonly id: string;
  readonly cluster: ClusterName;
  readonly name: NodeName;
  readonly ready: boolean;
  readonly schedulable: boolean;
  readonly hasAgent: boolean;
  readonly addresses: readonly IpAddress[];
  /** The node's side of each domain's tunnels. */
  readonly peers: readonly {
    readonly domain: DomainName;
    readonly publicKey: string;
    readonly behindNat: boolean;
    readonly blocks: readonly Cidr[];
  }[];
}

export interface WorkloadView {
  readonly id: WorkloadId;
  readonly cluster: ClusterName;
  readonly namespace: NamespaceName;
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: { readonly desired: number; readonly ready: number };
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  /** What its pods ask of Network Service Mesh; a workload's own annotation goes before its namespace's. */
  readonly nsmAnnotation?: { readonly text: string; readonly from: 'workload' | 'namespace' };
  /** Names of NetworkPolicies that select its pods. */
  readonly networkPolicies: readonly string[];
  readonly instances: readonly InstanceView[];
  /** Domains of the Memberships that count, and those that don't, with the reason. */
  readonly domains: readonly WorkloadDomain[];
}

/** What one Membership means for one workload. */
export interface WorkloadDomain {
  readonly domain: DomainName;
  readonly membership: string;
  readonly counts: boolean;
  readonly refusal?: Refusal;
  /** The object and field that decide that it does, or does not, count. */
  readonly deciding: ObjectRef;
}

/** One pod of a workload. */
export interface InstanceView {
  readonly name: string;
  readonly uid: string;
  readonly node: NodeName | '';
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly podAddresses: readonly IpAddress[];
  /** Programmed memberships, as the node's agent reports them. */
  readonly members: readonly {
    readonly domain: DomainName;
    readonly addresses: readonly IpAddress[];
    readonly dnsNames: readonly string[];
  }[];
  readonly refused: readonly {
    readonly domain: DomainName;
    readonly reason: ReasonCode;
    readonly message: string;
  }[];
}

/** One domain over all clusters; keyed by name. Fields are those of the home cluster's copy. */
export interface DomainView {
  readonly id: DomainName;
  readonly prefixes: readonly Cidr[];
  readonly clusters: readonly {
    readonly name: ClusterName;
    readonly slices: readonly Cidr[];
    readonly present: boolean;
    readonly agrees: boolean;
  }[];
  readonly home: ClusterName;
  readonly dnsName: string;
  readonly mtuBytes?: number;
  readonly allowedNamespaces: readonly string[];
  readonly owner: string;
  readonly target: 'flatland' | 'nsm';
  readonly conditions: readonly Condition[];
  /** Running instances of workloads whose Memberships count. */
  readonly memberCount: number;
  readonly programmedCount: number;
}

/** Keyed `cluster/namespace/name`. */
export interface MembershipView {
  readonly id: string;
  readonly cluster: ClusterName;
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly domain: DomainName;
  readonly selects:
    | { readonly type: 'workload'; readonly kind: WorkloadKind; readonly name: string }
    | { readonly type: 'selector'; readonly selector: LabelSelector };
  readonly workloads: readonly WorkloadId[];
  readonly counts: boolean;
  readonly refusal?: Refusal;
  readonly deciding: ObjectRef;
  /** True where Flatland made it, so that Flatland may delete it. */
  readonly owned: boolean;
}

/** Keyed `cluster/name`, cluster being the one whose API holds the Mesh. */
export interface MeshView {
  readonly id: string;
  readonly cluster: ClusterName;
  readonly name: string;
  readonly kind: 'consul' | 'istio' | 'kuma' | 'linkerd';
  readonly version: string;
  readonly domain: DomainName;
  readonly controlPlane: WorkloadId;
  readonly intercepts: boolean;
  readonly enrolled: readonly WorkloadId[];
  readonly conditions: readonly Condition[];
}

export interface BrokenObject {
  readonly object: ObjectRef;
  readonly message: string;
}
