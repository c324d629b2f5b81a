import { createCipheriv, createDecipheriv } from 'node:crypto';

/** AES-256-GCM with the nonce and tag lengths of NIST SP 800-38D §8.2.1. */
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

export interface SealOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** What the text belongs to: it opens with the same only. */
  readonly owner: string;
}

/**
 * Seals a text: format byte, nonce, tag, ciphertext. `nonce` is 12 random bytes that were never used with the key.
 */
export function seal(text: string, nonce: Uint8Array, { key, owner }: SealOptions): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(owner));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), sealed]);
}

/** Opens what was sealed; undefined where key or owner are others, or any byte was changed. */
export function unseal(sealed: Uint8Array, { key, owner }: SealOptions): string | undefined {
  const head = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed.byteLength < head || sealed[0] !== FORMAT) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(owner));
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, head));
    return Buffer.concat([decipher.update(sealed.subarray(head)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function associatedData(owner: string): Buffer {
  return Buffer.from(`flatland cluster credentials ${FORMAT}\n${owner}`);
}
