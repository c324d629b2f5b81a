import type { Clock, Random } from '@flatland/kube/client/clock';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import type { Report } from '@flatland/kube/client/list-watch/machine';
import type { Resource } from '@flatland/kube/client/resource';
import * as resources from '@flatland/kube/client/resources';
import { NAME_SERVERS } from '@flatland/shared/dns/name-server';
import { CLUSTER_DNS_SERVICE, DNS_SERVICE } from '@flatland/shared/dns/node-dns';
import { zAddressBlock } from '@flatland/shared/model/address-block';
import type { AddressBlock } from '@flatland/shared/model/address-block';
import { zClusterLink } from '@flatland/shared/model/cluster-link';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import { zDomain } from '@flatland/shared/model/domain';
import type { Domain } from '@flatland/shared/model/domain';
import { SYSTEM_NAMESPACE, zKubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { zMemberSlice } from '@flatland/shared/model/member-slice';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import { zMembership } from '@flatland/shared/model/membership';
import type { Membership } from '@flatland/shared/model/membership';
import type { ClusterName } from '@flatland/shared/model/names';
import { zNodePeer } from '@flatland/shared/model/node-peer';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import { zRemoteSlice } from '@flatland/shared/model/remote-slice';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import type { Log } from './log.ts';
import { watchKind } from './watch-kind.ts';

/** What every part of the controller works with: its own cluster, watched, and the outside world as arguments. */
export interface OwnCluster {
  readonly name: ClusterName;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly watches: OwnWatches;
  /** Calls `listener` after an object of one of the kinds changed, and once each kind has been listed. */
  onChange(kinds: readonly OwnKind[], listener: () => void): void;
  /** Whether Flatland's own kinds and the nodes have been listed once. Before that nothing is concluded. */
  synced(): boolean;
  /** The same with pods and their controllers. */
  workloadsSynced(): boolean;
  stop(): void;
}

/** A kind that the controller watches in its own cluster. */
export type OwnKind =
  | 'AddressBlock'
  | 'ClusterLink'
  | 'ConfigMap'
  | 'DaemonSet'
  | 'Deployment'
  | 'Domain'
  | 'MemberSlice'
  | 'Membership'
  | 'Node'
  | 'NodePeer'
  | 'Pod'
  | 'RemoteSlice'
  | 'ReplicaSet'
  | 'Service'
  | 'StatefulSet';

export interface OwnWatches {
  readonly addressBlocks: ListWatch<AddressBlock>;
  readonly clusterLinks: ListWatch<ClusterLink>;
  readonly domains: ListWatch<Domain>;
  readonly memberships: ListWatch<Membership>;
  readonly memberSlices: ListWatch<MemberSlice>;
  readonly nodePeers: ListWatch<NodePeer>;
  readonly remoteSlices: ListWatch<RemoteSlice>;
  readonly nodes: ListWatch<KubernetesObject>;
  /** Pods and their controllers. */
  readonly workloads: readonly ListWatch<KubernetesObject>[];
  /** kubeadm's ConfigMap, which names the cluster's ranges; many clusters have none. */
  readonly configuration: ListWatch<KubernetesObject>;
  /** ConfigMaps of the name servers that may be told of domains, and the Services by which they ask and are asked; many are not there. */
  readonly names: readonly ListWatch<KubernetesObject>[];
}

const WORKLOAD_KINDS = [
  resources.Pod,
  resources.Deployment,
  resources.StatefulSet,
  resources.DaemonSet,
  resources.ReplicaSet,
];

/** Starts to watch the own cluster. */
export function watchOwnCluster(
  options: Pick<OwnCluster, 'name' | 'client' | 'clock' | 'random' | 'log'>,
): OwnCluster {
  const { client, log } = options;
  const listeners: { readonly kinds: readonly string[]; readonly call: () => void }[] = [];
  const lastText = new Map<OwnKind, string>();
  const on = (kind: OwnKind) => ({
    change: () => {
      for (const listener of listeners) if (listener.kinds.includes(kind)) listener.call();
    },
    report: (report: Report) => {
      // Where nothing happens some servers send no bookmarks for long: no fault of theirs.
      const level = report.kind === 'watch-silent' ? 'debug' : 'warn';
      // A cluster that is away says the same many times.
      if (lastText.get(kind) !== report.message) {
        log[level]({ kind, report: report.kind, text: report.message }, 'watch');
      }
      lastText.set(kind, report.message);
    },
  });
  const any = (resource: Resource) =>
    watchKind(client, { resource, schema: zKubernetesObject }, on(resource.kind as OwnKind));
  const one = (kind: Resource, namespace: string, name: string) =>
    watchKind(
      client,
      {
        resource: kind,
        schema: zKubernetesObject,
        namespace,
        fieldSelector: `metadata.name=${name}`,
      },
      on(kind.kind as OwnKind),
    );
  const watches: OwnWatches = {
    addressBlocks: watchKind(
      client,
      { resource: resources.AddressBlock, schema: zAddressBlock },
      on('AddressBlock'),
    ),
    clusterLinks: watchKind(
      client,
      { resource: resources.ClusterLink, schema: zClusterLink },
      on('ClusterLink'),
    ),
    domains: watchKind(client, { resource: resources.Domain, schema: zDomain }, on('Domain')),
    memberships: watchKind(client, { resource: resources.Membership, schema: zMembership }, on('Membership')),
    memberSlices: watchKind(
      client,
      { resource: resources.MemberSlice, schema: zMemberSlice },
      on('MemberSlice'),
    ),
    nodePeers: watchKind(client, { resource: resources.NodePeer, schema: zNodePeer }, on('NodePeer')),
    remoteSlices: watchKind(
      client,
      { resource: resources.RemoteSlice, schema: zRemoteSlice },
      on('RemoteSlice'),
    ),
    nodes: any(resources.Node),
    workloads: WORKLOAD_KINDS.map(any),
    configuration: one(resources.ConfigMap, 'kube-system', 'kubeadm-config'),
    names: [
      ...NAME_SERVERS.map((name) => one(resources.ConfigMap, 'kube-system', name)),
      one(resources.Service, SYSTEM_NAMESPACE, DNS_SERVICE.name),
      one(resources.Service, 'kube-system', CLUSTER_DNS_SERVICE),
    ],
  };
  const { workloads, configuration, names, ...core } = watches;
  const needed: ListWatch<unknown>[] = Object.values(core);
  const all: ListWatch<unknown>[] = [...needed, ...workloads, configuration, ...names];
  for (const watch of all) {
    void watch.whenSynced.then(() => {
      for (const listener of listeners) listener.call();
    });
  }
  return {
    ...options,
    watches,
    onChange: (kinds, call) => listeners.push({ kinds, call }),
    synced: () => needed.every((watch) => watch.status().synced),
    workloadsSynced: () => [...needed, ...workloads].every((watch) => watch.status().synced),
    stop() {
      for (const watch of all) watch.stop();
    },
  };
}
