import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '@flatland/shared/map-limited';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { orThrow } from '../../src/client/error.ts';
import { openKubeClient, type KubeClient } from '../../src/client/kube-client.ts';
import { startListWatch, type ListWatch } from '../../src/client/list-watch/list-watch.ts';
import { listObjects } from '../../src/client/objects.ts';
import { Pod } from '../../src/client/resources.ts';
import { sensitive } from '../../src/client/sensitive.ts';
import { parseServerUrl } from '../../src/client/server-url.ts';
import { HerdOfPods, NAMESPACE, sentAtOf } from './herd-of-pods.ts';

/** Where a run's requests go. */
export interface ScaleServer {
  readonly url: string;
  readonly caCertPem: string;
  readonly token: string;
  /** Where watches go, if elsewhere: something that breaks them. */
  readonly watchedAt?: { readonly url: string; readonly caCertPem: string };
  /** Forgets the history of changes. */
  readonly compact: () => Promise<void> | void;
}

export interface ScaleOptions {
  readonly seconds: number;
  readonly nPods: number;
  readonly perSecond: number;
  readonly nWatches: number;
  readonly compactEverySeconds: number;
  /** The least time from one complete list of a watch to the next. @default that of a list-watch */
  readonly relistMinMs?: number;
  /** Called about every second while pods change. */
  readonly sample?: () => Promise<void>;
}

export interface ScaleFigures {
  readonly nChanges: number;
  /** Changes that the server refused or did not answer in time, or that it was too far behind for. */
  readonly nFailed: number;
  readonly nCompactions: number;
  /** From the moment that a change is sent until a watch tells it, ascending; each watch's. */
  readonly lagsMs: readonly number[];
  /** Watches that began while history was forgotten: until they had everything. */
  readonly newcomersMs: readonly number[];
  /** How often watches had to list again. */
  readonly nRelists: number;
  /** Watches whose cache was not the server's within half a minute of the last change. */
  readonly nWrong: number;
}

/** The machine may be busy with other things: what is late is measured, not refused. */
const LIMITS = { addressPolicy: localAddressPolicy, connectTimeoutMs: 30_000, timeoutMs: 60_000 };
const TICK_MS = 50;
const SETTLE_MS = 30_000;
const CREATES_AT_ONCE = 8;

/**
 * Pods that change all the time at a rate, watches that follow them, and a history that is forgotten now and then, each
 * time while another watch begins.
 */
export async function runScale(server: ScaleServer, options: ScaleOptions): Promise<ScaleFigures> {
  const { seconds, nPods, perSecond, nWatches, compactEverySeconds } = options;
  const writer = clientOf(server, server);
  const reader = clientOf(server, server.watchedAt ?? server);
  const lagsMs: number[] = [];
  const newcomersMs: number[] = [];
  const watches: ListWatch<string>[] = [];
  let nRelists = 0;
  const watch = (onLag: (lagMs: number) => void) =>
    startListWatch<string>(reader, Pod, {
      namespace: NAMESPACE,
      ...(options.relistMinMs !== undefined && { relistMinMs: options.relistMinMs }),
      parse: (raw) => ({ ok: true, value: sentAtOf(raw) }),
      onReport: ({ kind }) => {
        if (kind === 'relist') nRelists++;
      },
      onChanges: (changes) => {
        const nowMs = performance.now();
        for (const { type, object } of changes)
          if (type !== 'deleted' && object !== '') onLag(nowMs - Number(object));
      },
    });
  const newcomer = async () => {
    const beganMs = performance.now();
    const added = watch(() => {});
    await Promise.all([added.whenSynced, server.compact()]);
    newcomersMs.push(performance.now() - beganMs);
    added.stop();
  };
  try {
    const herd = new HerdOfPods(writer);
    await mapLimited(Array.from({ length: nPods }), CREATES_AT_ONCE, () => herd.add());
    for (let nth = 0; nth < nWatches; nth++) watches.push(watch((lagMs) => lagsMs.push(lagMs)));
    await Promise.all(watches.map(({ whenSynced }) => whenSynced));
    const underway = new Set<Promise<void>>();
    const start = (work: Promise<void>) => {
      const tracked: Promise<void> = work.finally(() => underway.delete(tracked));
      underway.add(tracked);
    };
    const startedMs = performance.now();
    let nChanges = 0;
    let nFailed = 0;
    const change = async () => {
      if (!(await herd.change())) nFailed++;
    };
    let nCompactions = 0;
    let nSamples = 0;
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedMs) / 1000) {
      for (; nChanges < elapsed * perSecond; nChanges++) start(change());
      if (elapsed >= (nCompactions + 1) * compactEverySeconds) {
        nCompactions++;
        start(newcomer());
      }
      if (elapsed >= nSamples) {
        nSamples++;
        await options.sample?.();
      }
      await sleep(TICK_MS);
    }
    await Promise.all(underway);
    const nWrong = await countWrong(writer, watches);
    lagsMs.sort((a, b) => a - b);
    return { nChanges, nFailed, nCompactions, lagsMs, newcomersMs, nRelists, nWrong };
  } finally {
    for (const one of watches) one.stop();
    await Promise.all([writer.close(), reader.close()]);
  }
}

/** How many watches do not come to hold what the server has. */
async function countWrong(client: KubeClient, watches: readonly ListWatch<string>[]): Promise<number> {
  const { items } = orThrow(await listObjects(client, Pod, { namespace: NAMESPACE }));
  const expected = items.map(sentAtOf).toSorted();
  const isRight = ({ cache }: ListWatch<string>) => isDeepStrictEqual(cache.list().toSorted(), expected);
  for (const untilMs = performance.now() + SETTLE_MS; ; await sleep(TICK_MS)) {
    const nWrong = watches.filter((watch) => !isRight(watch)).length;
    if (nWrong === 0 || performance.now() > untilMs) return nWrong;
  }
}

function clientOf({ token }: ScaleServer, at: { url: string; caCertPem: string }): KubeClient {
  const url = parseServerUrl(at.url);
  if (!url.ok) throw new Error(url.error);
  const credential = { kind: 'token' as const, token: sensitive(token) };
  return openKubeClient({ cluster: 'scale', server: url.value, caPem: at.caCertPem, credential }, LIMITS);
}
