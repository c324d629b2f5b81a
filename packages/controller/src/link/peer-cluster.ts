import { getObject } from '@flatland/kube/client/objects';
import type { KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import type { Report } from '@flatland/kube/client/list-watch/machine';
import * as resources from '@flatland/kube/client/resources';
import { zDomain } from '@flatland/shared/model/domain';
import type { Domain } from '@flatland/shared/model/domain';
import { zMemberSlice } from '@flatland/shared/model/member-slice';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import { zNodePeer } from '@flatland/shared/model/node-peer';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import { zRemoteSlice } from '@flatland/shared/model/remote-slice';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { watchKind } from '../run/watch-kind.ts';
import { linkFaultOf } from './link-conditions.ts';
import type { LinkFault } from './link-conditions.ts';

/** Without a sign of life for this long a cluster counts as away. */
const STALE_MS = 180_000;

/** What a link sees of the other cluster. */
export interface PeerCluster {
  readonly domains: ListWatch<Domain>;
  readonly nodePeers: ListWatch<NodePeer>;
  readonly memberSlices: ListWatch<MemberSlice>;
  /** Where the link pushes, or the other side is a hub. */
  readonly remoteSlices: ListWatch<RemoteSlice> | undefined;
  synced(): boolean;
  /** Why what is known may be out of date, if so. */
  fault(nowMs: number): LinkFault | undefined;
  stop(): void;
}

/** Starts to watch the other side of a link. */
export function watchPeerCluster(
  client: KubeClient,
  on: { change: () => void; refused: () => void; withRemoteSlices: boolean },
): PeerCluster {
  const last = new Map<string, Report>();
  const watch = <T>(
    kind: string,
    start: (to: { change: () => void; report: (report: Report) => void; opened: () => void }) => T,
  ): T =>
    start({
      // Nothing need have changed in a cluster that comes back.
      opened: on.change,
      change: () => {
        last.delete(kind);
        on.change();
      },
      report: (report) => {
        if (report.error !== undefined) last.set(kind, report);
        if (report.error === 'unauthorized') on.refused();
        on.change();
      },
    });
  const peers = {
    domains: watch('Domain', (to) => watchKind(client, { resource: resources.Domain, schema: zDomain }, to)),
    nodePeers: watch('NodePeer', (to) =>
      watchKind(client, { resource: resources.NodePeer, schema: zNodePeer }, to),
    ),
    memberSlices: watch('MemberSlice', (to) =>
      watchKind(client, { resource: resources.MemberSlice, schema: zMemberSlice }, to),
    ),
    remoteSlices: on.withRemoteSlices
      ? watch('RemoteSlice', (to) =>
          watchKind(client, { resource: resources.RemoteSlice, schema: zRemoteSlice }, to),
        )
      : undefined,
  };
  const all: ListWatch<unknown>[] = Object.values(peers).filter((found) => found !== undefined);
  for (const each of all) void each.whenSynced.then(on.change);
  return {
    ...peers,
    synced: () => all.every((each) => each.status().synced),
    fault(nowMs) {
      const away = all.some((each) => {
        const { phase, lastSeenMs } = each.status();
        return phase !== 'watching' || nowMs - (lastSeenMs ?? -Infinity) > STALE_MS;
      });
      const [report] = last.values();
      if (!away) last.clear();
      if (!away || report?.error === undefined) return undefined;
      return linkFaultOf(report.error, report.message);
    },
    stop() {
      for (const each of all) each.stop();
    },
  };
}

/** The uid of a cluster's kube-system Namespace: what tells it from every other. */
export async function readClusterUid(client: KubeClient): Promise<Result<string, KubeError>> {
  const namespace = await getObject(client, resources.Namespace, { name: 'kube-system', maxTries: 2 });
  if (!namespace.ok) return namespace;
  const { uid } = namespace.value.metadata;
  if (uid !== undefined && uid !== '') return ok(uid);
  const request = 'GET namespace kube-system';
  return err({
    kind: 'protocol',
    message: 'the Namespace kube-system has no uid',
    cluster: client.cluster,
    request,
  });
}
