/** The running key and hash of a handshake (Noise, section 5.2; WireGuard paper, section 5.4). */
import { asciiBytes, EMPTY } from './bytes.ts';
import { CONSTRUCTION, IDENTIFIER, TAG_BYTES } from './constants.ts';
import type { WireGuardCrypto } from './crypto.ts';

/** Chaining key and hash before anything of a peer is mixed: the same in every handshake. */
const beginnings = new WeakMap<
  WireGuardCrypto,
  { readonly chainingKey: Uint8Array; readonly hash: Uint8Array }
>();

const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2);
const THREE = Uint8Array.of(3);

/** Chaining key, hash and current key of one handshake. */
export class SymmetricState {
  readonly #crypto: WireGuardCrypto;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #key: Uint8Array = EMPTY;

  private constructor(crypto: WireGuardCrypto, chainingKey: Uint8Array, hash: Uint8Array) {
    this.#crypto = crypto;
    this.#chainingKey = chainingKey;
    this.#hash = hash;
  }

  /** The state before the first message to a responder. */
  static start(crypto: WireGuardCrypto, responderPublicKey: Uint8Array): SymmetricState {
    const { chainingKey, hash } = beginningOf(crypto);
    const state = new SymmetricState(crypto, chainingKey, hash);
    state.mixHash(responderPublicKey);
    return state;
  }

  /** A copy that can fail without harm to this one. */
  clone(): SymmetricState {
    return new SymmetricState(this.#crypto, this.#chainingKey, this.#hash);
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#crypto.hash(this.#hash, data);
  }

  /** Mixes a public ephemeral key: into the hash and into the chaining key. */
  mixEphemeral(publicKey: Uint8Array): void {
    this.mixHash(publicKey);
    this.#chainingKey = kdf1(this.#crypto, this.#chainingKey, publicKey);
  }

  /** Mixes a shared secret and derives the key of the next `seal` or `open`. */
  mixKey(secret: Uint8Array): void {
    [this.#chainingKey, this.#key] = kdf2(this.#crypto, this.#chainingKey, secret);
  }

  /** Mixes a preshared key (the "psk2" of the construction). */
  mixPresharedKey(presharedKey: Uint8Array): void {
    const [chainingKey, tau, key] = kdf3(this.#crypto, this.#chainingKey, presharedKey);
    this.#chainingKey = chainingKey;
    this.mixHash(tau);
    this.#key = key;
  }

  /** Seals with the current key and the hash as additional data, and mixes what came out. */
  seal(plaintext: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    this.#crypto.seal(this.#key, 0n, plaintext, this.#hash, sealed, 0);
    this.mixHash(sealed);
    return sealed;
  }

  /** Opens with the current key; nothing, and no change, where the tag is wrong. */
  open(sealed: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#crypto.open(this.#key, 0n, sealed, this.#hash);
    if (plaintext !== undefined) this.mixHash(sealed);
    return plaintext;
  }

  /** The two transport keys: the initiator sends with the first, the responder with the second. */
  split(): [Uint8Array, Uint8Array] {
    return kdf2(this.#crypto, this.#chainingKey, EMPTY);
  }
}

function beginningOf(crypto: WireGuardCrypto) {
  const known = beginnings.get(crypto);
  if (known !== undefined) return known;
  const chainingKey = crypto.hash(asciiBytes(CONSTRUCTION));
  const beginning = { chainingKey, hash: crypto.hash(chainingKey, asciiBytes(IDENTIFIER)) };
  beginnings.set(crypto, beginning);
  return beginning;
}

/** The paper's Kdf1: one key of 32 bytes. */
function kdf1(crypto: WireGuardCrypto, key: Uint8Array, input: Uint8Array): Uint8Array {
  return crypto.hmac(crypto.hmac(key, input), ONE);
}

/** The paper's Kdf2: two keys of 32 bytes. */
function kdf2(crypto: WireGuardCrypto, key: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  const secret = crypto.hmac(key, input);
  const first = crypto.hmac(secret, ONE);
  return [first, crypto.hmac(secret, first, TWO)];
}

/** The paper's Kdf3: three keys of 32 bytes. */
function kdf3(
  crypto: WireGuardCrypto,
  key: Uint8Array,
  input: Uint8Array,
): [Uint8Array, Uint8Array, Uint8Array] {
  const secret = crypto.hmac(key, input);
  const first = crypto.hmac(secret, ONE);
  const second = crypto.hmac(secret, first, TWO);
  return [first, second, crypto.hmac(secret, second, THREE)];
}
