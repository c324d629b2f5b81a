/** What has bitten other implementations: one test for each fact, numbered as in the list that they come from. */
import { describe, expect, it, vi } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { EMPTY } from '../../src/core/noise/bytes.ts';
import {
  KEEPALIVE_TIMEOUT_MS,
  LABEL_MAC1,
  REJECT_AFTER_MESSAGES,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../../src/core/noise/constants.ts';
import { asciiBytes } from '../../src/core/noise/bytes.ts';
import { CookieChecker } from '../../src/core/noise/cookie-checker.ts';
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { Keypair } from '../../src/core/noise/keypairs.ts';
import { publicKeyBytes, publicKeyOf } from '../../src/core/noise/keys.ts';
import {
  parseMessageCookieReply,
  parseMessageInitiation,
  parseMessageTransport,
  writeTransportHeader,
} from '../../src/core/noise/messages.ts';
import { IndexTable } from '../../src/core/peer/index-table.ts';
import { SourceLimiter } from '../../src/core/peer/source-limiter.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { numberedPacket, numberOf, udpPacket } from './packets.ts';
import { recordingCrypto } from './recording-crypto.ts';
import {
  allowedIp,
  countersOf,
  endpointOf,
  inject,
  introduce,
  keyOf,
  World,
  type Sniffed,
  type Station,
} from './world.ts';

const elsewhere = (address = '192.0.2.9', port = 7_777) => udpEndpoint(address as IpAddress, port);

vi.setConfig({ testTimeout: 60_000 });

describe('conformance', () => {
  it('fact 1: a payload is zero-padded to a multiple of 16', async () => {
    const recorder = recordingCrypto();
    const world = new World();
    const { a, b } = await world.pair({ a: { crypto: recorder.crypto } });
    for (const payloadBytes of [0, 1, 3, 4, 5, 20, 99, 1_000]) {
      const packet = udpPacket('10.0.0.1', '10.0.0.2', payloadBytes);
      b.received.length = 0;
      a.tun.inject(packet.slice());
      world.clock.advance(10);
      const { plaintext } = recorder.sealed.at(-1)!;
      expect(plaintext.length).toBe(Math.ceil(packet.length / 16) * 16);
      expect(plaintext.subarray(packet.length).every((byte) => byte === 0)).toBe(true);
      expect(b.received).toEqual([packet]);
    }
  });

  it('fact 1: padding never passes the MTU', async () => {
    const world = new World();
    const { a, b } = await world.pair({ a: { mtuBytes: 1_420 }, b: { mtuBytes: 1_420 } });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 1_420 - 28));
    world.clock.advance(10);
    expect(b.received[0]?.length).toBe(1_420);
    expect(ofKind(world, 'transport')[0]?.bytes.length).toBe(1_420 + 32);
  });

  it('fact 2: session indices are random and do not collide', async () => {
    const draws = [7, 7, 7, 8, 8, 9];
    const table = new IndexTable<string>(() => Uint8Array.of(draws.shift()!, 0, 0, 0));
    expect([table.allocate('a'), table.allocate('b'), table.allocate('c')]).toEqual([7, 8, 9]);

    const world = new World();
    const { a } = await world.pair();
    for (let i = 0; i < 20; i++) {
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      world.clock.advance(200_000);
    }
    const indices = ofKind(world, 'initiation').map(({ bytes }) => parseMessageInitiation(bytes)!.sender);
    expect(indices.length).toBeGreaterThanOrEqual(20);
    expect(new Set(indices).size).toBe(indices.length);
    expect(indices.some((index) => index > 0xffff)).toBe(true);
  });

  it('fact 3: the endpoint roams on an authenticated initiation, response, keepalive and data', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    const moveB = (address: string) => b.host.setAddresses([address as IpAddress]);

    moveB('198.51.100.20');
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(0);
    expect(endpointOf(a, b)).toBe('198.51.100.20:51820');

    moveB('198.51.100.21');
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(10);
    expect(endpointOf(a, b)).toBe('198.51.100.21:51820');

    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(10);
    moveB('198.51.100.22');
    world.clock.advance(KEEPALIVE_TIMEOUT_MS + 10);
    expect(world.sniffed.at(-1)).toMatchObject({ kind: 'transport', from: { address: '198.51.100.22' } });
    expect(endpointOf(a, b)).toBe('198.51.100.22:51820');
  });

  it('fact 3: the endpoint roams on an authenticated response', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setPath(a.host, b.host, { latencyMs: 50 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(40);
    // The initiation is under way: b has both addresses, and answers from the new one.
    b.host.setAddresses(['198.51.100.30' as IpAddress, '198.51.100.2' as IpAddress]);
    world.clock.advance(20);
    expect(endpointOf(a, b)).toBe('198.51.100.30:51820');
  });

  it('fact 3: the endpoint does not roam on a cookie reply', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    const initiation = ofKind(world, 'initiation')[0]!.bytes;
    const deps = { crypto: nodeWireguardCrypto, random: world.random.bytes };
    const checker = new CookieChecker(deps, publicKeyBytes(b.publicKey));
    inject(a, elsewhere(), checker.createReply(initiation, a.endpoint, world.clock.nowMs()));
    expect(countersOf(a, b).cookieRepliesReceived).toBe(1);
    expect(endpointOf(a, b)).toBe('198.51.100.2:51820');
  });

  it('fact 4: a passive keepalive follows only data, after 10 s, and does not bounce between idle peers', async () => {
    const world = new World();
    const { a } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1_000);
    const sentAtMs = world.clock.nowMs() - 1_000;
    world.takeSniffed();
    world.clock.advance(100_000);
    const sniffed = world.takeSniffed();
    expect(sniffed.map(({ kind, bytes, atMs }) => [kind, bytes.length, atMs - sentAtMs])).toEqual([
      ['transport', 32, KEEPALIVE_TIMEOUT_MS],
    ]);
  });

  it('fact 5: no persistent keepalive is sent while the tunnel is active', async () => {
    const world = new World();
    const { a, b } = await world.pair({ aPeer: { persistentKeepaliveSeconds: 5 } });
    world.clock.advance(100);
    const before = countersOf(a, b).keepalivesSent;
    for (let i = 0; i < 60; i++) {
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
      world.clock.advance(1_000);
    }
    expect(countersOf(a, b).keepalivesSent).toBe(before);
    world.clock.advance(20_000);
    expect(countersOf(a, b).keepalivesSent).toBeGreaterThanOrEqual(before + 3);
  });

  it('fact 6: REJECT_AFTER_MESSAGES holds for sending, with 64 bits', () => {
    const keypair = keypairOf(0);
    keypair.skipTo(REJECT_AFTER_MESSAGES - 2n);
    expect([keypair.takeCounter(), keypair.takeCounter()]).toEqual([
      2n ** 64n - 2n ** 13n - 3n,
      2n ** 64n - 2n ** 13n - 2n,
    ]);
    expect(keypair.maySend(0)).toBe(false);
    expect(() => keypair.takeCounter()).toThrow('no counter left');
  });

  it('fact 6: REJECT_AFTER_MESSAGES holds for receiving, with 64 bits', async () => {
    const { world, b, seal, a } = await withSession();
    const inner = udpPacket('10.0.0.1', '10.0.0.2', 4);
    inject(b, a.endpoint, seal(REJECT_AFTER_MESSAGES, inner));
    expect(dropsOf(b)['session-expired']).toBe(1);
    inject(b, a.endpoint, seal(REJECT_AFTER_MESSAGES - 1n, inner));
    world.clock.advance(1);
    expect(b.received.at(-1)).toEqual(inner);
  });

  it('fact 7: a cookie is bound to the address and the port', () => {
    const random = () => new Uint8Array(32).fill(3);
    const deps = { crypto: nodeWireguardCrypto, random: (n: number) => random().subarray(0, n) };
    const publicKey = nodeWireguardCrypto.publicKey(keyOf(9).expose());
    const checker = new CookieChecker(deps, publicKey);
    const generator = new CookieGenerator(nodeWireguardCrypto, publicKey);
    const message = new Uint8Array(148).fill(1);
    generator.writeMacs(message, 0);
    const reply = parseMessageCookieReply(checker.createReply(message, elsewhere(), 0))!;
    expect(generator.acceptReply(reply, 0)).toBe(true);
    generator.writeMacs(message, 0);
    expect(checker.checkMac2(message, elsewhere(), 0)).toBe(true);
    expect(checker.checkMac2(message, elsewhere('192.0.2.9', 7_778), 0)).toBe(false);
    expect(checker.checkMac2(message, elsewhere('192.0.2.8', 7_777), 0)).toBe(false);
  });

  it('fact 8: the handshake limiter counts each source for itself, and not for ever', () => {
    const limiter = new SourceLimiter();
    const allowed = Array.from({ length: 10 }, () => limiter.allow(elsewhere('192.0.2.1'), 0));
    expect(allowed.filter(Boolean)).toHaveLength(5);
    expect(limiter.allow(elsewhere('192.0.2.2'), 0)).toBe(true);
    expect(limiter.allow(elsewhere('192.0.2.1'), 50)).toBe(true);
    expect(limiter.allow(elsewhere('192.0.2.1'), 60)).toBe(false);
    expect(limiter.allow(elsewhere('192.0.2.3'), 5_000)).toBe(true);
    expect(limiter.nSources()).toBe(1);
  });

  it('fact 9: retransmitted handshakes have jitter', async () => {
    const gaps: number[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new World(seed);
      const { a, b } = await world.pair();
      world.network.setPartition(a.host, b.host, true);
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      world.clock.advance(30_000);
      const at = ofKind(world, 'initiation').map(({ atMs }) => atMs);
      gaps.push(...at.slice(1).map((ms, i) => ms - at[i]!));
    }
    expect(
      gaps.every((gap) => gap >= REKEY_TIMEOUT_MS && gap <= REKEY_TIMEOUT_MS + REKEY_TIMEOUT_JITTER_MAX_MS),
    ).toBe(true);
    expect(new Set(gaps.map(Math.floor)).size).toBeGreaterThan(10);
  });

  it('fact 10: a preshared key takes effect at the next handshake and drops no session', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1_000);
    world.takeSniffed();
    for (const [station, peer] of [
      [a, b],
      [b, a],
    ] as const)
      await station.loop.configure({ peers: [{ publicKey: peer.publicKey, presharedKey: keyOf(5) }] });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1_000);
    expect(world.takeSniffed().map(({ kind }) => kind)).toEqual(['transport']);

    world.clock.advance(121_000);
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1_000);
    expect(countersOf(a, b).responsesReceived).toBe(2);

    await b.loop.configure({ peers: [{ publicKey: a.publicKey, presharedKey: keyOf(6) }] });
    world.clock.advance(200_000);
    b.received.length = 0;
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(6_000);
    expect(b.received).toHaveLength(0);
    expect(dropsOf(a)['handshake-invalid']).toBeGreaterThan(0);
  });

  it('fact 11: the source check is the longest prefix over all peers', async () => {
    const world = new World();
    const a = await world.station('a', '198.51.100.1');
    const b = await world.station('b', '198.51.100.2', { inner: '10.0.0.2' });
    const c = await world.station('c', '198.51.100.3', { inner: '10.0.0.3' });
    await introduce(a, b, { allowedIps: [allowedIp('10.0.0.0/24')] });
    await introduce(a, c, { allowedIps: [allowedIp('10.0.0.3/32')] });
    await introduce(b, a);
    await introduce(c, a);
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1', 1), udpPacket('10.0.0.3', '10.0.0.1', 2));
    world.clock.advance(100);
    expect(a.received).toEqual([udpPacket('10.0.0.2', '10.0.0.1', 1)]);
    expect(dropsOf(a)['source-not-allowed']).toBe(1);
  });

  it('fact 12: a handshake response is accepted late', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setConditions({ latencyMs: 2_000 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(6_500);
    expect(b.received).toHaveLength(1);
    expect(ofKind(world, 'initiation')).toHaveLength(1);
  });

  it('fact 13: packets that are reordered by up to 8128 are delivered, older ones are not', async () => {
    const { b, a, seal } = await withSession();
    const late = (n: number) => seal(BigInt(n), numberedPacket('10.0.0.1', '10.0.0.2', n));
    inject(b, a.endpoint, late(10_000));
    for (const n of [9_999, 9_000, 10_000 - 1_025, 10_000 - 8_127, 10_000 - 8_128])
      inject(b, a.endpoint, late(n));
    inject(b, a.endpoint, late(10_000 - 8_129));
    expect(b.received.slice(1).map(numberOf)).toEqual([10_000, 9_999, 9_000, 8_975, 1_873, 1_872]);
    expect(dropsOf(b).replayed).toBe(1);
  });

  it('fact 14: an oversized datagram does not stop a device from receiving', async () => {
    const { world, a, b } = await withSession();
    for (const type of [0, 1, 2, 3, 4, 255]) {
      const huge = new Uint8Array(65_507);
      huge[0] = type;
      inject(b, a.endpoint, huge);
    }
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 77));
    world.clock.advance(1);
    expect(b.received.at(-1)).toEqual(udpPacket('10.0.0.1', '10.0.0.2', 77));
  });

  it('fact 16: everything that waited for a handshake is sent, in order', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setConditions({ latencyMs: 20 });
    for (let n = 0; n < 128; n++) a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
    world.clock.advance(1_000);
    expect(b.received.map(numberOf)).toEqual(Array.from({ length: 128 }, (_, n) => n));
  });

  it('fact 17: a clock that goes backwards harms nothing', async () => {
    const { world, a, b } = await withSession();
    for (const stepMs of [-3_600_000, -1, 7_200_000, -86_400_000]) {
      world.clock.step(stepMs);
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 50));
      b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1', 50));
      world.clock.advance(6_000);
    }
    b.received.length = 0;
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 51));
    world.clock.advance(6_000);
    expect(b.received).toEqual([udpPacket('10.0.0.1', '10.0.0.2', 51)]);
  });

  it('fact 18: a packet that came another way advances the same replay window', async () => {
    const { b, a, seal } = await withSession();
    const datagram = seal(500n, udpPacket('10.0.0.1', '10.0.0.2'));
    const before = b.received.length;
    inject(b, elsewhere(), datagram);
    inject(b, a.endpoint, datagram);
    inject(b, elsewhere('192.0.2.10'), datagram);
    expect(b.received.length).toBe(before + 1);
    expect(dropsOf(b).replayed).toBe(2);
  });

  it('fact 19: a replayed packet does not move the endpoint, whatever order packets come in', async () => {
    const { b, a, seal } = await withSession();
    const first = seal(500n, udpPacket('10.0.0.1', '10.0.0.2'));
    const second = seal(501n, udpPacket('10.0.0.1', '10.0.0.2'));
    inject(b, elsewhere('192.0.2.1'), first);
    inject(b, elsewhere('192.0.2.2'), second);
    inject(b, elsewhere('192.0.2.66'), first);
    inject(b, elsewhere('192.0.2.66'), second);
    expect(endpointOf(b, a)).toBe('192.0.2.2:7777');
  });

  it('fact 20: inner packets are trimmed to their length, and dropped where it lies', async () => {
    const { b, a, seal } = await withSession();
    const packet = udpPacket('10.0.0.1', '10.0.0.2', 10);
    const before = b.received.length;
    let counter = 100n;
    const deliver = (inner: Uint8Array) => inject(b, a.endpoint, seal(counter++, inner));

    deliver(Uint8Array.of(...packet, 9, 9, 9));
    expect(b.received.slice(before)).toEqual([packet]);

    const longer = packet.slice();
    longer[3]! += 40;
    const tooShort = packet.slice();
    tooShort.set([0, 19], 2);
    const version5 = packet.slice();
    version5[0] = 0x55;
    for (const bad of [longer, tooShort, version5, Uint8Array.of(0x45, 0, 0)]) deliver(bad);
    expect(b.received).toHaveLength(before + 1);
    expect(dropsOf(b)['inner-malformed']).toBe(4);
  });

  it('fact 21: a wrong mac1 and a wrong length are dropped in silence', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    const initiation = world.takeSniffed()[0]!.bytes.slice();
    const wrongMac = initiation.slice();
    wrongMac[120]! ^= 1;
    inject(b, a.endpoint, wrongMac);
    inject(b, a.endpoint, initiation.subarray(0, 147));
    inject(b, a.endpoint, Uint8Array.of(...initiation, 0));
    const reserved = initiation.slice();
    reserved[2] = 1;
    inject(b, a.endpoint, reserved);
    expect(world.takeSniffed()).toEqual([]);
    expect(dropsOf(b)).toEqual({ 'mac1-invalid': 1, 'malformed-message': 3 });
  });

  it('fact 22: low-order points are rejected', async () => {
    const lowOrder = [
      new Uint8Array(32),
      Uint8Array.of(1, ...new Uint8Array(31)),
      Uint8Array.fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
      Uint8Array.fromHex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'),
      Uint8Array.fromHex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
    ];
    for (const point of lowOrder)
      expect(nodeWireguardCrypto.sharedSecret(keyOf(8).expose(), point)).toBeUndefined();

    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    const forged = world.takeSniffed()[0]!.bytes.slice();
    forged.set(lowOrder[1]!, 8);
    writeMac1(forged, b);
    inject(b, a.endpoint, forged);
    expect(dropsOf(b)).toEqual({ 'handshake-invalid': 1 });

    await a.loop.configure({
      peers: [
        { publicKey: publicKeyOf(lowOrder[1]!), allowedIps: [allowedIp('10.9.9.9')], endpoint: b.endpoint },
      ],
    });
    a.tun.inject(udpPacket('10.0.0.1', '10.9.9.9'));
    expect(ofKind(world, 'initiation')).toHaveLength(0);
  });

  it('fact 23: a keepalive has no plaintext, and passes the replay filter', async () => {
    const { b, a, seal } = await withSession();
    const before = b.received.length;
    const keepalive = seal(900n, EMPTY);
    expect(keepalive.length).toBe(32);
    const keepalives = countersOf(b, a).keepalivesReceived;
    inject(b, a.endpoint, keepalive);
    inject(b, a.endpoint, keepalive);
    expect(b.received).toHaveLength(before);
    expect(countersOf(b, a).keepalivesReceived).toBe(keepalives + 1);
    expect(dropsOf(b).replayed).toBe(1);
  });

  it('fact 24: an initiation is not accepted twice, also after the clock of its sender began anew', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1_000);
    const replayed = world.sniffed[0]!.bytes;
    world.clock.advance(30_000);
    inject(b, a.endpoint, replayed);
    expect(dropsOf(b)['initiation-replayed']).toBe(1);

    // A restarted initiator whose clock is an hour behind is not believed, either.
    await a.loop.close({ removeInterface: true });
    world.clock.step(-3_600_000);
    const again = await world.station('a-again', '198.51.100.1', { privateKey: a.privateKey });
    await introduce(again, b);
    again.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    expect(dropsOf(b)['initiation-replayed']).toBe(2);
  });

  it('fact 25: counters start at 0, and no key is used with a counter twice, not even after a restart', async () => {
    const recorder = recordingCrypto();
    const world = new World();
    const { a, b } = await world.pair({ a: { crypto: recorder.crypto }, b: { crypto: recorder.crypto } });
    const talk = async (station: Station) => {
      for (let i = 0; i < 50; i++) {
        station.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
        b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
        world.clock.advance(5_000);
      }
    };
    await talk(a);
    await a.loop.close({ removeInterface: true });
    const again = await world.station('a-again', '198.51.100.1', {
      privateKey: a.privateKey,
      crypto: recorder.crypto,
    });
    await introduce(again, b);
    await talk(again);

    const uses = recorder.sealed.filter(
      ({ plaintext }) => plaintext.length !== 12 && plaintext.length !== 32,
    );
    const pairs = uses.map(({ key, counter }) => `${key.toHex()}/${counter}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    const counters = Map.groupBy(
      ofKind(world, 'transport'),
      ({ bytes }) => parseMessageTransport(bytes)!.receiver,
    );
    for (const sent of counters.values()) expect(parseMessageTransport(sent[0]!.bytes)!.counter).toBe(0n);
    expect(counters.size).toBeGreaterThan(6);
  });
});

/** Two stations with a session, and a way to seal datagrams to `b` as `a` would, with any counter. */
async function withSession() {
  const recorder = recordingCrypto();
  const world = new World();
  const { a, b } = await world.pair({ a: { crypto: recorder.crypto } });
  a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 4));
  world.clock.advance(100);
  const { key } = recorder.sealed.at(-1)!;
  const { receiver } = parseMessageTransport(ofKind(world, 'transport')[0]!.bytes)!;
  const seal = (counter: bigint, inner: Uint8Array) => {
    const datagram = new Uint8Array(16 + inner.length + 16);
    writeTransportHeader(receiver, counter, datagram);
    nodeWireguardCrypto.seal(key, counter, inner, EMPTY, datagram, 16);
    return datagram;
  };
  return { world, a, b, seal };
}

function keypairOf(nowMs: number): Keypair {
  const keys = { localIndex: 1, remoteIndex: 2, sendKey: new Uint8Array(32), receiveKey: new Uint8Array(32) };
  return new Keypair(keys, true, nowMs);
}

function writeMac1(datagram: Uint8Array, to: Station): void {
  const key = nodeWireguardCrypto.hash(asciiBytes(LABEL_MAC1), publicKeyBytes(to.publicKey));
  const end = datagram.length - 32;
  datagram.set(nodeWireguardCrypto.mac(key, datagram.subarray(0, end)), end);
}

function dropsOf(station: Station) {
  return station.loop.report().drops;
}

function ofKind(world: World, kind: Sniffed['kind']): Sniffed[] {
  return world.sniffed.filter((datagram) => datagram.kind === kind);
}
