/** Whatever arrives at the port: nothing throws, nothing is answered that should not be, sessions go on. */
import fc from 'fast-check';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it, vi } from 'vitest';
import { clampPrivateKey, publicKeyBytes } from '../../src/core/noise/keys.ts';
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { parseMessageCookieReply } from '../../src/core/noise/messages.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { udpPacket } from './packets.ts';
import { countersOf, initiationFrom, inject, World, type Station } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

const crypto = nodeWireguardCrypto;

describe('hostile datagrams', () => {
  it('are never answered, and never throw: random bytes', async () => {
    const { world, b } = await established();
    const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(5), (bytes, type) => {
        if (bytes.length > 0 && type < 5) bytes.set([type, 0, 0, 0].slice(0, bytes.length));
        inject(b, from, bytes);
        expect(world.takeSniffed()).toEqual([]);
      }),
      { numRuns: scaled(10_000, 1_000_000) },
    );
  });

  it('are never answered, and never throw: captured messages with changed bytes, cut or prolonged', async () => {
    const { world, a, b, captured } = await established();
    const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('grow' as const), by: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
    );
    const received = b.received.length;
    fc.assert(
      fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 3 }), (n, edits) => {
        const original = captured[n % captured.length]!;
        let bytes: Uint8Array = new Uint8Array(original);
        for (const one of edits) {
          if (one.kind === 'cut') bytes = bytes.subarray(0, one.at % (bytes.length + 1));
          else if (one.kind === 'grow') bytes = Uint8Array.of(...bytes, ...one.by);
          else if (bytes.length > 0) bytes[one.at % bytes.length]! ^= 1 << one.bit;
        }
        if (Buffer.from(bytes).equals(Buffer.from(original))) return;
        inject(b, from, bytes);
        inject(a, from, bytes);
        expect(world.takeSniffed()).toEqual([]);
      }),
      { numRuns: scaled(5_000, 500_000) },
    );
    expect(b.received).toHaveLength(received);
    expect(await passes(world, a, b)).toBe(true);
  });

  it('are never answered, and never throw: a great many of them, by a generator of our own', async () => {
    const { world, b, captured } = await established();
    const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
    const random = world.random.number;
    const nDatagrams = scaled(60_000, 20_000_000);
    for (let n = 0; n < nDatagrams; n++) {
      const original = captured[n % captured.length]!;
      // Whoever repeats a handshake message with another mac2 may be asked for a cookie: mac1 does not cover it.
      const nCovered = original.length - (original[0] === 4 ? 0 : 16);
      const bytes = original.slice(
        0,
        n % 7 === 0 ? Math.floor(random() * (original.length + 1)) : original.length,
      );
      for (let flips = n % 3; flips >= 0 && bytes.length > 0; flips--)
        bytes[Math.floor(random() * Math.min(bytes.length, nCovered))]! ^= 1 + Math.floor(random() * 255);
      if (bytes.length === original.length && bytes.every((byte, i) => byte === original[i])) continue;
      b.host.receive({ from, to: b.endpoint, bytes });
    }
    expect(world.takeSniffed()).toEqual([]);
    const { drops } = b.loop.report();
    const nDropped = Object.values(drops).reduce((a, c) => a + c, 0);
    expect(nDropped).toBeGreaterThan(nDatagrams * 0.99);
  });

  it('of a stranger who knows our public key are dropped in silence', async () => {
    const { world, b } = await established();
    inject(b, udpEndpoint('192.0.2.66' as IpAddress, 6_666), strangerInitiation(world, b));
    expect(world.takeSniffed()).toEqual([]);
    expect(b.loop.report().drops['unknown-peer']).toBe(1);
  });

  it('of a known peer are answered no faster than every 20 ms', async () => {
    const { world, a, b } = await established();
    const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
    const answers = [0, 19, 20, 25, 45].map((afterMs, i, all) => {
      world.clock.advance(afterMs - (all[i - 1] ?? -20_000));
      inject(b, from, initiationFrom(a.privateKey, world, b));
      return world.takeSniffed().filter(({ kind }) => kind === 'response').length;
    });
    expect(answers).toEqual([1, 0, 1, 0, 1]);
    expect(b.loop.report().drops['initiation-flood']).toBe(2);
  });

  it('are not replayed into the tunnel: every packet of a transfer again, shuffled', async () => {
    const { world, a, b } = await established();
    const nPackets = scaled(3_000, 100_000);
    world.network.setConditions({ jitterMs: 50 });
    for (let i = 0; i < nPackets; i++) {
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', i % 100));
      if (i % 10 === 0) world.clock.advance(1);
    }
    world.clock.advance(1_000);
    const before = b.received.length;
    expect(before).toBe(nPackets + 1);
    const transport = world
      .takeSniffed()
      .filter(({ kind, to }) => kind === 'transport' && to.address === '198.51.100.2');
    for (const datagram of shuffled(transport, world.random.number)) inject(b, datagram.from, datagram.bytes);
    expect(b.received).toHaveLength(before);
    expect(b.loop.report().drops.replayed).toBe(transport.length);
  });
});

describe('a flood of initiations', () => {
  it('is answered with cookies only, leaves an established tunnel alone, and lets a valid peer in', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    const c = await world.station('c', '198.51.100.3', { inner: '10.0.0.3' });
    await b.loop.configure({ peers: [{ publicKey: c.publicKey, allowedIps: [], endpoint: c.endpoint }] });
    await c.loop.configure({
      peers: [{ publicKey: b.publicKey, endpoint: b.endpoint, persistentKeepaliveSeconds: 1 }],
    });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.network.setPartition(c.host, b.host, true);
    world.clock.advance(10_000);
    const flood = Array.from({ length: 50 }, () => strangerInitiation(world, b));
    world.takeSniffed();
    world.network.setPartition(c.host, b.host, false);

    let n = 0;
    for (let ms = 0; ms < 12_000; ms += 10) {
      for (let i = 0; i < 10; i++, n++)
        inject(b, udpEndpoint(`192.0.2.${n % 250}` as IpAddress, 1_000 + (n % 4)), flood[n % flood.length]!);
      if (ms % 100 === 0) a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 10));
      world.clock.advance(10);
    }
    const toFlood = world.takeSniffed().filter(({ to }) => to.address.startsWith('192.0.2.'));
    expect(new Set(toFlood.map(({ kind }) => kind))).toEqual(new Set(['cookie-reply']));
    expect(b.loop.report().drops['under-load']).toBeGreaterThan(5_000);
    expect(b.received).toHaveLength(121);
    expect(countersOf(c, b).cookieRepliesReceived).toBeGreaterThan(0);
    expect(countersOf(c, b).responsesReceived).toBeGreaterThan(0);
  });

  it('of one source that proved its address is limited', async () => {
    const world = new World();
    const b = await world.station('b', '198.51.100.2');
    const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
    const generator = new CookieGenerator(crypto, publicKeyBytes(b.publicKey));
    const send = (datagram: Uint8Array) => {
      generator.writeMacs(datagram, world.clock.nowMs());
      inject(b, from, datagram);
    };
    for (let i = 0; i < 200; i++) {
      send(strangerInitiation(world, b));
      const reply = world.takeSniffed().find(({ kind }) => kind === 'cookie-reply');
      const cookie = reply && parseMessageCookieReply(reply.bytes);
      if (cookie !== undefined) generator.acceptReply(cookie, world.clock.nowMs());
    }
    expect(b.loop.report().drops['rate-limited']).toBeGreaterThan(50);
    expect(b.loop.report().drops['unknown-peer']).toBeLessThan(140);
  });
});

async function established() {
  const world = new World();
  const { a, b } = await world.pair();
  a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
  world.clock.advance(100);
  const captured = world.takeSniffed().map(({ bytes }) => bytes);
  return { world, a, b, captured };
}

async function passes(world: World, a: Station, b: Station): Promise<boolean> {
  const before = b.received.length;
  a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
  world.clock.advance(100);
  return b.received.length === before + 1;
}

/** An initiation that is right in everything but that nobody knows its sender. */
function strangerInitiation(world: World, to: Station): Uint8Array {
  return initiationFrom(clampPrivateKey(world.random.bytes(32)), world, to);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
