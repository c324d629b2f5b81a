/** WireGuard's primitives from Node's OpenSSL, and from noble where OpenSSL has none. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { TAG_BYTES } from '../../core/noise/constants.ts';
import type { WireGuardCrypto } from '../../core/noise/crypto.ts';

const AEAD = 'chacha20-poly1305';
const AEAD_OPTIONS = { authTagLength: TAG_BYTES };
/** DER of an X25519 key (RFC 8410) up to the 32 bytes of the key itself. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** Imported keys live as long as the arrays that they were made from. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();
const publicKeys = new WeakMap<Uint8Array, KeyObject>();

export const nodeWireguardCrypto: WireGuardCrypto = {
  publicKey(privateKey) {
    const spki = createPublicKey(importPrivateKey(privateKey)).export({ format: 'der', type: 'spki' });
    return Uint8Array.from(spki.subarray(SPKI_PREFIX.length));
  },

  sharedSecret(privateKey, publicKey) {
    try {
      return diffieHellman({
        privateKey: importPrivateKey(privateKey),
        publicKey: importPublicKey(publicKey),
      });
    } catch {
      return undefined;
    }
  },

  hash(...parts) {
    const hash = createHash('blake2s256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  },

  hmac(key, ...parts) {
    const hmac = createHmac('blake2s256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },

  mac(key, message) {
    return blake2s(message, { key, dkLen: 16 });
  },

  seal(key, counter, plaintext, additionalData, dst, offset) {
    const cipher = createCipheriv(AEAD, key, nonceOf(counter), AEAD_OPTIONS);
    if (additionalData.length > 0) cipher.setAAD(additionalData, { plaintextLength: plaintext.length });
    dst.set(cipher.update(plaintext), offset);
    cipher.final();
    dst.set(cipher.getAuthTag(), offset + plaintext.length);
  },

  open(key, counter, sealed, additionalData) {
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(AEAD, key, nonceOf(counter), AEAD_OPTIONS);
    if (additionalData.length > 0) decipher.setAAD(additionalData, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
      return plaintext;
    } catch {
      return undefined;
    }
  },

  xSeal(key, nonce, plaintext, additionalData) {
    return xchacha20poly1305(key, nonce, additionalData).encrypt(plaintext);
  },

  xOpen(key, nonce, sealed, additionalData) {
    try {
      return xchacha20poly1305(key, nonce, additionalData).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
};

function importPrivateKey(bytes: Uint8Array): KeyObject {
  const known = privateKeys.get(bytes);
  if (known !== undefined) return known;
  const der = Buffer.concat([PKCS8_PREFIX, bytes]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  privateKeys.set(bytes, key);
  return key;
}

function importPublicKey(bytes: Uint8Array): KeyObject {
  const known = publicKeys.get(bytes);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
  publicKeys.set(bytes, key);
  return key;
}

function nonceOf(counter: bigint): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(counter, 4);
  return nonce;
}
