/** Faults and changes while packets flow: what must not be lost is not, and what is lost is counted. */
import { describe, expect, it, vi } from 'vitest';
import { MAX_STAGED_PACKETS, REKEY_AFTER_TIME_MS, REKEY_TIMEOUT_MS } from '../../src/core/noise/constants.ts';
import { clampPrivateKey, publicKeyOf, SecretKey } from '../../src/core/noise/keys.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { numberedPacket, numberOf, udpPacket } from './packets.ts';
import { allowedIp, countersOf, keyOf, World, type Station } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('faults', () => {
  it('key rotation (PSK) under load with 0 lost, at both ends one after the other', async () => {
    const { world, a, b, flow } = await flowing(100);
    for (let round = 1; round <= 2; round++) {
      await a.loop.configure({ peers: [{ publicKey: b.publicKey, presharedKey: keyOf(round) }] });
      flow(REKEY_AFTER_TIME_MS + 1_000);
      await b.loop.configure({ peers: [{ publicKey: a.publicKey, presharedKey: keyOf(round) }] });
      flow(3 * REKEY_TIMEOUT_MS);
    }
    world.clock.advance(1_000);
    // Each key was used: without a new session the flow would have ended.
    const nSessions = countersOf(a, b).responsesReceived + countersOf(b, a).responsesReceived;
    expect(nSessions).toBeGreaterThanOrEqual(3);
    expectAll(a, b, flow(0));
  });

  it('key rotation (private key) under load with 0 lost, where the peer knows the new one before', async () => {
    const { world, a, b, flow } = await flowing(10);
    flow(1_000);
    const key = clampPrivateKey(world.random.bytes(32));
    const publicKey = publicKeyOf(nodeWireguardCrypto.publicKey(key.expose()));
    await b.loop.configure({ peers: [{ publicKey, endpoint: a.endpoint, allowedIps: [] }] });
    await a.loop.configure({ privateKey: new SecretKey(new Uint8Array(key.expose())) });
    // What the old session still carries has arrived before the new one's first packet.
    flow(30);
    await b.loop.configure({ peers: [{ publicKey, allowedIps: [allowedIp(a.inner)] }] });
    flow(5_000);
    world.clock.advance(1_000);
    expect(
      b.loop.report().peers.find((peer) => peer.publicKey === publicKey)?.counters.rxPackets,
    ).toBeGreaterThan(100);
    expectAll(a, b, flow(0));
  });

  it('OOM of send queue: a peer that does not answer holds 128 packets, the newest, and the rest is counted', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setPartition(a.host, b.host, true);
    const nPackets = 10_000;
    for (let n = 0; n < nPackets; n++) a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
    expect(a.loop.report().drops['staged-overflow']).toBe(nPackets - MAX_STAGED_PACKETS);
    world.network.setPartition(a.host, b.host, false);
    world.clock.advance(2 * REKEY_TIMEOUT_MS);
    const newest = Array.from({ length: MAX_STAGED_PACKETS }, (_, i) => nPackets - MAX_STAGED_PACKETS + i);
    expect(b.received.map(numberOf)).toEqual(newest);
  });
});

/** Two stations between which packets pass both ways; `flow` sends for a time and tells how many were sent so far. */
async function flowing(everyMs: number) {
  const world = new World();
  const { a, b } = await world.pair();
  // Two that begin at once use a session each, of which the next one ends the older with what is on its way in it.
  a.tun.inject(udpPacket(a.inner, b.inner));
  world.clock.advance(100);
  b.received.length = 0;
  world.network.setConditions({ latencyMs: 20 });
  let n = 0;
  const flow = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += everyMs, n++) {
      a.tun.inject(numberedPacket(a.inner, b.inner, n));
      b.tun.inject(numberedPacket(b.inner, a.inner, n));
      world.clock.advance(everyMs);
    }
    return n;
  };
  return { world, a, b, flow };
}

function expectAll(a: Station, b: Station, nSent: number): void {
  for (const station of [a, b])
    expect(station.received.map(numberOf).toSorted((x, y) => x - y)).toEqual(
      Array.from({ length: nSent }, (_, n) => n),
    );
}
