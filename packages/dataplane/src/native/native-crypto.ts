import { concatBytes } from '../core/noise/bytes.ts';
import type { WireGuardCrypto } from '../core/noise/crypto.ts';
import { nodeWireguardCrypto } from '../io/node/wireguard-crypto.ts';
import type { NativeAddon, NativeKey } from './native-addon.ts';

/** The primitives that handshakes use most from the addon, without the objects that Node makes of each key and hash. */
export function nativeWireguardCrypto(addon: NativeAddon): WireGuardCrypto {
  /** Imported keys live as long as the arrays that they were made from. */
  const keys = new WeakMap<Uint8Array, NativeKey>();
  const keyOf = (privateKey: Uint8Array): NativeKey => {
    const known = keys.get(privateKey);
    if (known !== undefined) return known;
    const key = addon.importX25519(privateKey);
    keys.set(privateKey, key);
    return key;
  };
  const joined = (parts: readonly Uint8Array[]) => (parts.length === 1 ? parts[0]! : concatBytes(...parts));
  return {
    ...nodeWireguardCrypto,
    publicKey: (privateKey) => addon.publicX25519(keyOf(privateKey)),
    sharedSecret: (privateKey, publicKey) => addon.sharedX25519(keyOf(privateKey), publicKey),
    hash: (...parts) => addon.blake2s(joined(parts)),
    hmac: (key, ...parts) => addon.hmacBlake2s(key, joined(parts)),
    mac: (key, message) => addon.macBlake2s(key, message),
    seal: (key, counter, plaintext, additionalData, dst, offset) =>
      addon.aeadSeal(counter, key, plaintext, additionalData, dst.subarray(offset)),
    open: (key, counter, sealed, additionalData) => addon.aeadOpen(counter, key, sealed, additionalData),
    xSeal: (key, nonce, plaintext, additionalData) => addon.xSeal(key, nonce, plaintext, additionalData),
  };
}
