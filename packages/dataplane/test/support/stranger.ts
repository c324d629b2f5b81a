/** Initiations of somebody whom no device knows: right in everything else. */
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { createInitiation } from '../../src/core/noise/handshake.ts';
import { clampPrivateKey, type SecretKey } from '../../src/core/noise/keys.ts';
import { tai64n } from '../../src/core/noise/tai64n.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';

/** An initiation of a new stranger to whoever has a public key, with mac1 and without a cookie. */
export function strangerInitiation(toBytes: Uint8Array, nowMs: number): Uint8Array {
  return initiationOf(clampPrivateKey(systemRandom(32)), toBytes, nowMs);
}

/** An initiation of whoever holds a private key. */
export function initiationOf(key: SecretKey, toBytes: Uint8Array, nowMs: number): Uint8Array {
  const made = createInitiation(
    { crypto, random: systemRandom },
    {
      local: { privateKey: key, publicKey: crypto.publicKey(key.expose()) },
      remote: { publicKeyBytes: toBytes, staticStatic: crypto.sharedSecret(key.expose(), toBytes) },
    },
    { localIndex: 7, timestamp: tai64n(nowMs) },
  );
  if (made === undefined) throw new Error('no initiation');
  new CookieGenerator(crypto, toBytes).writeMacs(made.datagram, nowMs);
  return made.datagram;
}
