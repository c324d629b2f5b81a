import { ok } from '@flatland/shared/result';
import { ListWatchMachine } from '../../src/client/list-watch/machine.ts';
import type { Effect, Failure, Input } from '../../src/client/list-watch/machine.ts';
import { ObjectCache } from '../../src/client/list-watch/object-cache.ts';
import type { Change } from '../../src/client/list-watch/object-cache.ts';
import { CollectionModel } from './collection-model.ts';
import type { Recorded, StoredObject } from './collection-model.ts';

/** One thing that happens to the server or to the connection. */
export type Step =
  | { readonly kind: 'put' | 'delete'; readonly name: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'failLists' | 'failWatches'; readonly n: number; readonly error: Failure['kind'] }
  | {
      readonly kind:
        | 'compact'
        | 'close'
        | 'reset'
        | 'silence'
        | 'errorEvent410'
        | 'errorEvent500'
        | 'garbage'
        | 'nonsenseEvent'
        | 'bookmark'
        | 'duplicate'
        | 'reorder'
        | 'wake'
        | 'restore';
    };

export const SILENCE_MS = 30_000;
export const RELIST_MIN_MS = 10_000;
export const BACKOFF_MAX_MS = 1000;

type Stream = { readonly operation: number; sent: number; silent: boolean };

/** Machine and cache on a virtual clock, against a model of the server, over a connection that can be spoilt. */
export class SimulatedListWatch {
  readonly server = new CollectionModel();
  readonly cache = new ObjectCache<StoredObject>({ parse: (raw) => ok(raw as StoredObject) });
  /** What somebody who only hears of changes believes. */
  readonly heard = new Map<string, StoredObject>();
  readonly faults: string[] = [];
  nowMs = 0;
  readonly #machine: ListWatchMachine;
  readonly #random: () => number;
  #queue: { atMs: number; seq: number; run: () => void }[] = [];
  #seq = 0;
  #stream: Stream | undefined;
  #aborted = 0;
  #listedMs = -Infinity;
  #failLists: { n: number; error: Failure['kind'] } = { n: 0, error: 'timeout' };
  #failWatches: { n: number; error: Failure['kind'] } = { n: 0, error: 'timeout' };
  #duplicate = false;
  #reorder = false;

  constructor(random: () => number) {
    this.#random = random;
    this.#machine = new ListWatchMachine({
      random,
      pageSize: 3,
      silenceMs: SILENCE_MS,
      relistMinMs: RELIST_MIN_MS,
      backoffBaseMs: 50,
      backoffMaxMs: BACKOFF_MAX_MS,
    });
    this.#handle({ kind: 'start' });
  }

  perform(step: Step): void {
    switch (step.kind) {
      case 'put':
        this.server.put(step.name);
        return this.#flush();
      case 'delete':
        this.server.delete(step.name);
        return this.#flush();
      case 'wait':
        return this.run(step.ms);
      case 'failLists':
        this.#failLists = { n: step.n, error: step.error };
        return;
      case 'failWatches':
        this.#failWatches = { n: step.n, error: step.error };
        return;
      case 'compact':
        // Events that open watches are still owed do not go with the history.
        this.#reorder = false;
        this.#flush();
        return this.server.compact();
      case 'close':
        return this.#endStream(undefined);
      case 'reset':
        return this.#endStream('unavailable');
      case 'silence':
        if (this.#stream !== undefined) this.#stream.silent = true;
        return;
      case 'errorEvent410':
        return this.#event({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
      case 'errorEvent500':
        return this.#event({ type: 'ERROR', object: { kind: 'Status', code: 500 } });
      case 'nonsenseEvent':
        return this.#event({ type: 'MODIFIED', object: { no: 'metadata' } });
      case 'garbage': {
        const stream = this.#stream;
        if (stream !== undefined && !stream.silent) {
          this.#handle({ kind: 'watchGarbage', operation: stream.operation, message: 'garbage' });
        }
        return;
      }
      case 'bookmark':
        this.#flush();
        // A bookmark follows what it stands for.
        if (this.#stream !== undefined && this.#stream.sent < this.server.version) return;
        return this.#event({
          type: 'BOOKMARK',
          object: { metadata: { resourceVersion: String(this.server.version) } },
        });
      case 'duplicate':
        this.#duplicate = true;
        return;
      case 'reorder':
        this.#reorder = true;
        return;
      case 'wake':
        return this.#handle({ kind: 'wake' });
      case 'restore':
        // While the server is away, connections are refused.
        this.#failWatches = { n: Math.max(1, this.#failWatches.n), error: 'unavailable' };
        this.#reorder = false;
        this.server.restore((this.server.compactedVersion + this.server.version) >> 1);
        return this.#endStream('unavailable');
    }
  }

  /** Ends all faults. Gives the longest time that it may take until cache and server agree. */
  heal(): number {
    this.#failLists.n = 0;
    this.#failWatches.n = 0;
    this.#duplicate = false;
    this.#reorder = false;
    this.#flush();
    const guardMs = Math.max(0, this.#listedMs + RELIST_MIN_MS - this.nowMs);
    return 2000 + (this.#stream?.silent === true ? SILENCE_MS : 0) + guardMs;
  }

  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      this.#queue.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
      const timerMs = this.#machine.pollTimeoutMs();
      const nextMs = Math.min(this.#queue[0]?.atMs ?? Infinity, timerMs);
      if (nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const next = this.#queue[0];
      if (next !== undefined && next.atMs <= timerMs) {
        this.#queue.shift();
        next.run();
      } else this.#handle({ kind: 'timer' });
    }
    this.nowMs = endMs;
  }

  #handle(input: Input): void {
    for (const effect of this.#machine.handle(input, this.nowMs)) this.#performEffect(effect);
  }

  #performEffect(effect: Effect): void {
    switch (effect.kind) {
      case 'list':
        this.#list(effect);
        return;
      case 'watch':
        this.#watch(effect);
        return;
      case 'peek':
        this.#soon(() => {
          const resourceVersion = String(this.server.version);
          this.#handle({ kind: 'peeked', operation: effect.operation, resourceVersion });
        });
        return;
      case 'abort':
        this.#aborted = effect.operation;
        if (this.#stream?.operation === effect.operation) this.#stream = undefined;
        return;
      case 'replace':
        this.#listedMs = this.nowMs;
        this.#hear(this.cache.replace(effect.items));
        return;
      case 'upsert':
        this.#hear(this.cache.upsert(effect.object));
        return;
      case 'remove':
        this.#hear(this.cache.remove(effect.object));
        return;
      case 'report':
        return;
    }
  }

  #list(effect: Effect & { kind: 'list' }): void {
    const { operation, limit, continueToken } = effect;
    if (continueToken === undefined && this.nowMs < this.#listedMs + RELIST_MIN_MS) {
      this.faults.push(`listed again after ${this.nowMs - this.#listedMs} ms`);
    }
    this.#soon(() => {
      if (this.#failLists.n > 0) {
        this.#failLists.n -= 1;
        return this.#handle({ kind: 'listFailed', operation, error: failure(this.#failLists.error) });
      }
      const [version, after] =
        continueToken === undefined ? [this.server.version, ''] : parseToken(continueToken);
      if (version < this.server.compactedVersion || version > this.server.version) {
        return this.#handle({ kind: 'listFailed', operation, error: failure('gone') });
      }
      // A later page shows objects as of the first page's version, as the API promises.
      const rest = this.#snapshotAt(version).filter((object) => object.metadata.name > after);
      const items = limit > 0 ? rest.slice(0, limit) : rest;
      const more = items.length < rest.length;
      this.#handle({
        kind: 'page',
        operation,
        items,
        resourceVersion: String(version),
        continueToken: more ? `${version}:${items.at(-1)?.metadata.name}` : undefined,
      });
    });
  }

  #snapshotAt(version: number): StoredObject[] {
    const objects = new Map(this.server.objects);
    const undone = this.server.history.filter((recorded) => recorded.version > version);
    for (const name of new Set(undone.map(({ object }) => object.metadata.name))) {
      const before = this.server.history.findLast(
        (recorded) => recorded.version <= version && recorded.object.metadata.name === name,
      );
      const first = undone.find(({ object }) => object.metadata.name === name);
      if (before !== undefined && before.type !== 'DELETED') objects.set(name, before.object);
      else if (before !== undefined || first?.type === 'ADDED') objects.delete(name);
      else this.faults.push('the model has no history for a page');
    }
    return [...objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  #watch(effect: Effect & { kind: 'watch' }): void {
    const { operation, resourceVersion } = effect;
    this.#stream = undefined;
    this.#soon(() => {
      if (this.#aborted === operation) return;
      if (this.#failWatches.n > 0) {
        this.#failWatches.n -= 1;
        return this.#handle({ kind: 'watchEnded', operation, error: failure(this.#failWatches.error) });
      }
      if (Number(resourceVersion) < this.server.compactedVersion) {
        return this.#handle({ kind: 'watchEnded', operation, error: failure('gone') });
      }
      this.#stream = { operation, sent: Number(resourceVersion), silent: false };
      this.#handle({ kind: 'watchOpened', operation });
      this.#flush();
    });
  }

  #flush(): void {
    const stream = this.#stream;
    if (stream === undefined || stream.silent) return;
    let pending = this.server.history.filter((recorded) => recorded.version > stream.sent);
    if (this.#reorder && pending.length < 2) return;
    stream.sent = this.server.version;
    if (this.#reorder) pending = swapFirstTwo(pending);
    this.#reorder = false;
    const doubled = this.#duplicate ? pending.flatMap((recorded) => [recorded, recorded]) : pending;
    if (pending.length > 0) this.#duplicate = false;
    for (const { type, object } of doubled) {
      this.#handle({ kind: 'watchEvent', operation: stream.operation, event: { type, object } });
    }
  }

  #event(event: unknown): void {
    const stream = this.#stream;
    if (stream === undefined || stream.silent) return;
    this.#handle({ kind: 'watchEvent', operation: stream.operation, event });
  }

  #endStream(error: Failure['kind'] | undefined): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    this.#handle({
      kind: 'watchEnded',
      operation: stream.operation,
      error: error === undefined ? undefined : failure(error),
    });
  }

  #hear(changes: readonly Change<StoredObject>[]): void {
    for (const change of changes) {
      const known = this.heard.has(change.key);
      if (known === (change.type === 'added'))
        this.faults.push(`${change.type} ${change.key}, known: ${known}`);
      if (change.type === 'deleted') this.heard.delete(change.key);
      else this.heard.set(change.key, change.object);
    }
  }

  #soon(run: () => void): void {
    this.#queue.push({ atMs: this.nowMs + this.#random() * 40, seq: (this.#seq += 1), run });
  }
}

function swapFirstTwo(recorded: readonly Recorded[]): Recorded[] {
  const [first, second, ...rest] = recorded;
  return first === undefined || second === undefined ? [...recorded] : [second, first, ...rest];
}

function failure(kind: Failure['kind']): Failure {
  return { kind, message: kind, retryAfterMs: kind === 'tooManyRequests' ? 500 : undefined };
}

function parseToken(token: string): [number, string] {
  const colon = token.indexOf(':');
  return [Number(token.slice(0, colon)), token.slice(colon + 1)];
}
