/** Keys: public ones are text (base64, as `wg` shows them), secret ones show themselves to nobody. */
import type { Brand } from '@flatland/shared/model/brand';
import { err, ok, type Result } from '@flatland/shared/result';
import { isZero } from './bytes.ts';
import { KEY_BYTES } from './constants.ts';

/** A Curve25519 public key, base64 of 32 bytes. */
export type PublicKey = Brand<string, 'PublicKey'>;

/** The text of a public key's 32 bytes. */
export function publicKeyOf(bytes: Uint8Array): PublicKey {
  return bytes.toBase64() as PublicKey;
}

/** The 32 bytes of a public key. */
export function publicKeyBytes(key: PublicKey): Uint8Array {
  return Uint8Array.fromBase64(key);
}

/** A private or preshared key. Printing, inspecting or serializing one gives no byte of it. */
export class SecretKey {
  readonly #bytes: Uint8Array;

  /** Takes over the array: `erase` clears it. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes`);
    this.#bytes = bytes;
  }

  /** The bytes themselves, for the primitives and the configuration socket only. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  /** All zero: the protocol's way to say "none". */
  isZero(): boolean {
    return isZero(this.#bytes);
  }

  erase(): void {
    this.#bytes.fill(0);
  }

  toJSON(): string {
    return '[secret]';
  }

  toString(): string {
    return '[secret]';
  }
}

/** Parses the base64 of a secret key. The error never quotes it. */
export function parseSecretKey(text: string): Result<SecretKey, string> {
  const bytes = decodeKey(text);
  return bytes === undefined ? err('a key is 32 bytes in base64') : ok(new SecretKey(bytes));
}

/** Makes a private key of 32 random bytes, clamped (RFC 7748, section 5). */
export function clampPrivateKey(random: Uint8Array): SecretKey {
  const bytes = Uint8Array.from(random);
  bytes[0]! &= 248;
  bytes[31] = (bytes[31]! & 127) | 64;
  return new SecretKey(bytes);
}

function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text);
}
