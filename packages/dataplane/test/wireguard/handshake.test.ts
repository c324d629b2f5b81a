/**
 * The handshake against a second computation, written straight from the equations of the paper's section 5.4 over
 * other implementations of the primitives (noble; the X25519 of the test is Node's).
 */
import { createHmac, diffieHellman, createPrivateKey, createPublicKey } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { describe, expect, it, vi } from 'vitest';
import {
  createInitiation,
  createResponse,
  openInitiation,
  openResponse,
  type StaticKeys,
} from '../../src/core/noise/handshake.ts';
import { clampPrivateKey, SecretKey } from '../../src/core/noise/keys.ts';
import { parseMessageInitiation, parseMessageResponse } from '../../src/core/noise/messages.ts';
import { tai64n } from '../../src/core/noise/tai64n.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';

const crypto = nodeWireguardCrypto;
const text = (value: string) => new TextEncoder().encode(value);
const NONE = new Uint8Array(0);

vi.setConfig({ testTimeout: 60_000 });

describe('the handshake', () => {
  for (const withPsk of [false, true])
    it(`has every byte that the paper's equations give ${withPsk ? 'with' : 'without'} a preshared key`, () => {
      const random = seededRandom(42).bytes;
      const [si, sr, ei, er] = [0, 1, 2, 3].map(() => clampPrivateKey(random(32)).expose()) as Keys;
      const presharedKey = withPsk ? random(32) : new Uint8Array(32);
      const timestamp = tai64n(1_767_225_600_000);
      const paper = computeByThePaper({
        si,
        sr,
        ei,
        er,
        presharedKey,
        timestamp,
        indices: [0x01020304, 0x0a0b0c0d],
      });

      const initiator = staticKeys(si);
      const responder = staticKeys(sr);
      const made = createInitiation(
        { crypto, random: () => ei },
        { local: initiator, remote: remoteOf(initiator, responder) },
        { localIndex: 0x01020304, timestamp },
      )!;
      expect(made.datagram.subarray(0, 116).toHex()).toBe(paper.initiation.toHex());

      const opened = openInitiation(
        crypto,
        { message: parseMessageInitiation(made.datagram)!, local: responder },
        () => remoteOf(responder, initiator),
      );
      if (!opened.ok) throw new Error(opened.error);
      expect(new Uint8Array(opened.value.timestamp)).toEqual(timestamp);
      const answered = createResponse({ crypto, random: () => er }, opened.value, {
        localIndex: 0x0a0b0c0d,
        presharedKey: new SecretKey(presharedKey),
      });
      if (!answered.ok) throw new Error(answered.error);
      expect(answered.value.datagram.subarray(0, 60).toHex()).toBe(paper.response.toHex());

      const completed = openResponse(
        crypto,
        { message: parseMessageResponse(answered.value.datagram)!, state: made.state },
        { local: initiator, presharedKey: new SecretKey(presharedKey) },
      );
      if (!completed.ok) throw new Error(completed.error);
      expect(completed.value.sendKey.toHex()).toBe(paper.initiatorSends.toHex());
      expect(completed.value.receiveKey.toHex()).toBe(paper.responderSends.toHex());
      expect(answered.value.session.receiveKey.toHex()).toBe(paper.initiatorSends.toHex());
      expect(answered.value.session.sendKey.toHex()).toBe(paper.responderSends.toHex());
    });

  it('leaves the state of the initiator as it was when a response does not authenticate', () => {
    const random = seededRandom(1).bytes;
    const [initiator, responder] = [staticKeys(random(32)), staticKeys(random(32))];
    const deps = { crypto, random };
    const made = createInitiation(
      deps,
      { local: initiator, remote: remoteOf(initiator, responder) },
      { localIndex: 1, timestamp: tai64n(0) },
    )!;
    const opened = openInitiation(
      crypto,
      { message: parseMessageInitiation(made.datagram)!, local: responder },
      () => remoteOf(responder, initiator),
    );
    if (!opened.ok) throw new Error(opened.error);
    const psk = () => new SecretKey(new Uint8Array(32));
    const answered = createResponse(deps, opened.value, { localIndex: 2, presharedKey: psk() });
    if (!answered.ok) throw new Error(answered.error);
    const forged = new Uint8Array(answered.value.datagram);
    forged[50]! ^= 1;
    const open = (datagram: Uint8Array) =>
      openResponse(
        crypto,
        { message: parseMessageResponse(datagram)!, state: made.state },
        { local: initiator, presharedKey: psk() },
      ).ok;
    expect([open(forged), open(answered.value.datagram)]).toEqual([false, true]);
  });
});

type Keys = [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

interface PaperInput {
  readonly si: Uint8Array;
  readonly sr: Uint8Array;
  readonly ei: Uint8Array;
  readonly er: Uint8Array;
  readonly presharedKey: Uint8Array;
  readonly timestamp: Uint8Array;
  readonly indices: readonly [number, number];
}

/** Sections 5.4.2, 5.4.3 and 5.4.5, line by line. */
function computeByThePaper({ si, sr, ei, er, presharedKey, timestamp, indices: [ii, ir] }: PaperInput) {
  const [Si, Sr, Ei, Er] = [si, sr, ei, er].map(pub) as Keys;
  let C = hash(text('Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s'));
  let H = hash(C, text('WireGuard v1 zx2c4 Jason@zx2c4.com'));
  H = hash(H, Sr);
  let k: Uint8Array;

  [C] = kdf(C, Ei);
  H = hash(H, Ei);
  [C, k] = kdf(C, dh(ei, Sr));
  const encryptedStatic = aead(k, Si, H);
  H = hash(H, encryptedStatic);
  [C, k] = kdf(C, dh(si, Sr));
  const encryptedTimestamp = aead(k, timestamp, H);
  H = hash(H, encryptedTimestamp);
  const initiation = Buffer.concat([
    Uint8Array.of(1, 0, 0, 0),
    le32(ii),
    Ei,
    encryptedStatic,
    encryptedTimestamp,
  ]);

  [C] = kdf(C, Er);
  H = hash(H, Er);
  [C] = kdf(C, dh(er, Ei));
  [C] = kdf(C, dh(er, Si));
  let tau: Uint8Array;
  [C, tau, k] = kdf(C, presharedKey);
  H = hash(H, tau);
  const encryptedNothing = aead(k, NONE, H);
  const response = Buffer.concat([Uint8Array.of(2, 0, 0, 0), le32(ir), le32(ii), Er, encryptedNothing]);

  const [initiatorSends, responderSends] = kdf(C, NONE);
  return { initiation, response, initiatorSends, responderSends };
}

function hash(...parts: Uint8Array[]): Uint8Array {
  return blake2s(Uint8Array.from(Buffer.concat(parts)));
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  // RFC 2104 over a block of 64 bytes.
  const pad = (byte: number) => Uint8Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ byte);
  const tag = hash(pad(0x5c), hash(pad(0x36), data));
  expect(Buffer.from(tag)).toEqual(createHmac('blake2s256', key).update(data).digest());
  return tag;
}

function kdf(key: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const t0 = hmac(key, input);
  const t1 = hmac(t0, Uint8Array.of(1));
  const t2 = hmac(t0, Uint8Array.of(...t1, 2));
  return [t1, t2, hmac(t0, Uint8Array.of(...t2, 3))];
}

function aead(key: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array {
  return chacha20poly1305(key, new Uint8Array(12), additionalData).encrypt(plaintext);
}

function le32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function privateJwk(key: Uint8Array) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), key]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function pub(key: Uint8Array): Uint8Array {
  const jwk = createPublicKey(privateJwk(key)).export({ format: 'jwk' });
  return Uint8Array.from(Buffer.from(jwk.x!, 'base64url'));
}

function dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(publicKey).toString('base64url') };
  return diffieHellman({
    privateKey: privateJwk(privateKey),
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
  });
}

function staticKeys(privateKey: Uint8Array): StaticKeys {
  return { privateKey: new SecretKey(privateKey), publicKey: pub(privateKey) };
}

function remoteOf(local: StaticKeys, remote: StaticKeys) {
  return {
    publicKeyBytes: remote.publicKey,
    staticStatic: crypto.sharedSecret(local.privateKey.expose(), remote.publicKey),
  };
}
