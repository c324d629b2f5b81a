import type { ClusterOverview, Overview } from '../api/console.ts';
import type { Clusters } from '../clusters/clusters.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { ReportStore } from '../state/report-store.ts';
import type { World } from '../state/world.ts';

/** Version of this release. */
export const VERSION = '0.1.0';

export interface OverviewDeps {
  readonly clusters: Clusters;
  readonly world: () => World;
  readonly reports: ReportStore;
  readonly startedAtMs: number;
  /** True where the clusters are the sample lab. */
  readonly isLab: boolean;
  readonly readiness: () => Readiness;
}

/** What the first screen says of the whole. */
export function overview(deps: OverviewDeps): Overview {
  const { nodes } = deps.world().topology;
  const connected = deps.clusters.all().map((watch): ClusterOverview => {
    const own = Object.values(nodes).filter((node) => node.cluster === watch.name);
    const pulse = watch.pulse();
    const { readOnly } = watch.snapshot();
    const message = pulse.reachable ? watch.faults().join('; ') : pulse.why;
    return {
      name: watch.name,
      reachable: pulse.reachable,
      readOnly,
      origin: deps.clusters.originOf(watch.name) ?? 'kubeconfig',
      version: pulse.version,
      lastSeenMs: pulse.lastSeenMs,
      nNodes: own.length,
      nAgents: own.filter((node) => node.hasAgent).length,
      ...(message === '' ? {} : { message }),
    };
  });
  const refused = deps.clusters.refused().map(({ name, why, origin }): ClusterOverview => ({
    name,
    origin,
    reachable: false,
    readOnly: true,
    version: '',
    lastSeenMs: 0,
    nNodes: 0,
    nAgents: 0,
    message: why,
  }));
  const ofLab = connected.filter(({ origin }) => origin === 'kubeconfig');
  return {
    version: VERSION,
    startedAtMs: deps.startedAtMs,
    ready: deps.readiness().ready,
    clusters: [...connected, ...refused],
    datapath: datapathOf(deps.reports),
    ...(deps.isLab ? { lab: { clusters: ofLab.map(({ name }) => name) } } : {}),
  };
}

/** How packets are carried, as the agents say. */
export function datapathOf(reports: ReportStore): Overview['datapath'] {
  const [first = 'none', ...others] = new Set(reports.all().map((report) => report.datapath));
  return others.length > 0 ? 'mixed' : first;
}
