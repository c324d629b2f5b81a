import type { DriftedObject } from '../plan/drift.ts';
import type { NodeReport, ProbeResult } from './report.ts';
import type { Topology, WorkloadId } from '../topology/topology.ts';
import type { Verdict } from '../reachability/verdict.ts';

/**
 * The one event stream of a tab, multiplexed. A tab begins with `snapshot`, then applies patches in
 * order; after a gap that cannot be resumed it gets a new snapshot.
 */
export type ConsoleEvent =
  | {
      readonly kind: 'snapshot';
      readonly topology: Topology;
      readonly reports: readonly NodeReport[];
      readonly probes: readonly PairProbe[];
      readonly changeSets: readonly ChangeSetSummary[];
      readonly drifted: readonly DriftedObject[];
    }
  | { readonly kind: 'topology'; readonly patch: TopologyPatch }
  | { readonly kind: 'report'; readonly report: NodeReport }
  | { readonly kind: 'probe'; readonly probe: PairProbe }
  | { readonly kind: 'change-set'; readonly changeSet: ChangeSetSummary }
  /** All objects that are not what was applied, whenever they are others than before. */
  | { readonly kind: 'drift'; readonly drifted: readonly DriftedObject[] }
  /** Somebody did something that is kept: a change set may be gone, or the audit has more entries. */
  | { readonly kind: 'audit'; readonly seq: number };

/** Elements that changed, by collection and id; `null` where one is gone. */
export type TopologyPatch = {
  readonly [Collection in keyof Topology]?: Readonly<Record<string, Topology[Collection][string] | null>>;
};

/** The last real packet between two workloads, and whether it agrees with the verdict. */
export interface PairProbe {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
  readonly domain?: string;
  readonly result: ProbeResult;
  readonly verdict: Pick<Verdict, 'answer' | 'reason'>;
  readonly agrees: boolean;
}

export type ChangeSetState =
  | 'draft'
  | 'planned'
  | 'applying'
  | 'applied'
  | 'proved'
  | 'partial'
  | 'reverted'
  | 'expired';

/** A row of Activity, and the live state of an apply. */
export interface ChangeSetSummary {
  readonly id: string;
  readonly title: string;
  readonly state: ChangeSetState;
  readonly person: string;
  readonly createdAtMs: number;
  readonly revertOf?: string;
  readonly revertedBy?: string;
  /** One row a cluster. */
  readonly clusters: readonly ClusterProgress[];
}

export interface ClusterProgress {
  readonly cluster: string;
  readonly state: 'queued' | 'applying' | 'waiting' | 'applied' | 'programmed' | 'proved' | 'failed';
  readonly stepsDone: number;
  readonly nSteps: number;
  readonly message?: string;
}
