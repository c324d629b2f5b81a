/** No key is used with a nonce twice, and none is kept for longer than it may be used. */
import { describe, expect, it, vi } from 'vitest';
import {
  REJECT_AFTER_MESSAGES,
  REJECT_AFTER_TIME_MS,
  REKEY_AFTER_MESSAGES,
  REKEY_AFTER_TIME_MS,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../../src/core/noise/constants.ts';
import type { WireGuardCrypto } from '../../src/core/noise/crypto.ts';
import { parseMessageTransport } from '../../src/core/noise/messages.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { lateCounters } from './late-counters.ts';
import { numberedPacket, numberOf, udpPacket } from './packets.ts';
import { countersOf, keyOf, World } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

const N_SEALS = scaled(30_000, 10_000_000);

describe('D-09: a session', () => {
  it('whose counter comes near 2^64 - 2^13 - 1 is used up to the last one, then replaced, and nothing is lost', async () => {
    const uses = nonceRecorder();
    const world = new World();
    const path = lateCounters(REJECT_AFTER_MESSAGES - 20n);
    const { a, b } = await world.pair({ a: { crypto: uses.crypto, path } });
    for (let n = 0; n < 30; n++) {
      a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
      world.clock.advance(10);
    }
    const counters = () =>
      world.sniffed
        .filter(({ kind, from }) => kind === 'transport' && from.address === a.endpoint.address)
        .map(({ bytes }) => parseMessageTransport(bytes)!.counter);
    expect(counters().at(-1)).toBe(REJECT_AFTER_MESSAGES - 1n);
    expect(counters()).toHaveLength(20);
    world.clock.advance(REKEY_TIMEOUT_MS + REKEY_TIMEOUT_JITTER_MAX_MS);
    expect(b.received.map(numberOf)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(counters()[20]).toBe(0n);
    expect(uses.nReused()).toBe(0);
  });

  it('rekey on send: is renewed after REKEY_AFTER_MESSAGES, 2^60, also by the one who answered', async () => {
    for (const [who, nInitiations] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      const world = new World();
      const path = lateCounters(REKEY_AFTER_MESSAGES - 4n);
      const { a, b } = await world.pair({ [who]: { path } });
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      world.clock.advance(REKEY_TIMEOUT_MS + REKEY_TIMEOUT_JITTER_MAX_MS);
      const sent = () => countersOf(a, b).initiationsSent + countersOf(b, a).initiationsSent;
      expect(sent()).toBe(1);
      const [from, to] = who === 'a' ? [a, b] : [b, a];
      for (let n = 0; n < 5; n++) from.tun.inject(udpPacket(from.inner, to.inner));
      world.clock.advance(10);
      expect([sent(), countersOf(a, b).initiationsSent]).toEqual([2, nInitiations]);
    }
  });

  it('goes on past 2^32 messages', async () => {
    const world = new World();
    const { a, b } = await world.pair({ a: { path: lateCounters(2n ** 32n - 10n) } });
    for (let n = 0; n < 40; n++) {
      a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
      world.clock.advance(1);
    }
    expect(b.received.map(numberOf)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(parseMessageTransport(world.sniffed.at(-1)!.bytes)!.counter).toBeGreaterThan(2n ** 32n);
    expect(countersOf(a, b).initiationsSent).toBe(1);
  });

  it(`never seals with one key and one counter twice, in ${N_SEALS} seals, whatever becomes of sessions`, async () => {
    const uses = nonceRecorder();
    const world = new World(9);
    const { a, b } = await world.pair({ a: { crypto: uses.crypto }, b: { crypto: uses.crypto } });
    const packet = udpPacket('10.0.0.1', '10.0.0.2', 4);
    const answer = udpPacket('10.0.0.2', '10.0.0.1', 4);
    world.network.setConditions({ latencyMs: 5, jitterMs: 20, loss: 0.02, duplicate: 0.02 });
    for (let round = 0; uses.nSeals() < N_SEALS; round++) {
      for (let i = 0; i < 500; i++) {
        a.tun.inject(packet.slice());
        b.tun.inject(answer.slice());
        if (i % 20 === 0) world.clock.advance(1);
      }
      world.takeSniffed();
      a.received.length = b.received.length = 0;
      world.clock.advance(world.random.number() * REKEY_AFTER_TIME_MS);
      if (round % 7 === 3)
        await a.loop.configure({ peers: [{ publicKey: b.publicKey, presharedKey: keyOf(round & 1) }] });
      if (round % 7 === 3)
        await b.loop.configure({ peers: [{ publicKey: a.publicKey, presharedKey: keyOf(round & 1) }] });
      // There and back: over many rounds a clock that only went back would let sessions stay young.
      if (round % 11 === 5) world.clock.step(round % 2 === 1 ? -3_600_000 : 3_600_000);
    }
    expect(uses.nReused()).toBe(0);
    expect(uses.nKeys()).toBeGreaterThan(N_SEALS / 10_000);
  });
});

describe('D-09: keys of sessions', () => {
  it('are overwritten 3 x REJECT_AFTER_TIME, 540 s, after the last session was made', async () => {
    const keys = new Set<Uint8Array>();
    const crypto: WireGuardCrypto = {
      ...nodeWireguardCrypto,
      seal: (key, counter, plaintext, additionalData, dst, offset) => {
        // Messages of handshakes are sealed with the transcript.
        if (additionalData.length === 0) keys.add(key);
        nodeWireguardCrypto.seal(key, counter, plaintext, additionalData, dst, offset);
      },
      open: (key, counter, sealed, additionalData) => {
        if (additionalData.length === 0) keys.add(key);
        return nodeWireguardCrypto.open(key, counter, sealed, additionalData);
      },
    };
    const world = new World();
    const { a, b } = await world.pair({ a: { crypto }, b: { crypto } });
    for (let i = 0; i < 3; i++) {
      world.clock.advance(REKEY_AFTER_TIME_MS + 1);
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      world.clock.advance(100);
      b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    }
    const nKept = () => [...keys].filter((key) => key.some((byte) => byte !== 0)).length;
    expect(countersOf(a, b).responsesReceived).toBe(3);
    world.clock.advance(3 * REJECT_AFTER_TIME_MS - 1_000);
    // Both ends have two keys of the last session and of the one before.
    expect(nKept()).toBe(8);
    world.clock.advance(1_000);
    expect(keys.size).toBe(12);
    expect(nKept()).toBe(0);
  });
});

/** The machine's primitives, which count every use of a key with a counter that is not greater than the last one. */
function nonceRecorder() {
  const last = new Map<string, bigint>();
  let nSeals = 0;
  let nReused = 0;
  const crypto: WireGuardCrypto = {
    ...nodeWireguardCrypto,
    seal: (key, counter, plaintext, additionalData, dst, offset) => {
      nSeals++;
      const name = Buffer.from(key).toString('latin1');
      if (counter <= (last.get(name) ?? -1n)) nReused++;
      last.set(name, counter);
      nodeWireguardCrypto.seal(key, counter, plaintext, additionalData, dst, offset);
    },
  };
  return { crypto, nSeals: () => nSeals, nReused: () => nReused, nKeys: () => last.size };
}
