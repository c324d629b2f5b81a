import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import type { IdentifiedEvent } from '../api/console.ts';

/** Events that a client may miss and still resume. */
export const RING_SIZE = 2000;

/**
 * The events of the console, numbered. A subscriber is only a position in the ring, so that a slow one costs no
 * memory: when the ring has gone past its position it gets a fresh snapshot and goes on from there. Ids carry the
 * ring's own epoch; those of another process resume with a snapshot.
 */
export class EventRing {
  readonly #epoch: string;
  readonly #size: number;
  readonly #snapshot: () => ConsoleEvent;
  readonly #events: ConsoleEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #last = 0;
  #nSubscribers = 0;

  /** @param options.epoch distinguishes this process's ids from others'; digits and letters */
  constructor(options: { epoch: string; snapshot: () => ConsoleEvent; size?: number }) {
    this.#epoch = options.epoch;
    this.#snapshot = options.snapshot;
    this.#size = options.size ?? RING_SIZE;
  }

  publish(event: ConsoleEvent): void {
    this.#last += 1;
    this.#events[this.#last % this.#size] = event;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  nSubscribers(): number {
    return this.#nSubscribers;
  }

  /** Events after `lastEventId`, or a snapshot and what follows it, until `signal`. */
  async *subscribe(from: {
    lastEventId: string | undefined;
    signal: AbortSignal;
  }): AsyncGenerator<IdentifiedEvent, void> {
    let position = this.#positionOf(from.lastEventId);
    this.#nSubscribers += 1;
    try {
      while (!from.signal.aborted) {
        if (position === undefined || position < this.#last - this.#size) {
          position = this.#last;
          yield { id: this.#idOf(position), event: this.#snapshot() };
        } else if (position < this.#last) {
          position += 1;
          yield { id: this.#idOf(position), event: this.#events[position % this.#size]! };
        } else {
          await this.#nextEvent(from.signal);
        }
      }
    } finally {
      this.#nSubscribers -= 1;
    }
  }

  #nextEvent(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #idOf(position: number): string {
    return `${this.#epoch}-${position}`;
  }

  #positionOf(id: string | undefined): number | undefined {
    const [epoch, digits = ''] = id?.split('-') ?? [];
    if (epoch !== this.#epoch || !/^\d{1,15}$/.test(digits)) return undefined;
    const position = Number(digits);
    return position <= this.#last ? position : undefined;
  }
}
