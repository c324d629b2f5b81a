/** Published vectors: the adapter gives what the standards say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireGuardCrypto } from '../../src/core/noise/crypto.ts';
import { portableWireguardCrypto } from '../../src/io/node/kept-aead.ts';
import { loadOpenssl } from '../../src/io/node/openssl.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { loadAddon } from '../../src/native/load-addon.ts';
import { nativeWireguardCrypto } from '../../src/native/native-crypto.ts';
import { skips } from '../support/sandbox.ts';

const hex = (text: string) => Uint8Array.fromHex(text);

const addon = loadAddon();
const native = addon.ok ? nativeWireguardCrypto(addon.value) : undefined;
const kept = loadOpenssl();
const portable = kept.ok ? portableWireguardCrypto() : undefined;
skips('primitives of OpenSSL called by hand', kept.ok ? undefined : kept.error);
const isMissing = skips('primitives of the addon', addon.ok ? undefined : addon.error);
const ADAPTERS = [
  ['of Node', nodeWireguardCrypto],
  ['of the portable path', portable],
  ['of the addon', native],
] as const;

for (const [name, adapter] of ADAPTERS)
  describe.skipIf(adapter === undefined)(`primitives ${name}`, () => suite(adapter!));

describe.skipIf(isMissing)('the primitives of Node and of the addon', () => {
  const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });

  it('are the same functions', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), bytes(0, 300), bytes(0, 40), (key, other, message, more) => {
        expect(native!.hash(message, more)).toEqual(plain(nodeWireguardCrypto.hash(message, more)));
        expect(native!.hmac(more, message)).toEqual(plain(nodeWireguardCrypto.hmac(more, message)));
        expect(native!.hmac(message, more)).toEqual(plain(nodeWireguardCrypto.hmac(message, more)));
        expect(native!.mac(key, message)).toEqual(plain(nodeWireguardCrypto.mac(key, message)));
        expect(native!.publicKey(key)).toEqual(plain(nodeWireguardCrypto.publicKey(key)));
        const peer = nodeWireguardCrypto.publicKey(other);
        expect(native!.sharedSecret(key, peer)).toEqual(plain(nodeWireguardCrypto.sharedSecret(key, peer)!));
      }),
    );
  });

  it('seal the same with a long nonce, and what one sealed the other opens', () => {
    fc.assert(
      fc.property(bytes(32), bytes(24), bytes(0, 300), bytes(0, 40), (key, nonce, message, about) => {
        const sealed = native!.xSeal(key, nonce, message, about);
        expect(sealed).toEqual(plain(nodeWireguardCrypto.xSeal(key, nonce, message, about)));
        expect(plain(native!.xOpen(key, nonce, sealed, about)!)).toEqual(message);
      }),
    );
  });

  it('take keys of 1 to 32 bytes for a MAC, as cookies have 16', () => {
    fc.assert(
      fc.property(bytes(1, 32), bytes(0, 200), (key, message) => {
        expect(native!.mac(key, message)).toEqual(plain(nodeWireguardCrypto.mac(key, message)));
      }),
    );
  });
});

for (const [name, other] of ADAPTERS.slice(1))
  describe.skipIf(other === undefined)(`the AEAD ${name} and that of node:crypto`, () => {
    const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });

    it('seal the same with a counter, in place too, and open what the other sealed and nothing else', () => {
      const counters = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
      fc.assert(
        fc.property(bytes(32), counters, bytes(0, 300), bytes(0, 40), (key, counter, message, about) => {
          const seal = (crypto: WireGuardCrypto) => {
            const room = new Uint8Array(3 + message.length + 16);
            room.set(message, 3);
            crypto.seal(key, counter, room.subarray(3, 3 + message.length), about, room, 3);
            return room;
          };
          const sealed = seal(nodeWireguardCrypto);
          expect(seal(other!)).toEqual(sealed);
          const of = sealed.subarray(3);
          expect(other!.open(key, counter, of, about)).toEqual(message);
          of[counter < 2n ** 63n ? 0 : of.length - 1]! ^= 1;
          expect(other!.open(key, counter, of, about)).toBeUndefined();
        }),
      );
    });
  });

/** The bytes alone: Node gives some as a Buffer. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

function suite(crypto: WireGuardCrypto): void {
  it('agree on X25519 with RFC 7748, section 6.1', () => {
    const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    expect(toHex(crypto.publicKey(alice))).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
    expect(toHex(crypto.publicKey(bob))).toBe(
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    );
    expect(toHex(crypto.sharedSecret(alice, crypto.publicKey(bob))!)).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('agree on BLAKE2s with RFC 7693, appendix B', () => {
    expect(toHex(crypto.hash(hex('61'), hex('6263')))).toBe(
      '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
    );
  });

  it('agree on ChaCha20-Poly1305 with a counter as nonce, also in place', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const message = Uint8Array.from({ length: 40 }, (_, i) => (i < 24 ? i : 0));
    crypto.seal(key, 2n ** 64n - 1n, message.subarray(0, 24), hex('0102'), message, 0);
    expect(toHex(crypto.open(key, 2n ** 64n - 1n, message, hex('0102'))!)).toBe(
      toHex(Uint8Array.from({ length: 24 }, (_, i) => i)),
    );
    expect(crypto.open(key, 2n ** 64n - 2n, message, hex('0102'))).toBeUndefined();
    expect(crypto.open(key, 2n ** 64n - 1n, message, hex('0103'))).toBeUndefined();
    message[3]! ^= 1;
    expect(crypto.open(key, 2n ** 64n - 1n, message, hex('0102'))).toBeUndefined();
  });

  it('agree on XChaCha20-Poly1305 with draft-irtf-cfrg-xchacha, appendix A.3.1', () => {
    const plaintext = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
    const nonce = hex('404142434445464748494a4b4c4d4e4f5051525354555657');
    const sealed = crypto.xSeal(key, nonce, plaintext, hex('50515253c0c1c2c3c4c5c6c7'));
    expect(toHex(sealed.subarray(-16))).toBe('c0875924c1c7987947deafd8780acf49');
    expect(toHex(sealed.subarray(0, 16))).toBe('bd6d179d3e83d43b9576579493c0e939');
    expect(crypto.xOpen(key, nonce, sealed, hex('50'))).toBeUndefined();
    expect(crypto.xOpen(key, nonce, sealed, hex('50515253c0c1c2c3c4c5c6c7'))).toEqual(plaintext);
  });

  it('give no shared secret for a point of low order (RFC 7748, section 6.1)', () => {
    for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))])
      expect(crypto.sharedSecret(crypto.hash(), point)).toBeUndefined();
  });
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
