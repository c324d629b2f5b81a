import type { DomainName } from '@flatland/shared/model/names';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import type { Domain } from '@flatland/shared/model/domain';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { OwnCluster } from '../run/own-cluster.ts';
import { hubOf } from '../mirror/remote-slice-object.ts';
import type { DialLink } from './dial-link.ts';
import { homeCopies } from './mirror-inputs.ts';
import { runLink } from './run-link.ts';
import type { RunningLink } from './run-link.ts';

/** All links of a cluster at work. */
export interface RunningLinks {
  /** Copies of Domains in their home clusters, as the own cluster and the links show them. */
  homeDomains(): ReadonlyMap<DomainName, Domain>;
  stop(): Promise<void>;
}

/** Starts, restarts and stops links as ClusterLink objects come, change and go. */
export function runLinks(
  own: OwnCluster,
  options: { readonly dial: DialLink; readonly onPeerChange: () => void },
): RunningLinks {
  const running = new Map<string, { readonly spec: string; readonly run: RunningLink; seen: string }>();
  const stopping = new Set<Promise<void>>();
  let stopped = false;

  function homeDomains(): Map<DomainName, Domain> {
    const copies = new Map(homeCopies(own.name, own.watches.domains.cache.list()));
    for (const { run } of running.values()) {
      const domains = run.peer()?.domains.cache.list() ?? [];
      for (const [name, copy] of homeCopies(run.link.spec.cluster, domains)) copies.set(name, copy);
    }
    return copies;
  }

  function follow(): void {
    if (stopped || !own.synced()) return;
    const links = new Map(own.watches.clusterLinks.cache.list().map((link) => [link.metadata.name, link]));
    for (const [name, { spec, run }] of running) {
      const link = links.get(name);
      if (link !== undefined && identityOf(link) === spec) continue;
      running.delete(name);
      const stop = run.stop();
      stopping.add(stop);
      void stop.finally(() => stopping.delete(stop));
    }
    for (const [name, link] of links) {
      if (running.has(name)) continue;
      const run = runLink(link, { own, homeDomains, dial: options.dial, onPeerChange });
      running.set(name, { spec: identityOf(link), run, seen: '' });
    }
    const seenBy = whatLinksSee(own, homeDomains(), [...links.values()]);
    for (const [name, entry] of running) {
      const seen = seenBy(links.get(name)!);
      if (seen === entry.seen) continue;
      entry.seen = seen;
      entry.run.trigger();
    }
  }

  /** One link may show what others need: the Domains of which its cluster is the home. */
  function onPeerChange(): void {
    follow();
    options.onPeerChange();
  }

  own.onChange(['ClusterLink', 'Domain', 'MemberSlice', 'NodePeer', 'RemoteSlice'], follow);
  follow();
  return {
    homeDomains,
    async stop() {
      stopped = true;
      await Promise.all([...[...running.values()].map(({ run }) => run.stop()), ...stopping]);
    },
  };
}

/**
 * Gives the versions of the own cluster's objects that a link's mirror is made of, so that a link runs when one of them
 * changed, and not whenever another link wrote its slices and its status: of many links each would run for each.
 */
function whatLinksSee(
  { watches }: OwnCluster,
  homes: ReadonlyMap<DomainName, Domain>,
  links: readonly ClusterLink[],
): (link: ClusterLink) => string {
  const common = versions([...watches.domains.cache.list(), ...homes.values()]);
  const pushed = versions([...watches.nodePeers.cache.list(), ...watches.memberSlices.cache.list()]);
  const slices = watches.remoteSlices.cache.list();
  const byOrigin = Map.groupBy(slices, (slice) => slice.spec.origin.cluster);
  const byHub = Map.groupBy(slices, hubOf);
  const all = `${versions(slices)} ${links.map(identityOf).join(' ')}`;
  return (link) => {
    const { cluster, hub, mode } = link.spec;
    const own = versions([link, ...(byOrigin.get(cluster) ?? []), ...(byHub.get(cluster) ?? [])]);
    return [common, own, mode === 'push' ? pushed : '', hub ? all : ''].join('|');
  };
}

function versions(objects: readonly KubernetesObject[]): string {
  return objects.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).join(' ');
}

function identityOf(link: ClusterLink): string {
  return JSON.stringify([link.metadata.uid, link.spec]);
}
