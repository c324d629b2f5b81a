/**
 * The sessions of one peer (paper, section 6.1; wireguard-go's keypairs):
 *
 * ```
 *   we answered ──► next ──first message read with it──► current ──newer session──► previous ──► gone
 *   we asked ──────────────────────────────────────────► current
 * ```
 *
 * `current` sends. All three read. A responder's session waits in `next` until the initiator has proved, by
 * using it, that it has it.
 */
import { REJECT_AFTER_MESSAGES, REJECT_AFTER_TIME_MS } from './constants.ts';
import type { SessionKeys } from './handshake.ts';
import { ReplayWindow } from './replay-window.ts';

/** Counters of messages sent with a session; each is given out once. */
export interface SendCounter {
  /** The next one; nothing where none is left. */
  take(): bigint | undefined;
  /** How many were given out or skipped. */
  nTaken(): bigint;
  /** Gives out none below `counter` any more. */
  skipTo(counter: bigint): void;
}

class LocalSendCounter implements SendCounter {
  #next = 0n;

  take(): bigint | undefined {
    return this.#next < REJECT_AFTER_MESSAGES ? this.#next++ : undefined;
  }

  nTaken(): bigint {
    return this.#next;
  }

  skipTo(counter: bigint): void {
    if (counter > this.#next) this.#next = counter;
  }
}

/** One session: two keys, a counter to send with, a window to receive through. */
export class Keypair {
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  readonly localIndex: number;
  readonly remoteIndex: number;
  readonly isInitiator: boolean;
  readonly createdAtMs: number;
  readonly replay = new ReplayWindow();
  #counter: SendCounter = new LocalSendCounter();

  constructor(keys: SessionKeys, isInitiator: boolean, nowMs: number) {
    this.sendKey = keys.sendKey;
    this.receiveKey = keys.receiveKey;
    this.localIndex = keys.localIndex;
    this.remoteIndex = keys.remoteIndex;
    this.isInitiator = isInitiator;
    this.createdAtMs = nowMs;
  }

  /** Lets somebody else send with it too, who gives out the counters. It was not sent with yet. */
  shareCounter(counter: SendCounter): void {
    this.#counter = counter;
  }

  /** How many messages were sent with it. */
  nSent(): bigint {
    return this.#counter.nTaken();
  }

  ageMs(nowMs: number): number {
    return nowMs - this.createdAtMs;
  }

  /** Whether another message may be sent with it. */
  maySend(nowMs: number): boolean {
    return this.nSent() < REJECT_AFTER_MESSAGES && this.mayReceive(nowMs);
  }

  /** Whether it is young enough to be read with. */
  mayReceive(nowMs: number): boolean {
    return this.ageMs(nowMs) < REJECT_AFTER_TIME_MS;
  }

  /** The next counter. A counter is given out once; past the limit this is a programmer's mistake. */
  takeCounter(): bigint {
    const counter = this.#counter.take();
    if (counter === undefined) throw new Error('session has no counter left');
    return counter;
  }

  /** Skips counters: none below `counter` is given out any more. It never goes back. */
  skipTo(counter: bigint): void {
    this.#counter.skipTo(counter);
  }

  /** Overwrites the keys. */
  erase(): void {
    this.sendKey.fill(0);
    this.receiveKey.fill(0);
    this.#counter.skipTo(REJECT_AFTER_MESSAGES);
  }
}

/** Who hears of a peer's sessions. */
export interface KeypairListener {
  /** A session can be received with. */
  readonly onInstalled?: (keypair: Keypair) => void;
  /** A session is sent with from now on. */
  readonly onCurrent?: (keypair: Keypair) => void;
  /** A session was erased. */
  readonly onRemoved: (keypair: Keypair) => void;
}

/** The at most three sessions of a peer. */
export class KeypairSet {
  current: Keypair | undefined;
  previous: Keypair | undefined;
  next: Keypair | undefined;
  readonly #listener: KeypairListener;

  constructor(listener: KeypairListener) {
    this.#listener = listener;
  }

  /** Takes in a session that we asked for: it is current at once. */
  installInitiated(keypair: Keypair): void {
    const { previous, current, next } = this;
    this.#listener.onInstalled?.(keypair);
    this.current = keypair;
    this.#listener.onCurrent?.(keypair);
    this.next = undefined;
    if (next === undefined) this.previous = current;
    else {
      this.previous = next;
      this.#remove(current);
    }
    this.#remove(previous);
  }

  /** Takes in a session that we answered: it waits for its first message. */
  installResponded(keypair: Keypair): void {
    const { previous, next } = this;
    this.#listener.onInstalled?.(keypair);
    this.next = keypair;
    this.previous = undefined;
    this.#remove(next);
    this.#remove(previous);
  }

  /** Notes that a message was read with a session. True where that made `next` the current one. */
  confirm(keypair: Keypair): boolean {
    if (keypair !== this.next) return false;
    const { previous } = this;
    this.previous = this.current;
    this.current = keypair;
    this.next = undefined;
    this.#listener.onCurrent?.(keypair);
    this.#remove(previous);
    return true;
  }

  /** Uses up the current session, so that the next message needs a new handshake; reading goes on. */
  expireCurrent(): void {
    this.current?.skipTo(REJECT_AFTER_MESSAGES);
    this.next?.skipTo(REJECT_AFTER_MESSAGES);
  }

  eraseAll(): void {
    const { previous, current, next } = this;
    this.previous = this.current = this.next = undefined;
    for (const keypair of [previous, current, next]) this.#remove(keypair);
  }

  #remove(keypair: Keypair | undefined): void {
    if (keypair === undefined) return;
    keypair.erase();
    this.#listener.onRemoved(keypair);
  }
}
