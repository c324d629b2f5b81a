import { TAG_BYTES } from '../../core/noise/constants.ts';
import type { WireGuardCrypto } from '../../core/noise/crypto.ts';
import { loadOpenssl, type Openssl } from './openssl.ts';
import { nodeWireguardCrypto } from './wireguard-crypto.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const NONCE_OFFSET = 4;
const CTRL_GET_TAG = 0x10;
const CTRL_SET_TAG = 0x11;
const NO_KEY = new Uint8Array(KEY_BYTES);
const NO_NONCE = new Uint8Array(NONCE_BYTES);

type Aead = Pick<WireGuardCrypto, 'seal' | 'open'>;

/** The primitives for whoever carries packets without the addon: Node's, and the kept AEAD where OpenSSL can be called. */
export function portableWireguardCrypto(): WireGuardCrypto {
  const openssl = loadOpenssl();
  return { ...nodeWireguardCrypto, ...(openssl.ok ? keptAead(openssl.value) : undefined) };
}

/**
 * ChaCha20-Poly1305 with one context each way that is kept and given key and nonce for each message: about a sixth of
 * what `node:crypto` takes. The last key stays in a context until the event loop's turn ends.
 */
export function keptAead(openssl: Openssl): Aead | undefined {
  const cipher = openssl.chacha20Poly1305();
  const [sealing, opening] = [openssl.newCipherContext(), openssl.newCipherContext()];
  const isMade =
    openssl.encryptInit(sealing, cipher, null, NO_KEY, NO_NONCE) === 1 &&
    openssl.decryptInit(opening, cipher, null, NO_KEY, NO_NONCE) === 1;
  if (!isMade) return undefined;

  const written = new Uint8Array(4);
  const nothing = new Uint8Array(TAG_BYTES);
  const nonce = new Uint8Array(NONCE_BYTES);
  const nonceView = new DataView(nonce.buffer);
  let holdsKey = false;
  const forget = () => {
    holdsKey = false;
    openssl.encryptInit(sealing, null, null, NO_KEY, NO_NONCE);
    openssl.decryptInit(opening, null, null, NO_KEY, NO_NONCE);
  };
  const nonceOf = (counter: bigint) => {
    if (!holdsKey) setImmediate(forget);
    holdsKey = true;
    nonceView.setBigUint64(NONCE_OFFSET, counter, true);
    return nonce;
  };

  return {
    seal(key, counter, plaintext, additionalData, dst, offset) {
      const { length } = plaintext;
      const isDone =
        openssl.encryptInit(sealing, null, null, key, nonceOf(counter)) === 1 &&
        (additionalData.length === 0 ||
          openssl.encryptUpdate(sealing, null, written, additionalData, additionalData.length) === 1) &&
        (length === 0 ||
          openssl.encryptUpdate(sealing, dst.subarray(offset), written, plaintext, length) === 1) &&
        openssl.encryptFinal(sealing, nothing, written) === 1 &&
        openssl.controlCipher(sealing, CTRL_GET_TAG, TAG_BYTES, dst.subarray(offset + length)) === 1;
      if (!isDone) throw new Error('OpenSSL refuses to seal a message');
    },

    open(key, counter, sealed, additionalData) {
      const length = sealed.length - TAG_BYTES;
      if (length < 0) return undefined;
      const plaintext = new Uint8Array(length);
      const isGenuine =
        openssl.decryptInit(opening, null, null, key, nonceOf(counter)) === 1 &&
        openssl.controlCipher(opening, CTRL_SET_TAG, TAG_BYTES, sealed.subarray(length)) === 1 &&
        (additionalData.length === 0 ||
          openssl.decryptUpdate(opening, null, written, additionalData, additionalData.length) === 1) &&
        (length === 0 || openssl.decryptUpdate(opening, plaintext, written, sealed, length) === 1) &&
        openssl.decryptFinal(opening, nothing, written) === 1;
      return isGenuine ? plaintext : undefined;
    },
  };
}
