/** The timers of the paper's section 6, over a virtual clock. */
import { describe, expect, it, vi } from 'vitest';
import {
  KEEPALIVE_TIMEOUT_MS,
  MAX_TIMER_HANDSHAKES,
  REJECT_AFTER_TIME_MS,
  REKEY_AFTER_TIME_MS,
  REKEY_TIMEOUT_JITTER_MAX_MS,
  REKEY_TIMEOUT_MS,
} from '../../src/core/noise/constants.ts';
import { numberedPacket, numberOf, udpPacket } from './packets.ts';
import { countersOf, initiationFrom, inject, introduce, World, type Station } from './world.ts';

const JITTER = REKEY_TIMEOUT_JITTER_MAX_MS;
const toB = (n = 64) => udpPacket('10.0.0.1', '10.0.0.2', n);
const toA = (n = 64) => udpPacket('10.0.0.2', '10.0.0.1', n);

vi.setConfig({ testTimeout: 60_000 });

describe('D-05: timers', () => {
  it('rekey on send: renew the session with the first packet after REKEY_AFTER_TIME, by its initiator only', async () => {
    const { world, a, b } = await established();
    world.clock.advance(REKEY_AFTER_TIME_MS - 100);
    b.tun.inject(toA());
    a.tun.inject(toB());
    world.clock.advance(50);
    expect(initiators(world)).toEqual([]);
    world.clock.advance(100);
    b.tun.inject(toA());
    world.clock.advance(10);
    expect(initiators(world)).toEqual([]);
    a.tun.inject(toB());
    world.clock.advance(10);
    expect(initiators(world)).toEqual(['a']);
  });

  it('rekey on receive: renew the session once, when data arrives 15 s before it would end', async () => {
    const { world, a, b } = await established();
    const lastMinuteMs = REJECT_AFTER_TIME_MS - KEEPALIVE_TIMEOUT_MS - REKEY_TIMEOUT_MS;
    // Only b sends, so that a never has a reason to renew it while sending.
    world.clock.advance(lastMinuteMs - 200);
    b.tun.inject(toA());
    world.clock.advance(100);
    expect(initiators(world)).toEqual([]);
    world.clock.advance(200);
    b.tun.inject(toA());
    world.clock.advance(10);
    expect(initiators(world)).toEqual(['a']);
    expect(a.received.length).toBeGreaterThan(0);
  });

  it('refuse a session at REJECT_AFTER_TIME, for sending and for receiving', async () => {
    const { world, a, b } = await established();
    world.clock.advance(REJECT_AFTER_TIME_MS + 1_000);
    world.network.setPartition(a.host, b.host, true);
    world.takeSniffed();
    b.tun.inject(toA());
    world.clock.advance(10);
    expect(world.takeSniffed().map(({ kind }) => kind)).toEqual(['initiation']);
    expect(a.received).toHaveLength(0);
  });

  it('drop data that was sealed before REJECT_AFTER_TIME and arrives after it', async () => {
    const { world, a, b } = await established();
    world.clock.advance(REJECT_AFTER_TIME_MS - 1_000);
    world.network.setPath(b.host, a.host, { latencyMs: 5_000 });
    b.tun.inject(toA());
    world.clock.advance(5_100);
    expect(a.received).toHaveLength(0);
    expect(a.loop.report().drops['session-expired']).toBe(1);
  });

  it('retransmitHandshake: repeat an unanswered initiation every REKEY_TIMEOUT for REKEY_ATTEMPT_TIME, then drop what waited and give up', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setPartition(a.host, b.host, true);
    const startMs = world.clock.nowMs();
    a.tun.inject(toB());
    world.clock.advance(300_000);
    const atMs = world.takeSniffed().map((datagram) => datagram.atMs - startMs);
    expect(atMs).toHaveLength(MAX_TIMER_HANDSHAKES + 2);
    const gaps = atMs.slice(1).map((ms, i) => ms - atMs[i]!);
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(REKEY_TIMEOUT_MS);
      expect(gap).toBeLessThanOrEqual(REKEY_TIMEOUT_MS + JITTER);
    }
    expect(a.loop.report().drops).toMatchObject({ 'handshake-timeout': 1 });
    expect(a.events.map(({ kind }) => kind)).toContain('handshake-abandoned');

    world.network.setPartition(a.host, b.host, false);
    a.tun.inject(toB());
    world.clock.advance(100);
    expect(b.received).toHaveLength(1);
  });

  it('newHandshake: begin a handshake when nothing comes back for KEEPALIVE_TIMEOUT + REKEY_TIMEOUT, as of a peer that disappears silently', async () => {
    const { world, a, b } = await established();
    world.network.setPath(b.host, a.host, { isDown: true });
    const startMs = world.clock.nowMs();
    a.tun.inject(toB());
    world.clock.advance(20_000);
    const initiation = world.takeSniffed().find(({ kind }) => kind === 'initiation')!;
    expect(initiation.from.address).toBe('198.51.100.1');
    const afterMs = initiation.atMs - startMs;
    expect(afterMs).toBeGreaterThanOrEqual(KEEPALIVE_TIMEOUT_MS + REKEY_TIMEOUT_MS);
    expect(afterMs).toBeLessThanOrEqual(KEEPALIVE_TIMEOUT_MS + REKEY_TIMEOUT_MS + JITTER);
  });

  it('newHandshake: count an initiation of the peer as having heard of it', async () => {
    const { world, a, b } = await established();
    world.network.setPath(b.host, a.host, { isDown: true });
    a.tun.inject(toB());
    world.clock.advance(9_000);
    inject(a, b.endpoint, initiationFrom(b.privateKey, world, a));
    world.takeSniffed();
    world.clock.advance(10_000);
    expect(
      world
        .takeSniffed()
        .filter(({ kind, from }) => kind === 'initiation' && from.address === '198.51.100.1'),
    ).toEqual([]);
  });

  it('sendKeepalive: keep an idle tunnel silent', async () => {
    const { world } = await established();
    world.clock.advance(20_000);
    world.takeSniffed();
    world.clock.advance(3_600_000);
    expect(world.takeSniffed()).toEqual([]);
  });

  it('zeroKeyMaterial: erase all keys 3 x REJECT_AFTER_TIME, 540 s, after the last session', async () => {
    const { world, a, b } = await established();
    world.clock.advance(3 * REJECT_AFTER_TIME_MS - 2_000);
    expect(kinds(a)).not.toContain('keys-erased');
    world.clock.advance(2_000);
    for (const station of [a, b]) expect(kinds(station)).toContain('keys-erased');
  });

  it('persistentKeepalive: send one at its interval, and begin with it', async () => {
    const world = new World();
    const { a, b } = await world.pair({ aPeer: { persistentKeepaliveSeconds: 25 } });
    world.clock.advance(100);
    expect(countersOf(b, a).keepalivesReceived).toBe(1);
    world.takeSniffed();
    const startMs = world.clock.nowMs();
    world.clock.advance(110_000);
    const sent = world.takeSniffed().filter(({ kind }) => kind === 'transport');
    const atMs = sent.map((datagram) => Math.round((datagram.atMs - startMs) / 1_000));
    expect(atMs).toEqual([25, 50, 75, 100]);
  });

  it('persistentKeepalive: try again for ever where one is asked for, also below REKEY_TIMEOUT', async () => {
    for (const persistentKeepaliveSeconds of [1, 25]) {
      const world = new World();
      const { a, b } = await world.pair();
      world.network.setPartition(a.host, b.host, true);
      await introduce(a, b, { persistentKeepaliveSeconds });
      world.clock.advance(3_600_000);
      world.network.setPartition(a.host, b.host, false);
      world.clock.advance(30_000);
      expect(countersOf(a, b).responsesReceived).toBe(1);
    }
  });

  it('lose no packet while sessions are renewed under load', async () => {
    const { world, a, b } = await established();
    world.network.setConditions({ latencyMs: 30 });
    b.received.length = 0;
    const nPackets = 3_000;
    for (let n = 0; n < nPackets; n++) {
      a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
      b.tun.inject(numberedPacket('10.0.0.2', '10.0.0.1', n));
      world.clock.advance(200);
    }
    world.clock.advance(1_000);
    for (const station of [a, b])
      expect(station.received.map(numberOf)).toEqual(Array.from({ length: nPackets }, (_, n) => n));
    expect(countersOf(a, b).responsesReceived).toBeGreaterThanOrEqual(5);
  });

  it('do nothing while the interface is down, and begin anew when it is up', async () => {
    const { world, a, b } = await established({ persistent: true });
    a.tun.setLink({ isUp: false });
    await settle();
    world.takeSniffed();
    world.clock.advance(60_000);
    expect(world.takeSniffed().filter(({ from }) => from.address === '198.51.100.1')).toEqual([]);
    a.tun.setLink({ isUp: true });
    await settle();
    world.clock.advance(6_000);
    expect(countersOf(a, b).responsesReceived).toBe(2);
  });
});

async function established(options: { persistent?: boolean } = {}) {
  const world = new World();
  const aPeer = options.persistent === true ? { persistentKeepaliveSeconds: 10 } : {};
  const { a, b } = await world.pair({ aPeer });
  a.tun.inject(toB());
  world.clock.advance(100);
  world.takeSniffed();
  return { world, a, b };
}

/** Lets the device open or close its socket. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function initiators(world: World): string[] {
  const initiations = world.takeSniffed().filter(({ kind }) => kind === 'initiation');
  return initiations.map(({ from }) => (from.address === '198.51.100.1' ? 'a' : 'b'));
}

function kinds(station: Station) {
  return station.events.map(({ kind }) => kind);
}
