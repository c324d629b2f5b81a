import type { Clusters } from '../clusters/clusters.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { World } from '../state/world.ts';

/**
 * Says whether the console can do its work: a cluster is connected, every one that answers is read whole, and (once)
 * every member of every domain is programmed. Later changes of members do not take readiness away.
 */
export function createReadiness(clusters: Clusters, world: () => World): () => Readiness {
  let wasProgrammed = false;
  return () => {
    const reachable = clusters.all().filter((watch) => watch.pulse().reachable);
    const unread = reachable.flatMap((watch) => watch.waitsFor().map((plural) => `${watch.name}: ${plural}`));
    const none = reachable.length === 0 ? ['a cluster that answers'] : [];
    const waitsFor = [...none, ...unread, ...(wasProgrammed ? [] : unprogrammed(world()))];
    if (waitsFor.length === 0) wasProgrammed = true;
    return { ready: waitsFor.length === 0, waitsFor };
  };
}

function unprogrammed({ topology }: World): string[] {
  return Object.values(topology.domains)
    .filter(
      ({ programmedCount, memberCount, target }) => target === 'flatland' && programmedCount < memberCount,
    )
    .map(
      ({ id, programmedCount, memberCount }) => `domain ${id}: ${programmedCount} of ${memberCount} members`,
    );
}
