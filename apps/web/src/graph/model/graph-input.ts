import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { PairProbe } from '@flatland/shared/report/console-event';
import type { NodeReport } from '@flatland/shared/report/report';
import type { Topology } from '@flatland/shared/topology/topology';
import type { WorkloadFlow } from '../../live/flow-rates.ts';
import type { StagedChanges } from '../../staging/staged-changes.ts';
import type { DomainHue } from './domain-hue.ts';
import type { ElementKey } from './element-key.ts';
import type { Lens } from './graph-model.ts';

/** Everything that decides what the map draws. */
export interface GraphInput {
  readonly topology: Topology;
  readonly staged: StagedChanges;
  readonly probes: Iterable<PairProbe>;
  readonly reports: Iterable<NodeReport>;
  readonly flows: readonly WorkloadFlow[];
  readonly drifted: readonly DriftedObject[];
  readonly hues: ReadonlyMap<string, DomainHue>;
  readonly nowMs: number;
  readonly options: GraphOptions;
}

/** What a person chose to see. */
export interface GraphOptions {
  readonly lens: Lens;
  readonly filter: GraphFilter;
  /** Workloads are grouped by namespace within their cluster. */
  readonly groupNamespaces: boolean;
  /** Keys of namespaces that are drawn as one node. */
  readonly folded: ReadonlySet<ElementKey>;
}

export interface GraphFilter {
  /** Words that a workload's name, namespace, cluster, kind or domains must contain. */
  readonly text: string;
  /** Only members of one of these; all where empty. */
  readonly domains: readonly string[];
  /** Only this element and what it is connected to. */
  readonly focus: ElementKey | undefined;
  readonly showSystem: boolean;
  /** Only workloads whose membership failed, or whose packets disagree with the verdict. */
  readonly onlyTrouble: boolean;
}

export const DEFAULT_OPTIONS: GraphOptions = {
  lens: 'members',
  filter: { text: '', domains: [], focus: undefined, showSystem: false, onlyTrouble: false },
  groupNamespaces: false,
  folded: new Set(),
};
