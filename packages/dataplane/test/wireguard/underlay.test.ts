/** Tunnels over underlays as they are: NAT, roaming, loss, reordering, small MTUs. */
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it, vi } from 'vitest';
import { IpHost } from '../../src/core/route/ip-host.ts';
import { SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { udpPacket } from './packets.ts';
import { allowedIp, countersOf, endpointOf, introduce, World, type Station } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

describe('a tunnel', () => {
  for (const outer of [4, 6] as const)
    for (const inner of [4, 6] as const)
      it(`carries IPv${inner} over IPv${outer}`, async () => {
        const world = new World();
        const address = (n: number) => (outer === 4 ? `198.51.100.${n}` : `2001:db8::${n}`);
        const innerOf = (n: number) => (inner === 4 ? `10.0.0.${n}` : `fd00::${n}`);
        const a = await world.station('a', address(1), { inner: innerOf(1) });
        const b = await world.station('b', address(2), { inner: innerOf(2) });
        await introduce(a, b);
        await introduce(b, a);
        a.tun.inject(udpPacket(innerOf(1), innerOf(2), 500));
        world.clock.advance(10);
        expect(b.received).toEqual([udpPacket(innerOf(1), innerOf(2), 500)]);
      });

  it('counts bytes as wg does: ten pings are 1372 received and 1428 sent, or a keepalive more', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    const ping = udpPacket('10.0.0.1', '10.0.0.2', 84 - 28);
    b.tun.onPacket(() => b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1', 84 - 28)));
    for (let i = 0; i < 10; i++) {
      a.tun.inject(ping.slice());
      world.clock.advance(1_000);
    }
    const { rxBytes, txBytes } = countersOf(a, b);
    expect([rxBytes, [1_428, 1_460].includes(txBytes)]).toEqual([1_372, true]);
  });

  it('works from behind a NAT, which only the inner side opens', async () => {
    const { world, a, b } = await behindNat({ persistentKeepaliveSeconds: 25 });
    world.clock.advance(1_000);
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(100);
    expect(a.received).toHaveLength(1);
    expect(endpointOf(b, a)).toMatch(/^203\.0\.113\.7:/);
  });

  it('stays open through a NAT that forgets after 2 s, with a keepalive of 1 s, and does not without', async () => {
    for (const [persistentKeepaliveSeconds, nDelivered] of [
      [1, 1],
      [0, 0],
    ] as const) {
      const { world, a, b } = await behindNat({ persistentKeepaliveSeconds, timeoutMs: 2_000 });
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
      world.clock.advance(9_000);
      b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
      world.clock.advance(100);
      expect(a.received).toHaveLength(nDelivered);
    }
  });

  it('follows a NAT that gives the peer another port', async () => {
    const { world, a, b, nat } = await behindNat({ persistentKeepaliveSeconds: 0 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    const before = endpointOf(b, a);
    nat.rebind();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(100);
    expect(endpointOf(b, a)).not.toBe(before);
    expect(a.received).toHaveLength(1);
  });

  it('survives that both peers move, one after the other', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    for (const [n, [mover, other]] of [
      [a, b],
      [b, a],
      [a, b],
    ].entries() as Iterable<[number, [Station, Station]]>) {
      mover.host.setAddresses([`198.51.100.${50 + n}` as IpAddress]);
      mover.tun.inject(udpPacket(mover.inner, other.inner));
      world.clock.advance(100);
      other.tun.inject(udpPacket(other.inner, mover.inner));
      world.clock.advance(100);
    }
    expect([a.received.length, b.received.length]).toEqual([3, 4]);
    expect(a.loop.report().drops).toEqual({});
  });

  it('heals after a partition of 10 minutes', async () => {
    const world = new World();
    const { a, b } = await world.pair({ aPeer: { persistentKeepaliveSeconds: 10 } });
    world.clock.advance(1_000);
    world.network.setPartition(a.host, b.host, true);
    world.clock.advance(600_000);
    world.network.setPartition(a.host, b.host, false);
    world.clock.advance(11_000);
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(100);
    expect(a.received).toHaveLength(1);
  });

  it('lowers the MTU of a path that refuses a datagram, and keeps to it', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    a.host.mtuBytes = 1_280;
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 1_400 - 28));
    expect(a.loop.report().drops['too-big']).toBe(1);
    expect(a.events.at(-1)).toMatchObject({ kind: 'path-mtu-lowered', mtuBytes: 1_400 });
    for (let i = 0; i < 10; i++) a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 1_200 - 28));
    world.clock.advance(100);
    expect(b.received.filter((packet) => packet.length === 1_200)).toHaveLength(10);
  });

  it('tries longer packets again ten minutes after a path was found to be narrow', async () => {
    const world = new World();
    const { a, b } = await world.pair({ aPeer: { persistentKeepaliveSeconds: 25 } });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    a.host.mtuBytes = 1_280;
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 1_400 - 28));
    a.host.mtuBytes = 1_500;
    world.clock.advance(598_000);
    expect(a.events.some(({ kind }) => kind === 'path-mtu-raised')).toBe(false);
    world.clock.advance(3_000);
    expect(a.events.at(-1)).toMatchObject({ kind: 'path-mtu-raised' });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 1_420 - 28));
    world.clock.advance(100);
    expect(b.received.at(-1)).toHaveLength(1_420);
  });
});

describe('D-07: a transfer over TCP through the tunnel', () => {
  const some: readonly Underlay[] = [
    { lossPercent: 0, delayMs: 0, jitterMs: 0, duplicate: 0, mtuBytes: 1_500 },
    { lossPercent: 1, delayMs: 20, jitterMs: 5, duplicate: 0, mtuBytes: 1_500 },
    { lossPercent: 5, delayMs: 50, jitterMs: 50, duplicate: 0.05, mtuBytes: 1_400 },
    { lossPercent: 10, delayMs: 5, jitterMs: 100, duplicate: 0.2, mtuBytes: 1_280 },
    { lossPercent: 20, delayMs: 100, jitterMs: 0, duplicate: 0, mtuBytes: 1_500 },
    { lossPercent: 30, delayMs: 10, jitterMs: 10, duplicate: 0.1, mtuBytes: 1_360 },
    { lossPercent: 1, delayMs: 300, jitterMs: 0, duplicate: 0, mtuBytes: 576 },
    { lossPercent: 5, delayMs: 20, jitterMs: 300, duplicate: 0.1, mtuBytes: 576, corrupt: 0.05 },
  ];
  const all: readonly Underlay[] = [0, 1, 5, 10, 20, 30].flatMap((lossPercent) =>
    [0, 50, 300].flatMap((delayMs) =>
      [0, 100].flatMap((jitterMs) =>
        [0, 0.2].flatMap((duplicate) =>
          [576, 1_280, 1_500].map((mtuBytes) => ({ lossPercent, delayMs, jitterMs, duplicate, mtuBytes })),
        ),
      ),
    ),
  );
  const grid = process.env['FLATLAND_LONG'] === undefined ? some : [...some, ...all];
  for (const { lossPercent, delayMs, jitterMs, duplicate, mtuBytes, corrupt = 0 } of grid)
    it(`completes at ${lossPercent} % loss, ${delayMs}+${jitterMs} ms, an underlay MTU of ${mtuBytes}, ${duplicate} duplicates, ${corrupt} corrupted`, async () => {
      const world = new World(lossPercent + 1);
      const tunnelMtuBytes = mtuBytes - 80;
      const options = { mtuBytes: tunnelMtuBytes };
      const { a, b } = await world.pair({ a: options, b: options });
      world.network.setConditions({
        latencyMs: delayMs,
        jitterMs,
        loss: lossPercent / 100,
        duplicate,
        corrupt,
        mtuBytes,
      });
      const payload = Uint8Array.from({ length: 60_000 }, (_, i) => (i * 7) & 255);
      const outcome = transfer(world, { client: a, server: b }, { payload, mtuBytes: tunnelMtuBytes });
      expect(outcome).toMatchObject({ kind: 'echoed' });
      const longest = Math.max(...world.sniffed.map(({ bytes }) => bytes.length + 28));
      expect(longest).toBeLessThanOrEqual(mtuBytes);
    });
});

/** How an underlay treats datagrams. */
interface Underlay {
  readonly lossPercent: number;
  readonly delayMs: number;
  /** Reorders what is sent within this time. */
  readonly jitterMs: number;
  readonly duplicate: number;
  readonly mtuBytes: number;
  readonly corrupt?: number;
}

/** Sends a payload from an in-memory host at one end to an echo at the other, and waits for it to come back. */
function transfer(
  world: World,
  { client, server }: { client: Station; server: Station },
  { payload, mtuBytes }: { payload: Uint8Array; mtuBytes: number },
) {
  const hosts = [client, server].map((station) => {
    const host = new IpHost(world.random.bytes);
    host.setInterfaces([
      { name: 'wg', addresses: [station.inner], prefixes: ['10.0.0.0/24' as Cidr], mtuBytes },
    ]);
    host.listenTcp('any', 7, (stream) => stream.onData((bytes) => stream.write(bytes)));
    const pump = () => {
      for (let next = host.pollPacket(); next !== undefined; next = host.pollPacket())
        station.tun.inject(next.packet);
    };
    station.tun.onPacket((packet) => {
      host.handlePacket('wg', packet, world.clock.nowMs());
      pump();
    });
    return { host, pump };
  });
  const [from] = hosts as [(typeof hosts)[0]];
  from.host.exchange(
    { protocol: 'TCP', to: server.inner, port: 7, payload, timeoutMs: 3_600_000 },
    world.clock.nowMs(),
  );
  from.pump();
  for (let i = 0; i < 400_000; i++) {
    const found = from.host.pollOutcome();
    if (found !== undefined) return found.outcome;
    world.clock.advance(10);
    for (const { host, pump } of hosts) {
      if ((host.pollTimeout() ?? Infinity) <= world.clock.nowMs()) host.handleTimeout(world.clock.nowMs());
      pump();
    }
  }
  return undefined;
}

async function behindNat(options: { persistentKeepaliveSeconds: number; timeoutMs?: number }) {
  const world = new World();
  const nat = world.network.addNat('home', '203.0.113.7' as IpAddress, {
    timeoutMs: options.timeoutMs ?? 30_000,
  });
  const b = await world.station('b', '198.51.100.2', { inner: '10.0.0.2' });
  const a = await world.station('a', '192.168.1.2', { inner: '10.0.0.1', site: nat.site });
  await b.loop.configure({ peers: [{ publicKey: a.publicKey, allowedIps: [allowedIp('10.0.0.1')] }] });
  await introduce(a, b, { persistentKeepaliveSeconds: options.persistentKeepaliveSeconds });
  return { world, a, b, nat };
}
