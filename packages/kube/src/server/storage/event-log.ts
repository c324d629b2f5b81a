import type { StoreEvent } from './record.ts';

/** How much of the past a watch can resume from. */
export interface HistoryLimits {
  /** @default 10000 */
  readonly maxEvents: number;
  /** @default 600000 */
  readonly maxAgeMs: number;
}

export const DEFAULT_HISTORY: HistoryLimits = { maxEvents: 10_000, maxAgeMs: 600_000 };

/** The recent events in order of revision. Everything at or before `compactedRevision` is forgotten. */
export class EventLog {
  #events: StoreEvent[];
  #compactedRevision: number;

  constructor(events: StoreEvent[], compactedRevision: number) {
    this.#events = events;
    this.#compactedRevision = compactedRevision;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  append(events: readonly StoreEvent[]): void {
    for (const event of events) this.#events.push(event);
  }

  /** Events after a revision, oldest first; undefined when some of them are forgotten. */
  after(revision: number): StoreEvent[] | undefined {
    if (revision < this.#compactedRevision) return undefined;
    return this.#events.slice(this.#firstAfter(revision));
  }

  /** The revision up to which the limits let go, or undefined while there is nothing worth a compaction. */
  compactable(limits: HistoryLimits, nowMs: number): number | undefined {
    const slack = Math.max(1, limits.maxEvents >> 2);
    const excess = this.#events.length - limits.maxEvents;
    let dropped = excess >= slack ? excess : 0;
    const oldestKeptMs = nowMs - limits.maxAgeMs;
    while (dropped < this.#events.length && this.#events[dropped]!.atMs < oldestKeptMs) dropped++;
    return dropped === 0 ? undefined : this.#events[dropped - 1]!.revision;
  }

  /** Forgets every event up to and including a revision. */
  compact(revision: number): void {
    this.#events = this.#events.slice(this.#firstAfter(revision));
    this.#compactedRevision = Math.max(this.#compactedRevision, revision);
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
