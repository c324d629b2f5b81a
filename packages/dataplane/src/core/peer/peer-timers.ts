/**
 * The timers of one peer (paper, section 6; wireguard-go `device/timers.go`). Events arm and disarm them; whoever
 * drives the peer asks `pollTimeout`, calls `takeExpired` then, and does what the timer stands for.
 */
import {
  KEEPALIVE_TIMEOUT_MS,
  REJECT_AFTER_TIME_MS,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../noise/constants.ts';

export type TimerName =
  /** REKEY_TIMEOUT and jitter after an initiation that was not answered. */
  | 'retransmit-handshake'
  /** KEEPALIVE_TIMEOUT after data came in and nothing went out. */
  | 'send-keepalive'
  /** KEEPALIVE_TIMEOUT + REKEY_TIMEOUT and jitter after data went out and nothing came in. */
  | 'new-handshake'
  /** 3 x REJECT_AFTER_TIME after the last session was made: all keys go. */
  | 'zero-key-material'
  /** The configured interval after the last authenticated message in either direction. */
  | 'persistent-keepalive';

/** Order in which timers that expire together fire. */
const TIMER_NAMES: readonly TimerName[] = [
  'retransmit-handshake',
  'send-keepalive',
  'new-handshake',
  'zero-key-material',
  'persistent-keepalive',
];

export class PeerTimers {
  persistentKeepaliveMs = 0;
  handshakeAttempts = 0;
  sentLastMinuteHandshake = false;
  readonly #deadlines = new Map<TimerName, number>();
  readonly #jitterMs: () => number;
  readonly #onArmed: (deadlineMs: number) => void;
  #needAnotherKeepalive = false;

  /** `jitterMs` gives 0 to REKEY_TIMEOUT_JITTER_MAX_MS. `onArmed` hears of each deadline set. */
  constructor(jitterMs: () => number, onArmed: (deadlineMs: number) => void = () => {}) {
    this.#jitterMs = jitterMs;
    this.#onArmed = onArmed;
  }

  /** When the earliest timer expires, if any is armed. */
  pollTimeout(): number | undefined {
    let earliest: number | undefined;
    for (const deadline of this.#deadlines.values())
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  /** Disarms and gives the timers that have expired. */
  takeExpired(nowMs: number): TimerName[] {
    const expired = TIMER_NAMES.filter((name) => (this.#deadlines.get(name) ?? Infinity) <= nowMs);
    for (const name of expired) this.#deadlines.delete(name);
    return expired;
  }

  isArmed(name: TimerName): boolean {
    return this.#deadlines.has(name);
  }

  /** A message with payload was sent. */
  dataSent(nowMs: number): void {
    if (!this.isArmed('new-handshake'))
      this.#arm('new-handshake', nowMs + KEEPALIVE_TIMEOUT_MS + REKEY_TIMEOUT_MS + this.#jitterMs());
  }

  /** A message with payload was received. */
  dataReceived(nowMs: number): void {
    if (this.isArmed('send-keepalive')) this.#needAnotherKeepalive = true;
    else this.#arm('send-keepalive', nowMs + KEEPALIVE_TIMEOUT_MS);
  }

  /** `send-keepalive` fired and was acted on. */
  keepaliveSent(nowMs: number): void {
    if (!this.#needAnotherKeepalive) return;
    this.#needAnotherKeepalive = false;
    this.#arm('send-keepalive', nowMs + KEEPALIVE_TIMEOUT_MS);
  }

  /** `persistent-keepalive` fired and was acted on; where nothing could be sent it tries again. */
  persistentKeepaliveFired(nowMs: number): void {
    if (!this.isArmed('persistent-keepalive')) this.#anyAuthenticatedPacketTraversal(nowMs);
  }

  /** Any authenticated message was sent: data, keepalive or handshake. */
  anyAuthenticatedPacketSent(nowMs: number): void {
    this.#deadlines.delete('send-keepalive');
    this.#anyAuthenticatedPacketTraversal(nowMs);
  }

  /** Any authenticated message was received. */
  anyAuthenticatedPacketReceived(nowMs: number): void {
    this.#deadlines.delete('new-handshake');
    this.#anyAuthenticatedPacketTraversal(nowMs);
  }

  /** An initiation was sent. */
  handshakeInitiated(nowMs: number): void {
    this.#arm('retransmit-handshake', nowMs + REKEY_TIMEOUT_MS + this.#jitterMs());
  }

  /** A response was read, or a session confirmed by its first message. */
  handshakeComplete(): void {
    this.#deadlines.delete('retransmit-handshake');
    this.handshakeAttempts = 0;
    this.sentLastMinuteHandshake = false;
  }

  /** The handshake was given up. */
  handshakeAbandoned(nowMs: number): void {
    this.#deadlines.delete('send-keepalive');
    if (!this.isArmed('zero-key-material')) this.sessionDerived(nowMs);
  }

  /** Keys of a new session exist. */
  sessionDerived(nowMs: number): void {
    this.#arm('zero-key-material', nowMs + 3 * REJECT_AFTER_TIME_MS);
  }

  /** Disarms everything: the device went down or the peer away. */
  stop(): void {
    this.#deadlines.clear();
    this.#needAnotherKeepalive = false;
    this.handshakeAttempts = 0;
    this.sentLastMinuteHandshake = false;
  }

  #anyAuthenticatedPacketTraversal(nowMs: number): void {
    if (this.persistentKeepaliveMs > 0) this.#arm('persistent-keepalive', nowMs + this.persistentKeepaliveMs);
  }

  #arm(name: TimerName, deadlineMs: number): void {
    this.#deadlines.set(name, deadlineMs);
    this.#onArmed(deadlineMs);
  }
}

/** A jitter from two random bytes. */
export function rekeyJitterMs(random: (nBytes: number) => Uint8Array): number {
  const [high = 0, low = 0] = random(2);
  return ((high << 8) | low) % (REKEY_TIMEOUT_JITTER_MAX_MS + 1);
}
