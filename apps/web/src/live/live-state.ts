import type {
  ChangeSetSummary,
  ConsoleEvent,
  PairProbe,
  TopologyPatch,
} from '@flatland/shared/report/console-event';
import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { NodeReport } from '@flatland/shared/report/report';
import type { Topology } from '@flatland/shared/topology/topology';

/** Everything that the one event stream has told this tab. */
export interface LiveState {
  readonly topology: Topology;
  /** Keyed `cluster/node`. */
  readonly reports: Readonly<Record<string, NodeReport>>;
  /** The report before the last of each node: two make a rate. */
  readonly earlierReports: Readonly<Record<string, NodeReport>>;
  /** Keyed `from>to`. */
  readonly probes: Readonly<Record<string, PairProbe>>;
  readonly changeSets: Readonly<Record<string, ChangeSetSummary>>;
  /** Objects that are not what was applied. */
  readonly drifted: readonly DriftedObject[];
  /** Rises whenever somebody did something that is kept, or may have while this tab heard nothing. */
  readonly nDone: number;
}

const EMPTY_TOPOLOGY: Topology = {
  clusters: {},
  nodes: {},
  workloads: {},
  domains: {},
  memberships: {},
  meshes: {},
  broken: {},
};

/** What a tab knows before its first snapshot. */
export const NOTHING_KNOWN: LiveState = {
  topology: EMPTY_TOPOLOGY,
  reports: {},
  earlierReports: {},
  probes: {},
  changeSets: {},
  drifted: [],
  nDone: 0,
};

/** Key of the last probe of an ordered pair. */
export function probeKey(pair: { readonly from: string; readonly to: string }): string {
  return `${pair.from}>${pair.to}`;
}

/** The state after an event. Collections that did not change keep their identity. */
export function applyEvent(state: LiveState, event: ConsoleEvent): LiveState {
  switch (event.kind) {
    case 'snapshot':
      return {
        topology: event.topology,
        reports: keyed(event.reports, reportKey),
        earlierReports: state.reports,
        probes: keyed(event.probes, probeKey),
        changeSets: keyed(event.changeSets, (changeSet) => changeSet.id),
        drifted: event.drifted,
        nDone: state.nDone + 1,
      };
    case 'topology':
      return { ...state, topology: patchTopology(state.topology, event.patch) };
    case 'report': {
      const key = reportKey(event.report);
      const before = state.reports[key];
      return {
        ...state,
        reports: { ...state.reports, [key]: event.report },
        earlierReports: before ? { ...state.earlierReports, [key]: before } : state.earlierReports,
      };
    }
    case 'probe':
      return { ...state, probes: { ...state.probes, [probeKey(event.probe)]: event.probe } };
    case 'change-set':
      return { ...state, changeSets: { ...state.changeSets, [event.changeSet.id]: event.changeSet } };
    case 'drift':
      return { ...state, drifted: event.drifted };
    case 'audit':
      return { ...state, nDone: state.nDone + 1 };
  }
}

/** The topology after a patch; `null` takes an element away. */
export function patchTopology(topology: Topology, patch: TopologyPatch): Topology {
  const next: Record<string, Readonly<Record<string, unknown>>> = { ...topology };
  for (const [collection, changes] of Object.entries(patch)) {
    const elements: Record<string, unknown> = { ...next[collection] };
    for (const [id, element] of Object.entries(changes ?? {}))
      if (element === null) delete elements[id];
      else elements[id] = element;
    next[collection] = elements;
  }
  return next as unknown as Topology;
}

function reportKey(report: NodeReport): string {
  return `${report.cluster}/${report.node}`;
}

function keyed<T>(items: readonly T[], key: (item: T) => string): Record<string, T> {
  return Object.fromEntries(items.map((item) => [key(item), item]));
}
