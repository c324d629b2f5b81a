/** The initiator's half of the denial-of-service defence (paper, section 5.4.4 and 5.4.7): one per peer. */
import { asciiBytes } from './bytes.ts';
import {
  COOKIE_LATENCY_MS,
  COOKIE_REFRESH_TIME_MS,
  LABEL_COOKIE,
  LABEL_MAC1,
  MAC_BYTES,
} from './constants.ts';
import type { WireGuardCrypto } from './crypto.ts';
import type { MessageCookieReply } from './messages.ts';

/** Writes the MACs of handshake messages to a peer, and takes in its cookies. */
export class CookieGenerator {
  readonly #crypto: WireGuardCrypto;
  readonly #mac1Key: Uint8Array;
  readonly #cookieKey: Uint8Array;
  #lastMac1: Uint8Array | undefined;
  #cookie: Uint8Array | undefined;
  #cookieReceivedAtMs = 0;

  constructor(crypto: WireGuardCrypto, remotePublicKey: Uint8Array) {
    this.#crypto = crypto;
    this.#mac1Key = crypto.hash(asciiBytes(LABEL_MAC1), remotePublicKey);
    this.#cookieKey = crypto.hash(asciiBytes(LABEL_COOKIE), remotePublicKey);
  }

  /** Writes mac1, and mac2 where there is a fresh cookie, into the last 32 bytes of a handshake message. */
  writeMacs(datagram: Uint8Array, nowMs: number): void {
    const mac1At = datagram.length - 2 * MAC_BYTES;
    const mac2At = datagram.length - MAC_BYTES;
    const mac1 = this.#crypto.mac(this.#mac1Key, datagram.subarray(0, mac1At));
    datagram.set(mac1, mac1At);
    this.#lastMac1 = mac1;
    if (this.#cookie === undefined || !this.#cookieIsFresh(nowMs)) return;
    datagram.set(this.#crypto.mac(this.#cookie, datagram.subarray(0, mac2At)), mac2At);
  }

  /** Takes in a cookie. False where no message of ours waits for one, or the reply does not belong to it. */
  acceptReply(message: MessageCookieReply, nowMs: number): boolean {
    if (this.#lastMac1 === undefined) return false;
    const { nonce, encryptedCookie } = message;
    const cookie = this.#crypto.xOpen(this.#cookieKey, nonce, encryptedCookie, this.#lastMac1);
    if (cookie === undefined) return false;
    this.#cookie = cookie;
    this.#cookieReceivedAtMs = nowMs;
    this.#lastMac1 = undefined;
    return true;
  }

  #cookieIsFresh(nowMs: number): boolean {
    return Math.abs(nowMs - this.#cookieReceivedAtMs) < COOKIE_REFRESH_TIME_MS - COOKIE_LATENCY_MS;
  }
}
