/**
 * Finds out how long the packets may be that pass the way to one peer, by sending probes of a length and hearing
 * whether they arrive (RFC 8899, section 5). Nothing that routers answer is needed, so that a way which swallows
 * long packets without a word is found as well.
 *
 * ```
 *                long probes lost, short ones pass; or time to try longer ones again
 *   confirming ─────────────────────────────────────────────────────────────────► searching
 *     ▲  every `confirmMs` the length in use                                           │
 *     └──────────────────────────────── no candidate is left ◄─────────────────────────┘
 * ```
 *
 * The length in use changes only once a search is over: hosts remember for minutes what they were told.
 *
 * A peer begins with the length that both underlays promise, since that is nearly always right, and it is confirmed
 * at once. After each `handle*`, `start` or `setLimit`, drain `pollProbe`, then arm one timer for `pollTimeout`.
 */
import { PADDING_MULTIPLE } from '../noise/constants.ts';
import { together } from './together.ts';

/** A packet of this length shall be sent, and its fate reported. */
export interface MtuProbe {
  readonly sizeBytes: number;
  readonly attempt: number;
}

export interface MtuSearchOptions {
  /** Length that is taken to pass always. */
  readonly floorBytes: number;
  /** Time between confirmations of the length in use. */
  readonly confirmMs: number;
}

/** Long probes in a row that have to be lost, and short ones that have to pass, before a way counts as too narrow. */
const LOST_TO_LOWER = 4;
const PASSED_TO_LOWER = 2;
/** Tries of a length while searching (MAX_PROBES, RFC 8899, section 5.1.2). */
const TRIES = 3;
/** When longer packets are tried again: soon first, in case of bad luck (PMTU_RAISE_TIMER is the last). */
const FIRST_RAISE_MS = 60_000;
const LAST_RAISE_MS = 600_000;

export class MtuSearch {
  readonly #options: MtuSearchOptions;
  #limitBytes: number;
  #mtuBytes: number;
  #state: 'stopped' | 'confirming' | 'searching' = 'stopped';
  #attempt = 0;
  #isUnderWay = false;
  #probe: MtuProbe | undefined;
  #dueAtMs: number | undefined;
  /** Of the length that is tried. */
  #nLost = 0;
  #nShortPassed = 0;
  #nShortLost = 0;
  /** While searching: the longest that passed, and the shortest that did not. */
  #passes = 0;
  #fails = 0;
  #raiseAfterMs = FIRST_RAISE_MS;
  #raiseAtMs = 0;

  /** `limitBytes`: what both underlays promise. */
  constructor(limitBytes: number, options: MtuSearchOptions) {
    this.#options = options;
    this.#limitBytes = limitBytes;
    this.#mtuBytes = limitBytes;
  }

  /** The longest packet that may be sent. */
  mtuBytes(): number {
    return this.#mtuBytes;
  }

  /** Begins on a new way, of which nothing is known. */
  start(nowMs: number): void {
    this.#mtuBytes = this.#limitBytes;
    this.#raiseAfterMs = FIRST_RAISE_MS;
    this.#confirmAt(nowMs);
    this.handleTimeout(nowMs);
  }

  /** The way is gone. What was learned is kept until it, or another one, is there. */
  stop(): void {
    this.#state = 'stopped';
    this.#dueAtMs = this.#probe = undefined;
    this.#isUnderWay = false;
    this.#attempt++;
  }

  /** The underlays promise something else. */
  setLimit(limitBytes: number, nowMs: number): void {
    if (limitBytes === this.#limitBytes) return;
    this.#limitBytes = limitBytes;
    this.#mtuBytes = limitBytes;
    if (this.#state !== 'stopped') this.start(nowMs);
  }

  /** The probe to send, once. */
  pollProbe(): MtuProbe | undefined {
    const probe = this.#probe;
    this.#probe = undefined;
    return probe;
  }

  /** What came of a probe; those of before are ignored. */
  handleProbeResult({ attempt, passed }: { attempt: number; passed: boolean }, nowMs: number): void {
    if (!this.#isUnderWay || attempt !== this.#attempt) return;
    this.#isUnderWay = false;
    if (this.#state === 'confirming') this.#confirmed(passed, nowMs);
    else this.#searched(passed, nowMs);
  }

  /** When `handleTimeout` is due. */
  pollTimeout(): number | undefined {
    return this.#dueAtMs;
  }

  handleTimeout(nowMs: number): void {
    if (this.#dueAtMs === undefined || nowMs < this.#dueAtMs) return;
    this.#dueAtMs = undefined;
    if (this.#mtuBytes < this.#limitBytes && nowMs >= this.#raiseAtMs)
      this.#search({ passes: this.#mtuBytes, fails: this.#limitBytes + 1 }, nowMs);
    else this.#send(this.#mtuBytes);
  }

  #send(sizeBytes: number): void {
    this.#isUnderWay = true;
    this.#probe = { sizeBytes, attempt: ++this.#attempt };
  }

  #confirmAt(atMs: number): void {
    this.#state = 'confirming';
    this.#dueAtMs = atMs;
    this.#nLost = this.#nShortLost = this.#nShortPassed = 0;
  }

  /** Long and short ones take turns as long as long ones are lost: what is lost with both is no matter of length. */
  #confirmed(passed: boolean, nowMs: number): void {
    const { floorBytes, confirmMs } = this.#options;
    const wasShort = this.#nLost > this.#nShortPassed + this.#nShortLost;
    if (!wasShort && (passed || this.#mtuBytes <= floorBytes))
      return this.#confirmAt(together(nowMs, confirmMs));
    if (!wasShort) this.#nLost++;
    else if (passed) this.#nShortPassed++;
    else this.#nShortLost++;
    if (this.#nShortLost > this.#nShortPassed + 1) return this.#confirmAt(nowMs + confirmMs);
    if (this.#nLost >= LOST_TO_LOWER && this.#nShortPassed >= PASSED_TO_LOWER) {
      return this.#search({ passes: floorBytes - 1, fails: this.#mtuBytes }, nowMs);
    }
    this.#send(wasShort ? this.#mtuBytes : floorBytes);
  }

  #search({ passes, fails }: { passes: number; fails: number }, nowMs: number): void {
    this.#state = 'searching';
    this.#passes = passes;
    this.#fails = fails;
    this.#nLost = 0;
    this.#next(nowMs);
  }

  #searched(passed: boolean, nowMs: number): void {
    const sizeBytes = this.#candidate() ?? this.#passes;
    if (passed) {
      this.#passes = sizeBytes;
      this.#nLost = 0;
    } else if (++this.#nLost >= TRIES) {
      this.#fails = sizeBytes;
      this.#nLost = 0;
    }
    this.#next(nowMs);
  }

  #next(nowMs: number): void {
    const sizeBytes = this.#candidate();
    if (sizeBytes !== undefined) return this.#send(sizeBytes);
    // Where not even the shortest passes, the way is gone and its length no matter.
    if (this.#passes < this.#options.floorBytes) return this.#confirmAt(nowMs + this.#options.confirmMs);
    const isLonger = this.#passes > this.#mtuBytes;
    this.#mtuBytes = this.#passes;
    this.#raiseAtMs = nowMs + this.#raiseAfterMs;
    this.#raiseAfterMs = isLonger ? FIRST_RAISE_MS : Math.min(2 * this.#raiseAfterMs, LAST_RAISE_MS);
    this.#confirmAt(together(nowMs, this.#options.confirmMs));
  }

  /**
   * The next length to try: the limit where it is open, then the middle. A multiple of the padding, since a packet
   * shorter than the interface's own MTU is padded.
   */
  #candidate(): number | undefined {
    if (this.#fails > this.#limitBytes) return this.#passes < this.#limitBytes ? this.#limitBytes : undefined;
    const first = Math.floor(this.#passes / PADDING_MULTIPLE) + 1;
    const last = Math.ceil(this.#fails / PADDING_MULTIPLE) - 1;
    return first > last ? undefined : Math.ceil((first + last) / 2) * PADDING_MULTIPLE;
  }
}
