import type { Clock, Random } from '../clock.ts';
import type { KubeError } from '../error.ts';
import type { KubeClient } from '../kube-client.ts';
import { listPage } from '../objects.ts';
import type { Resource } from '../resource.ts';
import { ListWatchMachine } from './machine.ts';
import type { Effect, Failure, Input, MachineOptions, Phase, Report } from './machine.ts';
import { ObjectCache } from './object-cache.ts';
import type { Change, Indexers, Parse, ReadonlyObjectCache } from './object-cache.ts';
import { openWatch } from './watch-stream.ts';

export type ListWatchOptions<T> = Omit<MachineOptions, 'random'> & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Makes the value that the cache holds. What it refuses is reported and harms nothing else. */
  readonly parse: Parse<T>;
  readonly indexers?: Indexers<T>;
  /** Called after the cache has changed, with all that one step changed, or the server went back. An exception is reported, not fatal. */
  readonly onChanges?: (changes: readonly Change<T>[], origin: ChangesOrigin) => void;
  readonly onReport?: (report: Report) => void;
  /** Called whenever a watch stands, the first one and each that follows one that ended. */
  readonly onOpened?: () => void;
  /** @default the client's */
  readonly clock?: Clock;
  /** @default the client's */
  readonly random?: Random;
};

/** Where changes come from: a complete list, as of its version, or else one event of a watch. */
export type ChangesOrigin = {
  readonly listVersion?: string;
  /** The list shows that the server went back: what it lacks nobody need have deleted. */
  readonly wentBack?: boolean;
};

export type ListWatchStatus = {
  readonly phase: Phase;
  readonly synced: boolean;
  /** When the server last gave a sign of life about the collection. */
  readonly lastSeenMs: number | undefined;
  /** The version that the cache stands for. */
  readonly resourceVersion: string;
};

/** A collection kept in step with its cluster until `stop`. */
export type ListWatch<T> = {
  readonly cache: ReadonlyObjectCache<T>;
  status(): ListWatchStatus;
  /** Resolves once the first complete list has been taken over; never, when that never happens. */
  readonly whenSynced: Promise<void>;
  stop(): void;
};

/** Starts to keep a collection in step. It survives everything but `stop`. */
export function startListWatch<T>(
  client: KubeClient,
  type: Resource,
  options: ListWatchOptions<T>,
): ListWatch<T> {
  const clock = options.clock ?? client.clock;
  const machine = new ListWatchMachine({ ...options, random: options.random ?? client.random });
  const cache = new ObjectCache<T>(options);
  const tryMs = Math.min(TRY_MS, client.limits.timeoutMs);
  const underway = new Map<number, AbortController>();
  let disarm: () => void = () => {};
  let resolveSynced: () => void = () => {};
  const whenSynced = new Promise<void>((resolve) => (resolveSynced = resolve));

  function handle(input: Input): void {
    for (const effect of machine.handle(input, clock.nowMs())) perform(effect);
    disarm();
    const timeoutMs = machine.pollTimeoutMs();
    disarm =
      timeoutMs === Infinity
        ? () => {}
        : clock.after(Math.min(timeoutMs - clock.nowMs(), MAX_TIMER_MS), () => handle({ kind: 'timer' }));
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'list':
        void list(effect);
        return;
      case 'watch':
        void watch(effect);
        return;
      case 'peek':
        void peek(effect.operation);
        return;
      case 'abort':
        underway.get(effect.operation)?.abort();
        underway.delete(effect.operation);
        return;
      case 'replace':
        replace(effect);
        return;
      case 'upsert':
        emit(cache.upsert(effect.object));
        return;
      case 'remove':
        emit(cache.remove(effect.object));
        return;
      case 'report':
        tell(effect.report);
        return;
    }
  }

  /** A list may be newer than what was seen, and yet have objects of before: of a server that was restored and wrote much since. */
  function replace({ items, resourceVersion: listVersion, ...effect }: Effect & { kind: 'replace' }): void {
    const wentBack = effect.wentBack || cache.holdsNewer(items);
    emit(cache.replace(items), { listVersion, ...(wentBack && { wentBack }) });
    resolveSynced();
    if (wentBack) for (const tell of client.wentBackListeners) if (tell !== goBack) tell();
  }

  async function list(effect: Effect & { kind: 'list' }): Promise<void> {
    const { operation, limit, continueToken } = effect;
    const page = await listPage<unknown>(client, type, {
      ...selection(options),
      limit,
      continueToken,
      maxTries: 1,
      // A list in one piece may take its time.
      ...(limit > 0 && { timeoutMs: tryMs }),
      signal: begin(operation),
    });
    underway.delete(operation);
    if (!page.ok) return handle({ kind: 'listFailed', operation, error: failureOf(page.error) });
    const { resourceVersion, continue: next } = page.value.metadata;
    handle({
      kind: 'page',
      operation,
      items: page.value.items,
      resourceVersion: resourceVersion ?? '',
      continueToken: next === '' ? undefined : next,
    });
  }

  async function watch(effect: Effect & { kind: 'watch' }): Promise<void> {
    const { operation, resourceVersion, timeoutSeconds } = effect;
    const end = await openWatch(client, type, {
      ...selection(options),
      resourceVersion,
      timeoutSeconds,
      timeoutMs: tryMs,
      signal: begin(operation),
      onOpen() {
        handle({ kind: 'watchOpened', operation });
        callBack(() => options.onOpened?.());
      },
      onEvent: (event) => handle({ kind: 'watchEvent', operation, event }),
      onGarbage: (message) => handle({ kind: 'watchGarbage', operation, message }),
    });
    underway.delete(operation);
    handle({ kind: 'watchEnded', operation, error: end.ok ? undefined : failureOf(end.error) });
  }

  /** A peek that fails is no matter: the watch beside it fails too, or is silent soon. */
  async function peek(operation: number): Promise<void> {
    const signal = underway.get(operation)?.signal;
    const page = await listPage<unknown>(client, type, { ...selection(options), limit: 1, signal });
    const { resourceVersion = '' } = page.ok ? page.value.metadata : {};
    if (resourceVersion !== '') handle({ kind: 'peeked', operation, resourceVersion });
  }

  function begin(operation: number): AbortSignal {
    const controller = new AbortController();
    underway.set(operation, controller);
    return controller.signal;
  }

  function emit(changes: readonly Change<T>[], origin: ChangesOrigin = {}): void {
    if (changes.length > 0 || origin.wentBack === true) callBack(() => options.onChanges?.(changes, origin));
  }

  /** An exception of the owner's is its own matter, and no end of the watch. */
  function callBack(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      tell({ kind: 'handler-threw', message: error instanceof Error ? error.message : String(error) });
    }
  }

  function tell(report: Report): void {
    try {
      options.onReport?.(report);
    } catch {
      // A reporter that throws has nobody left to be told.
    }
  }

  const forget = client.onRecovered(() => handle({ kind: 'wake' }));
  const goBack = () => handle({ kind: 'serverWentBack' });
  client.wentBackListeners.add(goBack);
  handle({ kind: 'start' });
  return {
    cache,
    whenSynced,
    status: () => ({
      phase: machine.phase(),
      synced: machine.synced(),
      lastSeenMs: machine.lastSeenMs(),
      resourceVersion: machine.resourceVersion(),
    }),
    stop() {
      forget();
      client.wentBackListeners.delete(goBack);
      handle({ kind: 'stop' });
    },
  };
}

/* Of one page, or of the opening of a watch. Two that nobody answers open the breaker within ten seconds. */
const TRY_MS = 9000;

/* Node's timers hold 31 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function selection(options: { namespace?: string; labelSelector?: string; fieldSelector?: string }): {
  namespace: string | undefined;
  labelSelector: string | undefined;
  fieldSelector: string | undefined;
} {
  const { namespace, labelSelector, fieldSelector } = options;
  return { namespace, labelSelector, fieldSelector };
}

function failureOf(error: KubeError): Failure {
  return {
    kind: error.kind,
    message: error.message,
    retryAfterMs: 'retryAfterMs' in error ? error.retryAfterMs : undefined,
  };
}
