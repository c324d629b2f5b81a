import { FLATLAND_API_VERSION, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import type { DisconnectReport } from '../api/cluster.ts';

const WORKLOADS: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment']);

/** What stays in a cluster that is disconnected, as it was last seen: all of it. */
export function disconnectReport(name: ClusterName, snapshot: Snapshot): DisconnectReport {
  const objects = snapshot.clusters.find(({ cluster }) => cluster === name)?.objects ?? [];
  const own = objects.filter(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === FLATLAND_API_VERSION || (WORKLOADS.has(kind) && metadata.namespace === SYSTEM_NAMESPACE),
  );
  const stays = [...Map.groupBy(own, ({ kind }) => kind)]
    .map(([kind, all]) => ({ kind, count: all.length }))
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  return {
    name,
    stays,
    notes: [
      stays.length === 0
        ? `Nothing of Flatland was in ${name}, and nothing was deleted`
        : `Nothing was deleted in ${name}: what Flatland has there stays, and members keep talking`,
      `The credentials are gone from this console, not from ${name}: revoke them there if nobody else uses them`,
    ],
  };
}
