/** Tells when handshakes arrive faster than a device means to answer them. */
import { HANDSHAKES_PER_SECOND, UNDER_LOAD_BACKLOG, UNDER_LOAD_STICKY_MS } from '../noise/constants.ts';

/**
 * Models the queue that other implementations have: it drains at HANDSHAKES_PER_SECOND, and a backlog of
 * UNDER_LOAD_BACKLOG means load, which is remembered for a second.
 */
export class LoadMeter {
  #backlog = 0;
  #lastMs = 0;
  #loadedAtMs: number | undefined;

  /** Somebody else has seen that the device is under load. */
  notice(nowMs: number): void {
    this.#loadedAtMs = nowMs;
  }

  /** Counts one handshake message and tells whether the device is under load. */
  arrive(nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    const drained = (elapsedMs * HANDSHAKES_PER_SECOND) / 1_000;
    this.#backlog = Math.min(UNDER_LOAD_BACKLOG, Math.max(0, this.#backlog - drained) + 1);
    if (this.#backlog >= UNDER_LOAD_BACKLOG) this.notice(nowMs);
    return this.#loadedAtMs !== undefined && Math.abs(nowMs - this.#loadedAtMs) < UNDER_LOAD_STICKY_MS;
  }
}
