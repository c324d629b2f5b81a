/**
 * The timers of one peer (paper, section 6; wireguard-go `device/timers.go`). Events arm and disarm them; whoever
 * drives the peer asks `pollTimeout`, calls `takeExpired` then, and does what the timer stands for.
 */
import {
  KEEPALIVE_TIMEOUT_MS,
  PMTU_RAISE_TIME_MS,
  REJECT_AFTER_TIME_MS,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../noise/constants.ts';
import { LocalTrafficMarks, type TrafficMarks } from './traffic-marks.ts';

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
  | 'persistent-keepalive'
  /** PMTU_RAISE_TIME after the path was found to be narrower: longer packets may be tried again. */
  | 'raise-path-mtu';

/** Timers that an event sets to a time; the others follow from what passed. */
type SetTimer = 'retransmit-handshake' | 'zero-key-material' | 'raise-path-mtu';

/** Order in which timers that expire together fire. */
const TIMER_NAMES: readonly TimerName[] = [
  'retransmit-handshake',
  'send-keepalive',
  'new-handshake',
  'zero-key-material',
  'persistent-keepalive',
  'raise-path-mtu',
];

export class PeerTimers {
  persistentKeepaliveMs = 0;
  handshakeAttempts = 0;
  sentLastMinuteHandshake = false;
  readonly #marks: TrafficMarks;
  readonly #deadlines = new Map<SetTimer, number>();
  readonly #jitterMs: () => number;
  readonly #onArmed: (deadlineMs: number) => void;
  /** Jitter of the new-handshake timer that data sent at a time has armed. */
  #newHandshake: { readonly sinceMs: number; readonly jitterMs: number } | undefined;
  /** Traversal of which the persistent-keepalive timer has fired already. */
  #keptAliveMs: number | undefined;
  /** When it fired and nothing could be sent. */
  #keepaliveRetryMs: number | undefined;
  #lookedAtMs = 0;

  /**
   * `jitterMs` gives 0 to REKEY_TIMEOUT_JITTER_MAX_MS. `onArmed` hears of each deadline set; where the marks are
   * shared, of one that is early enough to look at them.
   */
  constructor(
    jitterMs: () => number,
    onArmed: (deadlineMs: number) => void = () => {},
    marks: TrafficMarks = new LocalTrafficMarks(),
  ) {
    this.#jitterMs = jitterMs;
    this.#onArmed = onArmed;
    this.#marks = marks;
  }

  /** When the earliest timer expires, or shared marks should be looked at, if ever. */
  pollTimeout(): number | undefined {
    let earliest = this.#mayMarksChange() ? this.#lookedAtMs + KEEPALIVE_TIMEOUT_MS : undefined;
    for (const name of TIMER_NAMES) {
      const deadline = this.#deadline(name);
      if (deadline !== undefined && (earliest === undefined || deadline < earliest)) earliest = deadline;
    }
    return earliest;
  }

  /** Disarms and gives the timers that have expired. */
  takeExpired(nowMs: number): TimerName[] {
    this.#lookedAtMs = nowMs;
    const expired = TIMER_NAMES.filter((name) => (this.#deadline(name) ?? Infinity) <= nowMs);
    for (const name of expired) this.#disarm(name);
    return expired;
  }

  isArmed(name: TimerName): boolean {
    return this.#deadline(name) !== undefined;
  }

  /** A message with payload was sent. */
  dataSent(nowMs: number): void {
    const wasArmed = this.isArmed('new-handshake');
    this.#marks.sent(nowMs, true);
    if (!wasArmed) this.#announce('new-handshake');
  }

  /** A message with payload was received. */
  dataReceived(nowMs: number): void {
    this.#marks.received(nowMs, true);
    this.#announce('send-keepalive');
  }

  /** `send-keepalive` fired and was acted on. */
  keepaliveSent(nowMs: number): void {
    if (!this.#marks.read().isMoreReceived) return;
    this.#marks.change({ isMoreReceived: false, dataReceivedSinceMs: nowMs });
    this.#announce('send-keepalive');
  }

  /** `persistent-keepalive` fired and was acted on; where nothing could be sent it tries again. */
  persistentKeepaliveFired(nowMs: number): void {
    if (!this.isArmed('persistent-keepalive')) this.#keepaliveRetryMs = nowMs;
    this.#announce('persistent-keepalive');
  }

  /** Any authenticated message was sent: data, keepalive or handshake. */
  anyAuthenticatedPacketSent(nowMs: number): void {
    this.#marks.sent(nowMs, false);
    this.#announce('persistent-keepalive');
  }

  /** Any authenticated message was received. */
  anyAuthenticatedPacketReceived(nowMs: number): void {
    this.#marks.received(nowMs, false);
    this.#announce('persistent-keepalive');
  }

  /** An initiation was sent. */
  handshakeInitiated(nowMs: number): void {
    this.#deadlines.set('retransmit-handshake', nowMs + REKEY_TIMEOUT_MS + this.#jitterMs());
    this.#announce('retransmit-handshake');
  }

  /** A response was read, or a session confirmed by its first message. */
  handshakeComplete(): void {
    this.#deadlines.delete('retransmit-handshake');
    this.handshakeAttempts = 0;
    this.sentLastMinuteHandshake = false;
  }

  /** The handshake was given up. */
  handshakeAbandoned(nowMs: number): void {
    this.#disarm('send-keepalive');
    if (!this.isArmed('zero-key-material')) this.sessionDerived(nowMs);
  }

  /** Keys of a new session exist. */
  sessionDerived(nowMs: number): void {
    this.#deadlines.set('zero-key-material', nowMs + 3 * REJECT_AFTER_TIME_MS);
    this.#announce('zero-key-material');
    this.#lookedAtMs = nowMs;
    if (this.#mayMarksChange()) this.#onArmed(nowMs + KEEPALIVE_TIMEOUT_MS);
  }

  /** The path was found to be narrower than before. */
  pathMtuLowered(nowMs: number): void {
    this.#deadlines.set('raise-path-mtu', nowMs + PMTU_RAISE_TIME_MS);
    this.#announce('raise-path-mtu');
  }

  /** Disarms everything: the device went down or the peer away. */
  stop(): void {
    this.#deadlines.clear();
    this.#marks.clear();
    this.#keepaliveRetryMs = this.#keptAliveMs = undefined;
    this.handshakeAttempts = 0;
    this.sentLastMinuteHandshake = false;
  }

  /** Data passes only while there are keys; these are erased when `zero-key-material` has fired. */
  #mayMarksChange(): boolean {
    return this.#marks.isShared && this.#deadlines.has('zero-key-material');
  }

  /** When a timer expires; nothing where it is not armed. */
  #deadline(name: TimerName): number | undefined {
    const marks = this.#marks.read();
    switch (name) {
      case 'send-keepalive':
        return later(marks.dataReceivedSinceMs, KEEPALIVE_TIMEOUT_MS);
      case 'new-handshake': {
        const sinceMs = marks.dataSentSinceMs;
        if (sinceMs === undefined) return undefined;
        if (this.#newHandshake?.sinceMs !== sinceMs)
          this.#newHandshake = { sinceMs, jitterMs: this.#jitterMs() };
        return sinceMs + KEEPALIVE_TIMEOUT_MS + REKEY_TIMEOUT_MS + this.#newHandshake.jitterMs;
      }
      case 'persistent-keepalive': {
        if (this.persistentKeepaliveMs === 0) return undefined;
        const { lastTraversalMs } = marks;
        const fromMs = lastTraversalMs === this.#keptAliveMs ? this.#keepaliveRetryMs : lastTraversalMs;
        return later(fromMs, this.persistentKeepaliveMs);
      }
      case 'retransmit-handshake':
      case 'zero-key-material':
      case 'raise-path-mtu':
        return this.#deadlines.get(name);
    }
  }

  #disarm(name: TimerName): void {
    switch (name) {
      case 'send-keepalive':
        return this.#marks.change({ dataReceivedSinceMs: undefined });
      case 'new-handshake':
        return this.#marks.change({ dataSentSinceMs: undefined });
      case 'persistent-keepalive':
        this.#keptAliveMs = this.#marks.read().lastTraversalMs;
        this.#keepaliveRetryMs = undefined;
        return;
      case 'retransmit-handshake':
      case 'zero-key-material':
      case 'raise-path-mtu':
        this.#deadlines.delete(name);
    }
  }

  #announce(name: TimerName): void {
    const deadlineMs = this.#deadline(name);
    if (deadlineMs !== undefined) this.#onArmed(deadlineMs);
  }
}

function later(sinceMs: number | undefined, durationMs: number): number | undefined {
  return sinceMs === undefined ? undefined : sinceMs + durationMs;
}

/** A jitter from two random bytes. */
export function rekeyJitterMs(random: (nBytes: number) => Uint8Array): number {
  const [high = 0, low = 0] = random(2);
  return ((high << 8) | low) % (REKEY_TIMEOUT_JITTER_MAX_MS + 1);
}
