/** The machine's primitives, and a record of what was sealed. */
import type { WireGuardCrypto } from '../../src/core/noise/crypto.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';

export interface Sealed {
  readonly key: Uint8Array;
  readonly counter: bigint;
  readonly plaintext: Uint8Array;
}

export interface RecordingCrypto {
  readonly crypto: WireGuardCrypto;
  readonly sealed: Sealed[];
}

export function recordingCrypto(): RecordingCrypto {
  const sealed: Sealed[] = [];
  const crypto: WireGuardCrypto = {
    ...nodeWireguardCrypto,
    seal: (key, counter, plaintext, additionalData, dst, offset) => {
      sealed.push({ key: new Uint8Array(key), counter, plaintext: new Uint8Array(plaintext) });
      nodeWireguardCrypto.seal(key, counter, plaintext, additionalData, dst, offset);
    },
  };
  return { crypto, sealed };
}
