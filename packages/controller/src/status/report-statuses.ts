import { Domain as DomainKind, Membership as MembershipKind } from '@flatland/kube/client/resources';
import type { NameServerObjects } from '@flatland/shared/dns/name-server';
import type { Domain } from '@flatland/shared/model/domain';
import type { DomainName } from '@flatland/shared/model/names';
import { clusterFacts, type ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { clusterRanges } from '@flatland/shared/topology/facts/cluster-ranges';
import { domainStatus } from '../domain/domain-status.ts';
import { membershipConditions, membershipKey } from '../membership/membership-status.ts';
import type { OwnCluster } from '../run/own-cluster.ts';
import { startReconcileLoop } from '../run/reconcile-loop.ts';
import type { ReconcileLoop } from '../run/reconcile-loop.ts';
import { writeStatus } from './write-status.ts';

/** Statuses need not follow at once: what is programmed does not wait for them. */
const SETTLE_MS = 250;

/** Starts to report on Domains and Memberships in their statuses. */
export function reportStatuses(
  own: OwnCluster,
  homeDomains: () => ReadonlyMap<DomainName, Domain>,
): ReconcileLoop {
  const { clock, random, log, watches } = own;

  async function reconcile(nowMs: number): Promise<number> {
    if (!own.workloadsSynced()) return Infinity;
    const facts = ownFacts(own, nowMs);
    const ranges = clusterRanges(facts.byKind);
    const homes = homeDomains();
    const names = nameServerObjects(own, facts);
    for (const object of watches.domains.cache.list()) {
      const home = homes.get(object.metadata.name as DomainName);
      const wanted = domainStatus(object, {
        cluster: own.name,
        ranges,
        home: home === undefined ? undefined : { spec: home.spec, generation: home.metadata.generation },
        addressBlocks: watches.addressBlocks.cache.list(),
        memberSlices: watches.memberSlices.cache.list(),
        names,
      });
      await writeStatus(own.client, DomainKind, { object, wanted, nowMs });
    }
    const conditions = membershipConditions(facts);
    for (const object of watches.memberships.cache.list()) {
      const wanted = { conditions: conditions.get(membershipKey(object)) ?? [] };
      await writeStatus(own.client, MembershipKind, { object, wanted, nowMs });
    }
    return Infinity;
  }

  let cancel = () => {};
  const loop = startReconcileLoop({ name: 'statuses', reconcile, clock, random, log });
  const settle = () => {
    cancel();
    cancel = clock.after(SETTLE_MS, () => loop.trigger());
  };
  own.onChange(
    [
      'AddressBlock',
      'ConfigMap',
      'DaemonSet',
      'Deployment',
      'Domain',
      'MemberSlice',
      'Membership',
      'Node',
      'Pod',
      'ReplicaSet',
      'Service',
      'StatefulSet',
    ],
    settle,
  );
  settle();
  return {
    trigger: settle,
    async stop() {
      cancel();
      await loop.stop();
    },
  };
}

function nameServerObjects({ watches }: OwnCluster, { byKind }: ClusterFacts): NameServerObjects {
  const named = watches.names.flatMap((watch) => watch.cache.list());
  return {
    daemonSets: byKind.get('DaemonSet') ?? [],
    deployments: byKind.get('Deployment') ?? [],
    configMaps: named.filter(({ kind }) => kind === 'ConfigMap'),
    services: named.filter(({ kind }) => kind === 'Service'),
  };
}

function ownFacts(own: OwnCluster, nowMs: number) {
  const { watches } = own;
  const { domains, memberships, memberSlices, nodes, workloads, configuration } = watches;
  const kinds = [domains, memberships, memberSlices, nodes, configuration, ...workloads];
  return clusterFacts({
    cluster: own.name,
    reachable: true,
    lastSeenMs: nowMs,
    readOnly: false,
    version: '',
    objects: kinds.flatMap((watch) => watch.cache.list()),
  });
}
