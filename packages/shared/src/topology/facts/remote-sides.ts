import type { Condition } from '../../model/kubernetes-object.ts';
import type { MemberSliceSpec } from '../../model/member-slice.ts';
import type { ClusterName, DomainName } from '../../model/names.ts';
import type { NodePeerSpec } from '../../model/node-peer.ts';
import { REMOTE_PAYLOAD_VERSION, type RemoteSlice } from '../../model/remote-slice.ts';

/** Another cluster's side of a domain, put together from its slices. */
export interface RemoteSide {
  readonly cluster: ClusterName;
  readonly domain: DomainName;
  readonly uid: string;
  /** The latest of its slices. */
  readonly epoch: number;
  /** One of each node, sorted by node. */
  readonly peers: readonly NodePeerSpec[];
  readonly members: readonly MemberSliceSpec[];
  /** Those that are not true count, where slices differ. */
  readonly conditions: readonly Condition[];
  /** A version of the payload that this release does not know, of slices that were left out. */
  readonly unknownPayload?: number;
}

/**
 * What a cluster holds of the others: one side for each origin and domain, sorted by both. While slices are split, joined
 * or rewritten a node may be in two of them: the later epoch counts, then the smaller part. Of two clusters that had the
 * origin's name, the one of the latest epoch counts alone.
 */
export function remoteSides(slices: readonly RemoteSlice[]): RemoteSide[] {
  const bySide = Map.groupBy(slices, ({ spec }) => `${spec.origin.cluster} ${spec.domain}`);
  return [...bySide]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, ofSide]) => remoteSide(ofSide.toSorted(bestFirst)));
}

function remoteSide(slices: readonly RemoteSlice[]): RemoteSide {
  const [best] = slices;
  if (best === undefined) throw new Error('a side has at least one slice');
  const { origin, domain } = best.spec;
  const own = slices.filter(({ spec }) => spec.origin.uid === origin.uid);
  const known = own.filter(({ spec }) => spec.payloadVersion <= REMOTE_PAYLOAD_VERSION);
  const unknown = own.find(({ spec }) => spec.payloadVersion > REMOTE_PAYLOAD_VERSION);
  return {
    cluster: origin.cluster,
    domain,
    uid: origin.uid,
    epoch: origin.epoch,
    peers: firstOfEachNode(known.flatMap(({ spec }) => spec.peers)),
    members: firstOfEachNode(known.flatMap(({ spec }) => spec.members)),
    conditions: worstConditions(own),
    ...(unknown !== undefined && { unknownPayload: unknown.spec.payloadVersion }),
  };
}

function bestFirst(a: RemoteSlice, b: RemoteSlice): number {
  return (
    b.spec.origin.epoch - a.spec.origin.epoch ||
    (b.spec.shard?.length ?? 0) - (a.spec.shard?.length ?? 0) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

function firstOfEachNode<Entry extends { readonly node: string }>(entries: readonly Entry[]): Entry[] {
  const byNode = new Map<string, Entry>();
  for (const entry of entries) if (!byNode.has(entry.node)) byNode.set(entry.node, entry);
  return [...byNode.values()].toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

function worstConditions(slices: readonly RemoteSlice[]): Condition[] {
  const byType = new Map<string, Condition>();
  for (const condition of slices.flatMap(({ status }) => status?.conditions ?? [])) {
    const known = byType.get(condition.type);
    if (known === undefined || (known.status === 'True' && condition.status !== 'True'))
      byType.set(condition.type, condition);
  }
  return [...byType.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1));
}
