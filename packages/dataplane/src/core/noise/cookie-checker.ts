/** The responder's half of the denial-of-service defence (paper, section 5.4.4 and 5.4.7). */
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import { endpointBytes } from '../peer/udp-endpoint.ts';
import { asciiBytes, equalConstantTime } from './bytes.ts';
import {
  COOKIE_NONCE_BYTES,
  COOKIE_REFRESH_TIME_MS,
  LABEL_COOKIE,
  LABEL_MAC1,
  MAC_BYTES,
  MESSAGE_COOKIE_REPLY_BYTES,
} from './constants.ts';
import type { HandshakeDeps } from './handshake.ts';
import { viewOf } from './bytes.ts';
import { writeMessageCookieReply } from './messages.ts';

/** What cookies, and the replies that carry them, are made and checked with. */
export interface CookieKeys {
  readonly secret: Uint8Array;
  readonly mac1Key: Uint8Array;
  readonly sealKey: Uint8Array;
}

/** Checks the MACs of handshake messages to us, and makes cookies. */
export class CookieChecker {
  readonly #deps: HandshakeDeps;
  readonly #mac1Key: Uint8Array;
  readonly #cookieKey: Uint8Array;
  readonly #onKeys: ((keys: CookieKeys) => void) | undefined;
  #secret: Uint8Array | undefined;
  #secretMadeAtMs = 0;
  #lastCookie:
    | { readonly from: UdpEndpoint; readonly secret: Uint8Array; readonly cookie: Uint8Array }
    | undefined;

  /** `onKeys` is told what cookies are made with, whenever that changes. */
  constructor(deps: HandshakeDeps, localPublicKey: Uint8Array, onKeys?: (keys: CookieKeys) => void) {
    this.#deps = deps;
    this.#onKeys = onKeys;
    this.#mac1Key = deps.crypto.hash(asciiBytes(LABEL_MAC1), localPublicKey);
    this.#cookieKey = deps.crypto.hash(asciiBytes(LABEL_COOKIE), localPublicKey);
  }

  /** Whether the sender knows our public key. */
  checkMac1(datagram: Uint8Array): boolean {
    const end = datagram.length - 2 * MAC_BYTES;
    const mac = this.#deps.crypto.mac(this.#mac1Key, datagram.subarray(0, end));
    return equalConstantTime(mac, datagram.subarray(end, end + MAC_BYTES));
  }

  /** Whether the sender has our cookie for the very address and port that it sends from. */
  checkMac2(datagram: Uint8Array, from: UdpEndpoint, nowMs: number): boolean {
    if (this.#secret === undefined || !this.#secretIsFresh(nowMs)) return false;
    const end = datagram.length - MAC_BYTES;
    const mac = this.#deps.crypto.mac(this.#cookie(from, this.#secret), datagram.subarray(0, end));
    return equalConstantTime(mac, datagram.subarray(end));
  }

  /** The cookie reply to a handshake message; smaller than either of them, so it amplifies nothing. */
  createReply(datagram: Uint8Array, from: UdpEndpoint, nowMs: number): Uint8Array {
    const { crypto, random } = this.#deps;
    const secret = this.keepFresh(nowMs);
    const nonce = random(COOKIE_NONCE_BYTES);
    const mac1 = datagram.subarray(datagram.length - 2 * MAC_BYTES, datagram.length - MAC_BYTES);
    const encryptedCookie = crypto.xSeal(this.#cookieKey, nonce, this.#cookie(from, secret), mac1);
    const receiver = viewOf(datagram).getUint32(4, true);
    const reply = new Uint8Array(MESSAGE_COOKIE_REPLY_BYTES);
    writeMessageCookieReply({ receiver, nonce, encryptedCookie }, reply);
    return reply;
  }

  /** The secret of cookies, made anew where it is too old. */
  keepFresh(nowMs: number): Uint8Array {
    if (this.#secret !== undefined && this.#secretIsFresh(nowMs)) return this.#secret;
    const secret = this.#deps.random(32);
    this.#secret = secret;
    this.#secretMadeAtMs = nowMs;
    this.#onKeys?.({ secret, mac1Key: this.#mac1Key, sealKey: this.#cookieKey });
    return secret;
  }

  #secretIsFresh(nowMs: number): boolean {
    return Math.abs(nowMs - this.#secretMadeAtMs) < COOKIE_REFRESH_TIME_MS;
  }

  /** The cookie of an endpoint; one message asks for it twice. */
  #cookie(from: UdpEndpoint, secret: Uint8Array): Uint8Array {
    const last = this.#lastCookie;
    if (last !== undefined && last.from === from && last.secret === secret) return last.cookie;
    const cookie = this.#deps.crypto.mac(secret, endpointBytes(from));
    this.#lastCookie = { from, secret, cookie };
    return cookie;
  }
}
