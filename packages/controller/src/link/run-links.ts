import type { DomainName } from '@flatland/shared/model/names';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import type { Domain } from '@flatland/shared/model/domain';
import type { OwnCluster } from '../run/own-cluster.ts';
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
  const running = new Map<string, { readonly spec: string; readonly run: RunningLink }>();
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
      const run = runLink(link, { own, homeDomains, dial: options.dial, onPeerChange: options.onPeerChange });
      running.set(name, { spec: identityOf(link), run });
    }
    for (const { run } of running.values()) run.trigger();
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

function identityOf(link: ClusterLink): string {
  return JSON.stringify([link.metadata.uid, link.spec]);
}
