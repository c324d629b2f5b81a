/** Whatever arrives at the port: nothing throws, nothing is answered that should not be, sessions go on. */
import fc from 'fast-check';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it, vi } from 'vitest';
import {
  MAC_BYTES,
  MESSAGE_TRANSPORT_TYPE,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../../src/core/noise/constants.ts';
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
/** Of the flood. */
const PER_MS = 50;
const N_SOURCES = 1_000;
const MANY_TIMEOUT_MS = scaled(120_000, 36_000_000);
/** What the heap may swing by from one look to the next. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

describe('D-01: hostile datagrams', () => {
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
        if (isRepeated(bytes, original)) return;
        inject(b, from, bytes);
        inject(a, from, bytes);
        expect(world.takeSniffed()).toEqual([]);
      }),
      { numRuns: scaled(5_000, 500_000) },
    );
    expect(b.received).toHaveLength(received);
    expect(await passes(world, a, b)).toBe(true);
  });

  it(
    'are never answered, never throw, and take no memory: a great many of them, by a generator of our own',
    async () => {
      const { world, a, b, captured } = await established();
      const from = udpEndpoint('192.0.2.66' as IpAddress, 6_666);
      const random = world.random.number;
      const nDatagrams = scaled(100_000, 200_000_000);
      const nWarmUp = nDatagrams / 5;
      let residentBytes = 0;
      for (let n = 0; n < nDatagrams; n++) {
        if (n === nWarmUp) residentBytes = process.memoryUsage.rss();
        const original = captured[n % captured.length]!;
        const nCovered = nCoveredBytes(original);
        const bytes = original.slice(
          0,
          n % 7 === 0 ? Math.floor(random() * (original.length + 1)) : original.length,
        );
        for (let flips = n % 3; flips >= 0 && bytes.length > 0; flips--)
          bytes[Math.floor(random() * Math.min(bytes.length, nCovered))]! ^= 1 + Math.floor(random() * 255);
        if (isRepeated(bytes, original)) continue;
        b.host.receive({ from, to: b.endpoint, bytes });
      }
      expect(world.takeSniffed()).toEqual([]);
      const { drops } = b.loop.report();
      const nDropped = Object.values(drops).reduce((a, c) => a + c, 0);
      expect(nDropped).toBeGreaterThan(nDatagrams * 0.99);
      expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(MAX_GROWTH_BYTES);
      expect(await passes(world, a, b)).toBe(true);
    },
    MANY_TIMEOUT_MS,
  );

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
});

describe('D-04: a flood of initiations', () => {
  it('of 50,000 a second from 1,000 spoofed sources is answered with cookies only, costs an established flow nothing, and lets a peer with a cookie in at once', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    const c = await world.station('c', '198.51.100.3', { inner: '10.0.0.3' });
    await b.loop.configure({ peers: [{ publicKey: c.publicKey, allowedIps: [], endpoint: c.endpoint }] });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(10_000);
    const flood = Array.from({ length: 50 }, () => strangerInitiation(world, b));
    const toFlood = new Map<string | undefined, number>();
    let n = 0;
    let nOfFlow = 1;
    const floodFor = (forMs: number) => {
      for (let ms = 0; ms < forMs; ms++, world.clock.advance(1)) {
        for (let i = 0; i < PER_MS; i++, n++)
          inject(b, spoofedSource(n % N_SOURCES), flood[n % flood.length]!);
        if (ms % 10 === 0) {
          a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 10));
          nOfFlow++;
        }
        for (const { kind, to } of world.takeSniffed())
          if (to.address.startsWith('192.0.')) toFlood.set(kind, (toFlood.get(kind) ?? 0) + 1);
      }
    };

    floodFor(100);
    await c.loop.configure({
      peers: [{ publicKey: b.publicKey, endpoint: b.endpoint, persistentKeepaliveSeconds: 1 }],
    });
    const keptOutMs = scaled(100, 2_000);
    floodFor(keptOutMs);
    expect(countersOf(c, b)).toMatchObject({ cookieRepliesReceived: 1, responsesReceived: 0 });
    // It may try again REKEY_TIMEOUT later, now with the cookie.
    world.clock.advance(REKEY_TIMEOUT_MS - keptOutMs - 100);
    floodFor(REKEY_TIMEOUT_JITTER_MAX_MS + 150);
    expect(countersOf(c, b).responsesReceived).toBe(1);

    expect([...toFlood.keys()]).toEqual(['cookie-reply']);
    expect(b.loop.report().drops['under-load']).toBeGreaterThan(0.95 * n);
    expect(b.received).toHaveLength(nOfFlow);
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

/** Without a handshake message's mac2: who repeats one with another mac2 may be asked for a cookie, for mac1 does not cover it. */
function nCoveredBytes(message: Uint8Array): number {
  return message.length - (message[0] === MESSAGE_TRANSPORT_TYPE ? 0 : MAC_BYTES);
}

function isRepeated(bytes: Uint8Array, original: Uint8Array): boolean {
  const nCovered = nCoveredBytes(original);
  return (
    bytes.length === original.length && bytes.subarray(0, nCovered).every((byte, i) => byte === original[i])
  );
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

function spoofedSource(n: number) {
  return udpEndpoint(`192.0.${2 + (n >> 8)}.${n & 255}` as IpAddress, 1_000 + n);
}
