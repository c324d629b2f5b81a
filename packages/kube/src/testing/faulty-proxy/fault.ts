/** A call as the proxy sees it. */
export interface ProxiedCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly isWatch: boolean;
}

export const CALL_FAULTS = ['429', '500', '503', '504', 'silence', 'reset', 'half-body', 'garbage'] as const;

/** How a call is spoilt. Where the server `hasDoneIt`, its work is done and only the answer is spoilt. */
export interface CallFault {
  readonly kind: (typeof CALL_FAULTS)[number];
  readonly hasDoneIt: boolean;
  /** Retry-After, with 429 and 503. */
  readonly retryAfterSeconds?: number;
}

export const WATCH_FAULTS = [
  /** 410 instead of a stream. */
  'gone-on-start',
  /** An ERROR event with 410, and the end. */
  'gone-event',
  'close',
  'reset',
  /** The stream stays open, and nothing comes any more. */
  'silence',
  /** The end in the middle of an event. */
  'truncated-line',
  /** A line that is no JSON, and on. */
  'garbage-line',
  /** A bookmark after every event. */
  'bookmarks',
  /** Every event twice. */
  'duplicate',
  /** Two events in each other's place. */
  'reorder',
] as const;

/** How a watch is spoilt, once so many events have come through whole. */
export interface WatchFault {
  readonly kind: (typeof WATCH_FAULTS)[number];
  readonly afterEvents: number;
}

/** Decides about each call, and about each watch that is opened. */
export interface FaultSource {
  call(call: ProxiedCall): CallFault | undefined;
  watch(call: ProxiedCall): WatchFault | undefined;
}

export const NO_FAULTS: FaultSource = { call: () => undefined, watch: () => undefined };
