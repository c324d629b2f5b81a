import { KubeRequestError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import {
  ClusterLink as ClusterLinkKind,
  RemoteSlice as RemoteSliceKind,
} from '@flatland/kube/client/resources';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import type { DomainName } from '@flatland/shared/model/names';
import type { Domain } from '@flatland/shared/model/domain';
import { NO_MEMORY, compileMirror } from '../mirror/compile-mirror.ts';
import type { MirrorMemory, MirroredDomain } from '../mirror/compile-mirror.ts';
import { diffMirror } from '../mirror/diff-mirror.ts';
import type { OwnCluster } from '../run/own-cluster.ts';
import { startReconcileLoop } from '../run/reconcile-loop.ts';
import { writeStatus } from '../status/write-status.ts';
import { timestamp } from '../status/conditions.ts';
import type { DialLink } from './dial-link.ts';
import { expiredFault, linkConditions, linkFaultOf, remoteSliceConditions } from './link-conditions.ts';
import type { LinkFault, LinkState } from './link-conditions.ts';
import { linkToken } from './link-token.ts';
import { linkMirrors } from './mirror-inputs.ts';
import { HubOrphans } from './hub-orphans.ts';
import { TokenRenewal } from './token-renewal.ts';
import { readClusterUid, watchPeerCluster } from './peer-cluster.ts';
import type { PeerCluster } from './peer-cluster.ts';
import { writeMirror } from './write-mirror.ts';

/** A link at work. */
export interface RunningLink {
  readonly link: ClusterLink;
  /** The other side, once it is watched. */
  peer(): PeerCluster | undefined;
  trigger(): void;
  stop(): Promise<void>;
}

export interface LinkContext {
  readonly own: OwnCluster;
  readonly dial: DialLink;
  /** Domains as their home clusters have them, as far as any link shows. */
  readonly homeDomains: () => ReadonlyMap<DomainName, Domain>;
  /** Called when the other side changed, for whoever else looks at it. */
  readonly onPeerChange: () => void;
}

/** How often a link is looked at although nothing changed: for staleness, and for a cluster that was replaced. */
const REVIEW_MS = 60_000;
const UID_REREAD_MS = 300_000;
/** `lastSyncTime` is not written more often than this. */
const SYNC_TIME_MS = 300_000;

/** Keeps the mirrors of one ClusterLink until `stop`. */
export function runLink(link: ClusterLink, context: LinkContext): RunningLink {
  const { own } = context;
  const token = linkToken(own.client, link.spec, own.clock);
  const dialled = context.dial(link, token);
  const renewal = new TokenRenewal({ link, own: own.client, dial: context.dial }, token);
  const uids = new ClusterUids();
  const memories = new Map<string, MirrorMemory>();
  const orphaned = new HubOrphans();
  let peer: PeerCluster | undefined;
  let toldText: string | undefined;

  async function reconcile(nowMs: number): Promise<number> {
    if (!own.synced()) return Infinity;
    if (!dialled.ok) return report({ reason: 'link-credentials', message: dialled.error }, nowMs);
    const fault = await connect(dialled.value, nowMs);
    if (fault !== undefined) return report(fault, nowMs);
    if (peer === undefined || !peer.synced()) return report(peer?.fault(nowMs), nowMs);
    const away = peer.fault(nowMs);
    // What is known of a cluster that is away stays as it is.
    if (away !== undefined) return report(away, nowMs);
    const renewMs = await renewal.run(dialled.value, nowMs);
    return Math.min(renewMs, await mirror(dialled.value, peer, nowMs));
  }

  async function connect(client: KubeClient, nowMs: number): Promise<LinkFault | undefined> {
    if (link.spec.cluster === own.name)
      return { reason: 'invalid-object', message: 'the link leads to its own cluster' };
    try {
      await uids.read(own.client, client, nowMs);
    } catch (error) {
      if (!(error instanceof KubeRequestError)) throw error;
      if (error.error.kind === 'unauthorized') token.forget();
      if (peer === undefined) return linkFaultOf(error.error.kind, error.error.message);
    }
    if (uids.own === uids.peer)
      return { reason: 'invalid-object', message: 'the link leads back to this cluster' };
    peer ??= watchPeerCluster(client, {
      withRemoteSlices: link.spec.mode === 'push' || link.spec.hub,
      refused: () => token.forget(),
      change() {
        loop.trigger();
        context.onPeerChange();
      },
    });
    return undefined;
  }

  async function mirror(client: KubeClient, other: PeerCluster, nowMs: number): Promise<number> {
    const pulls = link.spec.mode === 'pull';
    const target = pulls ? own.client : client;
    const into = pulls ? own.watches.remoteSlices : other.remoteSlices;
    const owner = pulls ? ownerOf(link) : undefined;
    const sides = {
      own,
      peer: other,
      ownUid: uids.own,
      peerUid: uids.peer,
      homeDomains: context.homeDomains(),
    };
    const mirrors = linkMirrors(link, sides);
    const all: MirroredDomain[] = [];
    const unowned: string[] = [];
    let nextMs = nowMs + REVIEW_MS;
    for (const { input, hub } of mirrors) {
      const memory = memories.get(input.origin.cluster) ?? NO_MEMORY;
      const compiled = compileMirror({ ...input, memory, nowMs });
      memories.set(input.origin.cluster, compiled.memory);
      const slices = into?.cache.list() ?? [];
      const writes = diffMirror(compiled, slices, { hub, owner });
      await writeMirror(target, writes);
      all.push(...compiled.domains);
      unowned.push(...writes.unowned);
      nextMs = Math.min(nextMs, compiled.nextMs);
    }
    const orphans = orphaned.rule({
      hub: pulls ? link.spec.cluster : own.name,
      isHub: link.spec.hub,
      hubSlices: (pulls ? other : own.watches).remoteSlices?.cache.list() ?? [],
      slices: into?.cache.list() ?? [],
      passedOn: mirrors.map(({ input }) => input.origin.cluster),
      nowMs,
    });
    await writeMirror(target, { puts: [], unowned: [], deletes: orphans.deletes });
    nextMs = Math.min(nextMs, orphans.nextMs);
    if (pulls) await reportSlices(all, nowMs);
    await reportLink(
      {
        fault: undefined,
        synced: true,
        domains: all,
        unowned,
        unreadable: unreadableOf(pulls ? other : own.watches),
      },
      nowMs,
    );
    return nextMs;
  }

  async function report(fault: LinkFault | undefined, nowMs: number): Promise<number> {
    const synced = peer?.synced() ?? false;
    await reportLink({ fault, synced, domains: [], unreadable: [], unowned: [] }, nowMs);
    return nowMs + (fault === undefined ? REVIEW_MS : REVIEW_MS / 4);
  }

  async function reportLink(state: Omit<LinkState, 'renewalFault'>, nowMs: number): Promise<void> {
    const object = own.watches.clusterLinks.cache.get(link.metadata.name);
    if (object === undefined) return;
    const times = token.times();
    const conditions = linkConditions({
      ...state,
      fault: state.fault && expiredFault(state.fault, times, nowMs),
      renewalFault: renewal.fault(),
    });
    const last = Date.parse(object.status?.lastSyncTime ?? '');
    const syncTimeIsDue = state.fault === undefined && state.synced && !(nowMs - last < SYNC_TIME_MS);
    const fields = {
      ...(syncTimeIsDue && { lastSyncTime: timestamp(nowMs) }),
      ...(times && { tokenExpiresAt: timestamp(times.expiresAtMs) }),
    };
    const wrote = await writeStatus(own.client, ClusterLinkKind, {
      object,
      wanted: { conditions, fields },
      nowMs,
    });
    const text = conditions.map(({ type, status, reason }) => `${type}=${status}(${reason})`).join(' ');
    if (wrote && text !== toldText) own.log.info({ link: link.metadata.name, conditions: text }, 'link');
    toldText = text;
  }

  async function reportSlices(domains: readonly MirroredDomain[], nowMs: number): Promise<void> {
    for (const domain of domains) {
      const wanted = { conditions: remoteSliceConditions(domain) };
      for (const { name } of domain.slices) {
        const object = own.watches.remoteSlices.cache.get(name);
        // A slice that was just written is reported when it comes back.
        if (object !== undefined) await writeStatus(own.client, RemoteSliceKind, { object, wanted, nowMs });
      }
    }
  }

  const loop = startReconcileLoop({
    name: `link ${link.metadata.name}`,
    reconcile,
    clock: own.clock,
    random: own.random,
    log: own.log,
  });
  loop.trigger();
  return {
    link,
    peer: () => peer,
    trigger: () => loop.trigger(),
    async stop() {
      peer?.stop();
      await loop.stop();
      if (dialled.ok) await dialled.value.close();
    },
  };
}

/** The uids of both sides, read again now and then: a cluster may be rebuilt under its name. */
class ClusterUids {
  own = '';
  peer = '';
  #readMs = -Infinity;

  async read(own: KubeClient, peer: KubeClient, nowMs: number): Promise<void> {
    if (nowMs - this.#readMs < UID_REREAD_MS) return;
    const [ownUid, peerUid] = await Promise.all([readClusterUid(own), readClusterUid(peer)]);
    for (const uid of [ownUid, peerUid]) if (!uid.ok) throw new KubeRequestError(uid.error);
    if (ownUid.ok) this.own = ownUid.value;
    if (peerUid.ok) this.peer = peerUid.value;
    this.#readMs = nowMs;
  }
}

function ownerOf(link: ClusterLink): { name: string; uid: string } | undefined {
  const { name, uid } = link.metadata;
  return uid === undefined ? undefined : { name, uid };
}

function unreadableOf(
  from: Pick<PeerCluster, 'nodePeers' | 'memberSlices'>,
): { key: string; message: string }[] {
  return [...from.nodePeers.cache.rejected(), ...from.memberSlices.cache.rejected()].map(
    ({ key, message }) => ({
      key,
      message,
    }),
  );
}
