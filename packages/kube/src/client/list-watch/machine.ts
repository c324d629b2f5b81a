import { isSilence } from '../circuit-breaker.ts';
import type { KubeErrorKind } from '../error.ts';
import type { Random } from '../clock.ts';
import { isRecord } from '@flatland/shared/is-record';
import { readRawObject } from './raw-object.ts';
import type { RawObject } from './raw-object.ts';
import { compareResourceVersions, isOlder } from './resource-version.ts';

/*
 * A server that was restored from a backup goes on with older versions, and takes a watch from a version that it has not
 * reached yet for one that has nothing to tell. So each watch that follows another is doubted: one page of one object
 * shows the server's version, and where that is older, the list is read again. Versions are compared within a collection
 * only (KEP-5504), and one that changed little may have been overtaken by then: so whoever finds that a server went back
 * tells the others, who read their lists again.
 *
 *              last page                    closed, silent, broken
 *  listing --------------------> watching -------------------------> waiting (watch)
 *    ^  |                           | 410, disorder, due                 | timer
 *    |  | failed                    v                                    v
 *    |  +-----------> waiting (list) <---- 410 ---------------------- watching
 *    +---------------------+ timer
 */
export type Phase = 'idle' | 'listing' | 'watching' | 'waiting' | 'stopped';

/** What happened. `operation` names the list or watch it belongs to; inputs of an ended one are ignored. */
export type Input =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'page';
      readonly operation: number;
      readonly items: readonly unknown[];
      readonly resourceVersion: string;
      readonly continueToken: string | undefined;
    }
  | { readonly kind: 'listFailed'; readonly operation: number; readonly error: Failure }
  | { readonly kind: 'watchOpened'; readonly operation: number }
  /** The version that the server has. */
  | { readonly kind: 'peeked'; readonly operation: number; readonly resourceVersion: string }
  | { readonly kind: 'watchEvent'; readonly operation: number; readonly event: unknown }
  /** A line that is no event: something was lost, so the stream ends here. */
  | { readonly kind: 'watchGarbage'; readonly operation: number; readonly message: string }
  | { readonly kind: 'watchEnded'; readonly operation: number; readonly error: Failure | undefined }
  | { readonly kind: 'timer' }
  /** The cluster answers again: no need to wait any longer. */
  | { readonly kind: 'wake' }
  /** Another collection of the same server went back to older versions. */
  | { readonly kind: 'serverWentBack' }
  | { readonly kind: 'stop' };

export type Failure = {
  readonly kind: KubeErrorKind;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
};

/** What is to be done about it, in this order. */
export type Effect =
  | {
      readonly kind: 'list';
      readonly operation: number;
      readonly limit: number;
      readonly continueToken: string | undefined;
    }
  | {
      readonly kind: 'watch';
      readonly operation: number;
      readonly resourceVersion: string;
      readonly timeoutSeconds: number;
    }
  /** Ask for the server's version, beside a watch. */
  | { readonly kind: 'peek'; readonly operation: number }
  | { readonly kind: 'abort'; readonly operation: number }
  | {
      readonly kind: 'replace';
      readonly items: readonly unknown[];
      readonly resourceVersion: string;
      /** The list is older than what was seen before: its server goes on from a backup. */
      readonly wentBack: boolean;
    }
  | { readonly kind: 'upsert'; readonly object: RawObject }
  | { readonly kind: 'remove'; readonly object: RawObject }
  | { readonly kind: 'report'; readonly report: Report };

/** Something worth a log line or a counter. */
export type Report = {
  readonly kind: 'list-failed' | 'watch-failed' | 'watch-silent' | 'relist' | 'bad-event' | 'handler-threw';
  readonly message: string;
  /** What the server or the way to it said, where that was it. */
  readonly error?: KubeErrorKind;
};

export type MachineOptions = {
  readonly random: Random;
  /** Objects a page. @default 500 */
  readonly pageSize?: number;
  /** No byte for this long means that the stream is dead. Bookmarks come about once a minute. @default 90000 */
  readonly silenceMs?: number;
  /** The least time from one complete list to the next. @default 10000 */
  readonly relistMinMs?: number;
  /** A list is repeated after about this long even if all seems well. @default 3600000 */
  readonly relistEveryMs?: number;
  /** @default 200 */
  readonly backoffBaseMs?: number;
  /** Where somebody answers. @default 15000 */
  readonly backoffMaxMs?: number;
};

/** A watch that stood this long was a good one, whatever ended it. */
const GOOD_WATCH_MS = 5000;
/** After so many broken watches without any progress the list is read again. */
const MAX_FRUITLESS_WATCHES = 5;
/** The longest wait where nobody answers. The circuit breaker lets one call at a time through to find out. */
const SILENT_BACKOFF_MAX_MS = 4000;

/**
 * Keeps one collection in step with the server: paged LIST, then WATCH from its version, for ever. Decides only:
 * the caller performs the effects and hands back what came of them. After each `handle`, arm one timer for
 * `pollTimeoutMs()`.
 */
export class ListWatchMachine {
  readonly #options: Required<MachineOptions>;
  #phase: Phase = 'idle';
  #next: 'list' | 'watch' = 'list';
  #operation = 0;
  #items: unknown[] = [];
  #pageSize: number;
  #continueToken: string | undefined;
  #resourceVersion = '';
  #synced = false;
  #lastSeenMs: number | undefined;
  #listedMs: number | undefined;
  #openedMs: number | undefined;
  #relistAtMs = Infinity;
  #wakeAtMs = Infinity;
  #silentAtMs = Infinity;
  #nFailures = 0;
  #nFruitless = 0;
  /** There was another watch since the last list: the server may have gone back in between. */
  #isDoubtful = false;

  constructor(options: MachineOptions) {
    this.#options = {
      pageSize: 500,
      silenceMs: 90_000,
      relistMinMs: 10_000,
      relistEveryMs: 3_600_000,
      backoffBaseMs: 200,
      backoffMaxMs: 15_000,
      ...options,
    };
    this.#pageSize = this.#options.pageSize;
  }

  phase(): Phase {
    return this.#phase;
  }

  /** Whether one complete list has been taken over. */
  synced(): boolean {
    return this.#synced;
  }

  /** When the server last gave a sign of life about this collection. */
  lastSeenMs(): number | undefined {
    return this.#lastSeenMs;
  }

  resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** When to hand in `timer`; Infinity for never. */
  pollTimeoutMs(): number {
    switch (this.#phase) {
      case 'waiting':
        return this.#wakeAtMs;
      case 'watching':
        return Math.min(this.#silentAtMs, this.#relistAtMs);
      case 'idle':
      case 'listing':
      case 'stopped':
        return Infinity;
    }
  }

  handle(input: Input, nowMs: number): Effect[] {
    if (this.#phase === 'stopped') return [];
    if ('operation' in input && input.operation !== this.#operation) return [];
    switch (input.kind) {
      case 'start':
        return this.#phase === 'idle' ? this.#beginList(nowMs) : [];
      case 'page':
        return this.#handlePage(input, nowMs);
      case 'listFailed':
        return this.#handleListFailed(input.error, nowMs);
      case 'watchOpened':
        this.#seen(nowMs);
        this.#openedMs = nowMs;
        return this.#isDoubtful ? [{ kind: 'peek', operation: this.#operation }] : [];
      case 'peeked':
        return this.#handlePeeked(input.resourceVersion, nowMs);
      case 'watchEvent':
        return this.#handleEvent(input.event, nowMs);
      case 'watchGarbage':
        this.#isDoubtful = true;
        return [
          report('bad-event', input.message),
          ...this.#abort(),
          ...this.#resumeAfterFailure(nowMs, undefined),
        ];
      case 'watchEnded':
        return this.#handleWatchEnded(input.error, nowMs);
      case 'timer':
        return this.#handleTimer(nowMs);
      case 'wake':
        if (this.#phase === 'waiting' && this.#nFailures > 0) {
          const soonMs = nowMs + this.#options.random() * 1000;
          this.#wakeAtMs = Math.min(this.#wakeAtMs, Math.max(soonMs, this.#guardMs(this.#next)));
        }
        return [];
      case 'serverWentBack':
        return this.#handleServerWentBack(nowMs);
      case 'stop': {
        const effects = this.#abort();
        this.#phase = 'stopped';
        return effects;
      }
    }
  }

  #beginList(nowMs: number): Effect[] {
    const guardMs = this.#guardMs('list');
    if (nowMs < guardMs) return this.#wait('list', guardMs);
    this.#items = [];
    this.#continueToken = undefined;
    return this.#requestPage();
  }

  #requestPage(): Effect[] {
    this.#phase = 'listing';
    this.#operation += 1;
    const { limit, continueToken } = { limit: this.#pageSize, continueToken: this.#continueToken };
    return [{ kind: 'list', operation: this.#operation, limit, continueToken }];
  }

  #handlePage(page: Input & { kind: 'page' }, nowMs: number): Effect[] {
    this.#seen(nowMs);
    for (const item of page.items) this.#items.push(item);
    if (page.continueToken !== undefined) {
      this.#continueToken = page.continueToken;
      return this.#requestPage();
    }
    const items = this.#items;
    this.#items = [];
    this.#pageSize = this.#options.pageSize;
    const wentBack = isOlder(page.resourceVersion, this.#resourceVersion);
    this.#resourceVersion = page.resourceVersion;
    this.#synced = true;
    this.#listedMs = nowMs;
    this.#nFailures = 0;
    this.#nFruitless = 0;
    this.#isDoubtful = false;
    this.#relistAtMs = nowMs + this.#options.relistEveryMs * (0.9 + 0.2 * this.#options.random());
    const bad = items.filter((item) => readRawObject(item) === undefined).length;
    return [
      ...(bad > 0 ? [report('bad-event', `${bad} of ${items.length} listed items are no objects`)] : []),
      { kind: 'replace', items, resourceVersion: page.resourceVersion, wentBack },
      ...this.#beginWatch(nowMs),
    ];
  }

  #handleListFailed(error: Failure, nowMs: number): Effect[] {
    const expired = error.kind === 'gone' && this.#continueToken !== undefined;
    // A continue token expires when the list takes longer than the history is kept: one page then.
    if (expired) this.#pageSize = 0;
    if (error.kind === 'tooLarge' && this.#pageSize > 1) this.#pageSize = Math.ceil(this.#pageSize / 4);
    return [
      report('list-failed', error.message, error.kind),
      ...this.#wait('list', this.#backoff(nowMs, error)),
    ];
  }

  #beginWatch(nowMs: number): Effect[] {
    this.#phase = 'watching';
    this.#operation += 1;
    this.#openedMs = undefined;
    this.#silentAtMs = nowMs + this.#options.silenceMs;
    return [
      {
        kind: 'watch',
        operation: this.#operation,
        resourceVersion: this.#resourceVersion,
        timeoutSeconds: Math.round(300 + 300 * this.#options.random()),
      },
    ];
  }

  #handleEvent(event: unknown, nowMs: number): Effect[] {
    if (!isRecord(event) || typeof event['type'] !== 'string') {
      return this.handle(
        { kind: 'watchGarbage', operation: this.#operation, message: 'no watch event' },
        nowMs,
      );
    }
    this.#seen(nowMs);
    if (event['type'] === 'ERROR') return this.#handleErrorEvent(event['object'], nowMs);
    const object = readRawObject(event['object']);
    switch (event['type']) {
      case 'BOOKMARK': {
        const version = bookmarkVersion(event['object']);
        if (version !== undefined) this.#advance(version, nowMs);
        return [];
      }
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        if (object === undefined)
          return [report('bad-event', `${event['type']} of something that is no object`)];
        this.#advance(object.resourceVersion, nowMs);
        return [{ kind: event['type'] === 'DELETED' ? 'remove' : 'upsert', object }];
      default:
        return [report('bad-event', `unknown event type ${event['type'].slice(0, 40)}`)];
    }
  }

  #handleErrorEvent(status: unknown, nowMs: number): Effect[] {
    const { code, reason, message } = isRecord(status) ? status : {};
    const gone = code === 410 || reason === 'Expired' || reason === 'Gone';
    const text = typeof message === 'string' ? message : 'the watch ended with an error';
    const aborted = this.#abort();
    if (gone) return [...aborted, report('relist', text), ...this.#beginList(nowMs)];
    this.#isDoubtful = true;
    return [...aborted, report('watch-failed', text), ...this.#resumeAfterFailure(nowMs, undefined)];
  }

  #handlePeeked(version: string, nowMs: number): Effect[] {
    if (this.#phase !== 'watching') return [];
    this.#isDoubtful = false;
    if (!isOlder(version, this.#resourceVersion)) return [];
    const text = `the server went back from version ${this.#resourceVersion} to ${version}`;
    return [...this.#abort(), report('relist', text), ...this.#beginList(nowMs)];
  }

  /** A list that is under way, or was just read, is of the server as it is now. */
  #handleServerWentBack(nowMs: number): Effect[] {
    const isFresh = nowMs < this.#guardMs('list');
    if (this.#phase === 'idle' || this.#phase === 'listing' || isFresh) return [];
    const text = 'the server went back, as another collection shows';
    return [...this.#abort(), report('relist', text), ...this.#beginList(nowMs)];
  }

  #handleWatchEnded(error: Failure | undefined, nowMs: number): Effect[] {
    if (error?.kind === 'gone') return [report('relist', error.message), ...this.#beginList(nowMs)];
    const good = this.#openedMs !== undefined && nowMs - this.#openedMs >= GOOD_WATCH_MS;
    if (good) {
      this.#nFailures = 0;
      this.#nFruitless = 0;
    }
    this.#isDoubtful = true;
    if (error === undefined && good) return this.#wait('watch', nowMs + this.#options.random() * 100);
    return [
      ...(error === undefined ? [] : [report('watch-failed', error.message, error.kind)]),
      ...this.#resumeAfterFailure(nowMs, error),
    ];
  }

  #resumeAfterFailure(nowMs: number, error: Failure | undefined): Effect[] {
    this.#nFruitless += 1;
    if (this.#nFruitless > MAX_FRUITLESS_WATCHES) {
      this.#nFruitless = 0;
      const atMs = Math.max(this.#backoff(nowMs, error), this.#guardMs('list'));
      return [report('relist', 'watches end without progress'), ...this.#wait('list', atMs)];
    }
    return this.#wait('watch', this.#backoff(nowMs, error));
  }

  #handleTimer(nowMs: number): Effect[] {
    if (nowMs < this.pollTimeoutMs()) return [];
    if (this.#phase === 'waiting')
      return this.#next === 'list' ? this.#beginList(nowMs) : this.#beginWatch(nowMs);
    if (this.#phase !== 'watching') return [];
    const aborted = this.#abort();
    if (nowMs >= this.#relistAtMs) return [...aborted, report('relist', 'due'), ...this.#beginList(nowMs)];
    this.#isDoubtful = true;
    return [...aborted, report('watch-silent', 'no sign of life on the watch'), ...this.#beginWatch(nowMs)];
  }

  /** Moves the version to resume from. An event out of order shows a broken stream: the list is read again. */
  #advance(version: string, nowMs: number): void {
    this.#nFailures = 0;
    this.#nFruitless = 0;
    const order = compareResourceVersions(version, this.#resourceVersion);
    if (order === undefined || order >= 0) this.#resourceVersion = version;
    else this.#relistAtMs = Math.min(this.#relistAtMs, Math.max(nowMs, this.#guardMs('list')));
  }

  #seen(nowMs: number): void {
    this.#lastSeenMs = nowMs;
    this.#silentAtMs = nowMs + this.#options.silenceMs;
  }

  #wait(next: 'list' | 'watch', untilMs: number): Effect[] {
    this.#phase = 'waiting';
    this.#next = next;
    this.#wakeAtMs = untilMs;
    this.#operation += 1;
    return [];
  }

  #abort(): Effect[] {
    if (this.#phase !== 'watching' && this.#phase !== 'listing') return [];
    return [{ kind: 'abort', operation: this.#operation }];
  }

  #backoff(nowMs: number, error: Failure | undefined): number {
    const { backoffBaseMs, backoffMaxMs, random } = this.#options;
    const isSilent = error !== undefined && isSilence(error.kind);
    const maxMs = isSilent ? Math.min(backoffMaxMs, SILENT_BACKOFF_MAX_MS) : backoffMaxMs;
    const ceilingMs = Math.min(maxMs, backoffBaseMs * 2 ** Math.min(this.#nFailures, 20));
    this.#nFailures += 1;
    return nowMs + (error?.retryAfterMs ?? 0) + random() * ceilingMs;
  }

  #guardMs(next: 'list' | 'watch'): number {
    return next === 'watch' || this.#listedMs === undefined
      ? -Infinity
      : this.#listedMs + this.#options.relistMinMs;
  }
}

function bookmarkVersion(object: unknown): string | undefined {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function report(kind: Report['kind'], message: string, error?: KubeErrorKind): Effect {
  return { kind: 'report', report: { kind, message, ...(error === undefined ? {} : { error }) } };
}
