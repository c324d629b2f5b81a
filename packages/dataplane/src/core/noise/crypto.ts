/**
 * The primitives that the protocol needs, as a port: the core holds no implementation of them. All keys are 32
 * bytes. Implementations may cache what they derive from a key's array, and must not outlive it.
 */
export interface WireGuardCrypto {
  /** The X25519 public key of a private key (RFC 7748). */
  publicKey(privateKey: Uint8Array): Uint8Array;

  /** The X25519 shared secret; nothing for a low-order point (RFC 7748, section 6.1). */
  sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

  /** BLAKE2s-256 of the parts, one after the other. */
  hash(...parts: readonly Uint8Array[]): Uint8Array;

  /** HMAC over BLAKE2s-256 of the parts, one after the other. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;

  /** Keyed BLAKE2s with 16 bytes of output. */
  mac(key: Uint8Array, message: Uint8Array): Uint8Array;

  /**
   * ChaCha20-Poly1305 (RFC 8439) with the counter as nonce (4 zero bytes, 8 little-endian ones): writes
   * ciphertext and tag to `dst` from `offset`. `plaintext` may be the very bytes that are written.
   */
  seal(
    key: Uint8Array,
    counter: bigint,
    plaintext: Uint8Array,
    additionalData: Uint8Array,
    dst: Uint8Array,
    offset: number,
  ): void;

  /** The inverse of `seal`; nothing where the tag is wrong. */
  open(
    key: Uint8Array,
    counter: bigint,
    sealed: Uint8Array,
    additionalData: Uint8Array,
  ): Uint8Array | undefined;

  /** XChaCha20-Poly1305 with a 24-byte nonce: ciphertext and tag. */
  xSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array;

  /** The inverse of `xSeal`; nothing where the tag is wrong. */
  xOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array,
  ): Uint8Array | undefined;
}

/** Fresh random bytes. */
export type RandomBytes = (nBytes: number) => Uint8Array;
