import type { LinkIntent } from '../intent/intent.ts';
import { linkManifest, linkName, type LinkTo } from '../manifest/link-manifest.ts';
import { LINKS_SECRET, zClusterLink } from '../model/cluster-link.ts';
import type { ClusterName } from '../model/names.ts';
import { knowsDirectly, knowsThroughHub, type LinkEdge } from '../topology/link-knowledge.ts';
import type { WorkingSet } from './working-set.ts';

/** Links two clusters, by pulls both ways or as the intent says. What is linked already stays. */
export function linkClusters(set: WorkingSet, intent: LinkIntent): void {
  const [a, b] = intent.clusters;
  if (a === b) return set.refuse({ code: 'same-element', detail: `${a} cannot be linked to itself` });
  const { dialler, through } = intent;
  for (const name of [a, b, ...(through === undefined ? [] : [through])])
    if (set.topology.clusters[name] === undefined)
      return set.refuse({ code: 'unknown-cluster', detail: `no cluster is called ${name}` });
  if (through !== undefined) {
    if (through === a || through === b)
      return set.refuse({ code: 'same-element', detail: `${through} cannot be the hub of its own link` });
    for (const end of [a, b]) dialsHub(set, end, through);
    return;
  }
  if (dialler === undefined) {
    know(set, a, b);
    know(set, b, a);
    return;
  }
  if (dialler !== a && dialler !== b)
    return set.refuse({ code: 'unknown-cluster', detail: `${dialler} is neither ${a} nor ${b}` });
  const other = dialler === a ? b : a;
  know(set, dialler, other);
  if (!knowsDirectly(edges(set), other, dialler))
    putLink(set, dialler, { cluster: other, mode: 'push', hub: false });
}

/** Links those clusters of a domain that do not know each other yet, by pulls. A cluster whose address nobody knows is left out. */
export function linkSpanned(set: WorkingSet, clusters: readonly ClusterName[]): void {
  for (const near of clusters)
    for (const far of clusters)
      if (near !== far && set.api(far) !== undefined && set.topology.clusters[near]) know(set, near, far);
}

/** Makes a new token for a link whose token Flatland keeps. */
export function renewLink(set: WorkingSet, cluster: ClusterName, name: string): void {
  const link = zClusterLink.safeParse(set.current(cluster, 'ClusterLink', name));
  if (!link.success)
    return set.refuse({ code: 'link-not-found', detail: `${cluster} has no ClusterLink ${name}` });
  if (link.data.spec.secretName !== LINKS_SECRET)
    return set.refuse({
      code: 'link-own-token',
      detail: `${name} in ${cluster} reads Secret ${link.data.spec.secretName}`,
    });
  set.renew(cluster, name);
}

function know(set: WorkingSet, near: ClusterName, far: ClusterName): void {
  const all = edges(set);
  if (knowsDirectly(all, near, far) || knowsThroughHub(all, near, far)) return;
  putLink(set, near, { cluster: far, mode: 'pull', hub: false });
}

/** Reads from the hub what it and others have, and writes there what is its own. */
function dialsHub(set: WorkingSet, end: ClusterName, hub: ClusterName): void {
  putLink(set, end, { cluster: hub, mode: 'pull', hub: true });
  if (!knowsDirectly(edges(set), hub, end)) putLink(set, end, { cluster: hub, mode: 'push', hub: false });
}

function putLink(set: WorkingSet, holder: ClusterName, to: Pick<LinkTo, 'cluster' | 'mode' | 'hub'>): void {
  const api = set.api(to.cluster);
  if (api === undefined)
    return set.refuse({
      code: 'link-address',
      detail: `where ${holder} reaches the API of ${to.cluster} is not known`,
    });
  const live = zClusterLink.safeParse(set.current(holder, 'ClusterLink', linkName(to)));
  if (!live.success) return set.put(holder, linkManifest({ ...to, ...api }));
  const { spec } = live.data;
  if (spec.cluster !== to.cluster || spec.mode !== to.mode)
    return set.refuse({ code: 'name-taken', detail: `${holder} has another ClusterLink ${linkName(to)}` });
  if (to.hub && !spec.hub) {
    const manifest = linkManifest({ ...to, ...api });
    set.put(holder, { ...manifest, spec: { ...spec, hub: true } });
  }
}

function edges(set: WorkingSet): LinkEdge[] {
  return Object.keys(set.topology.clusters).flatMap((holder) =>
    set.links(holder).flatMap((object) => {
      const link = zClusterLink.safeParse(object);
      return link.success ? [{ holder, ...link.data.spec }] : [];
    }),
  );
}
