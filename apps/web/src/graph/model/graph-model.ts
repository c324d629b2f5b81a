import type { WorkloadKind } from '@flatland/shared/model/membership';
import type { ReasonCode } from '@flatland/shared/reason/reasons';
import type { DomainHue } from './domain-hue.ts';
import type { ElementKey } from './element-key.ts';

/** What the map draws: plain records by key, without positions. */
export interface GraphModel {
  readonly nodes: ReadonlyMap<ElementKey, GraphNode>;
  readonly edges: ReadonlyMap<ElementKey, GraphEdge>;
  readonly hidden: HiddenCounts;
}

/** What is left out, and why: it is said on screen. */
export interface HiddenCounts {
  /** Workloads that filters, or focus, leave out. */
  readonly filtered: number;
  /** Workloads of system namespaces. */
  readonly system: number;
}

export type Lens = 'members' | 'traffic' | 'infrastructure' | 'mesh';
export const LENSES: readonly Lens[] = ['members', 'traffic', 'infrastructure', 'mesh'];

/** A domain's name with its look. */
export interface DomainMark {
  readonly name: string;
  readonly hue: DomainHue;
}

export type StagedState = 'add' | 'remove';

interface NodeBase {
  readonly key: ElementKey;
  readonly label: string;
  readonly parent?: ElementKey;
  /** How many objects of it are not what was applied; absent where none is. */
  readonly drifted?: number;
}

export interface ClusterNode extends NodeBase {
  readonly type: 'cluster';
  readonly podRange: string;
  /** Other clusters with the same pod range. */
  readonly nSharing: number;
  readonly reachable: boolean;
  readonly lastSeenMs: number;
  readonly readOnly: boolean;
  readonly nWorkloads: number;
  readonly nAgents: number;
  /** True where one of its workloads has objects that are not what was applied. */
  readonly driftedWithin?: true;
}

export interface NamespaceNode extends NodeBase {
  readonly type: 'namespace';
  readonly folded: boolean;
  readonly nWorkloads: number;
  readonly domains: readonly DomainMark[];
}

export interface MachineNode extends NodeBase {
  readonly type: 'node';
  readonly ready: boolean;
  readonly schedulable: boolean;
  readonly hasAgent: boolean;
  readonly behindNat: boolean;
  readonly domains: readonly DomainMark[];
  readonly nInstances: number;
}

export type Health = 'ready' | 'degraded' | 'failing' | 'idle';

export interface WorkloadNode extends NodeBase {
  readonly type: 'workload';
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly ready: number;
  readonly desired: number;
  readonly health: Health;
  readonly hostNetwork: boolean;
  readonly domains: readonly DomainMark[];
  /** Those of its domains that are only staged. */
  readonly joining: readonly string[];
  /** First address in each domain, for close zoom. */
  readonly addresses: readonly string[];
  readonly meshes: readonly string[];
}

export interface HubNode extends NodeBase {
  readonly type: 'domain';
  readonly mark: DomainMark;
  readonly prefix: string;
  readonly memberCount: number;
  readonly staged?: StagedState;
  /** First condition that asks for attention. */
  readonly warning?: string;
  /** Name of the domain whose prefix overlaps, where one does. */
  readonly clash?: string;
}

export interface MeshNode extends NodeBase {
  readonly type: 'mesh';
  readonly kind: string;
  readonly domain: string;
  readonly state: MeshState;
}

/** What is known of a mesh; `unknown` where nothing has reported on it. */
export type MeshState = 'ready' | 'not-ready' | 'unknown';

export type GraphNode = ClusterNode | NamespaceNode | MachineNode | WorkloadNode | HubNode | MeshNode;

/** State of a membership, from the weakest to the strongest claim. Errors stand apart. */
export type MemberState =
  | { readonly kind: 'staged-add' }
  | { readonly kind: 'staged-remove' }
  | { readonly kind: 'programming'; readonly programmed: number; readonly instances: number }
  | { readonly kind: 'member' }
  | { readonly kind: 'proved'; readonly atMs: number; readonly rttMs?: number; readonly simulated: boolean }
  | { readonly kind: 'disagrees'; readonly code: ReasonCode }
  | { readonly kind: 'failed'; readonly code: ReasonCode; readonly detail: string };

interface EdgeBase {
  readonly key: ElementKey;
  readonly source: ElementKey;
  readonly target: ElementKey;
}

export interface MemberEdge extends EdgeBase {
  readonly type: 'member';
  readonly mark: DomainMark;
  readonly state: MemberState;
  /** How many of its objects are not what was applied; absent where none is. */
  readonly drifted?: number;
}

/** Many memberships as one, where their workloads are not drawn. */
export interface CountedEdge extends EdgeBase {
  readonly type: 'counted';
  readonly mark: DomainMark;
  readonly count: number;
  readonly staged: boolean;
  readonly failed: boolean;
  /** True where one of them is not what was applied. */
  readonly drifted?: true;
}

export interface SpanEdge extends EdgeBase {
  readonly type: 'span';
  readonly mark: DomainMark;
  readonly staged: StagedState;
}

export interface TrafficEdge extends EdgeBase {
  readonly type: 'traffic';
  readonly mark: DomainMark;
  readonly bytesPerSecond: number;
  readonly state: 'live' | 'stale' | 'denied';
  readonly code?: ReasonCode;
}

export interface TunnelEdge extends EdgeBase {
  readonly type: 'tunnel';
  readonly mark: DomainMark;
  readonly up: boolean;
  readonly path: 'none' | 'direct' | 'relay';
}

export interface EnrolEdge extends EdgeBase {
  readonly type: 'enrol';
  readonly staged: boolean;
}

export type GraphEdge = MemberEdge | CountedEdge | SpanEdge | TrafficEdge | TunnelEdge | EnrolEdge;
