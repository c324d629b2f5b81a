/** What configuration changes while a device runs, and what it leaves alone. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it, vi } from 'vitest';
import { formatAllowedIp } from '../../src/core/configuration/device-configuration.ts';
import { clampPrivateKey, publicKeyOf } from '../../src/core/noise/keys.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { udpPacket } from './packets.ts';
import { allowedIp, countersOf, introduce, keyOf, World, type Station } from './world.ts';

const toB = () => udpPacket('10.0.0.1', '10.0.0.2');
const toA = () => udpPacket('10.0.0.2', '10.0.0.1');

vi.setConfig({ testTimeout: 60_000 });

describe('configuration of a running device', () => {
  it('begins a new handshake after its private key changed, and still reads what was sent before', async () => {
    const { world, a, b } = await established();
    world.network.setPath(b.host, a.host, { latencyMs: 50 });
    b.tun.inject(toA());
    const key = clampPrivateKey(world.random.bytes(32));
    const publicKey = publicKeyOf(nodeWireguardCrypto.publicKey(key.expose()));
    await a.loop.configure({ privateKey: key });
    world.clock.advance(60);
    expect(a.received).toHaveLength(1);

    await introduce(b, { ...a, publicKey });
    world.takeSniffed();
    a.tun.inject(toB());
    world.clock.advance(200);
    expect(world.takeSniffed().map(({ kind }) => kind)).toEqual(['initiation', 'response', 'transport']);
    expect(b.received).toHaveLength(2);
  });

  it('keeps its sessions when the same private key is given again', async () => {
    const { world, a, b } = await established();
    await a.loop.configure({ privateKey: a.privateKey });
    a.tun.inject(toB());
    world.clock.advance(10);
    expect(countersOf(a, b).initiationsSent).toBe(1);
    expect(b.received).toHaveLength(2);
  });

  it('falls silent without a private key', async () => {
    const { world, a } = await established();
    await a.loop.configure({ privateKey: keyOf(0) });
    world.takeSniffed();
    a.tun.inject(toB());
    world.clock.advance(60_000);
    expect(world.takeSniffed().filter(({ from }) => from.address === '198.51.100.1')).toEqual([]);
    expect(a.loop.report().drops['device-not-ready']).toBeGreaterThan(0);
    expect(a.loop.configuration().publicKey).toBeUndefined();
  });

  it('forgets a removed peer at once: no packet in, no packet out', async () => {
    const { world, a, b } = await established();
    await a.loop.configure({ peers: [{ publicKey: b.publicKey, remove: true }] });
    a.tun.inject(toB());
    b.tun.inject(toA());
    world.clock.advance(10);
    expect(a.received).toHaveLength(0);
    expect(a.loop.report().drops).toMatchObject({ 'no-route': 1, 'unknown-index': 1 });
    world.clock.advance(600_000);
    expect(a.loop.report().drops['unknown-peer']).toBeGreaterThan(0);
  });

  it('changes nothing of a peer that it does not have, where only an update is asked for', async () => {
    const { a } = await established();
    const publicKey = publicKeyOf(new Uint8Array(32).fill(4));
    await a.loop.configure({ peers: [{ publicKey, updateOnly: true, allowedIps: [allowedIp('10.0.0.2')] }] });
    expect(a.loop.report().peers).toHaveLength(1);
  });

  it('takes no peer with its own key', async () => {
    const { a } = await established();
    await a.loop.configure({ peers: [{ publicKey: a.publicKey }] });
    expect(a.loop.report().peers).toHaveLength(1);
  });

  it('moves an allowed IP to the peer that it is given to last, and gives it back with "-"', async () => {
    const { a, b } = await established();
    const other = publicKeyOf(new Uint8Array(32).fill(4));
    const change = (publicKey: typeof other, remove: boolean) =>
      a.loop.configure({ peers: [{ publicKey, allowedIps: [{ ...allowedIp('10.0.0.2'), remove }] }] });
    await change(other, false);
    expect(allowedOf(a)).toEqual({ [b.publicKey]: [], [other]: ['10.0.0.2/32'] });
    await change(b.publicKey, true);
    expect(allowedOf(a)).toEqual({ [b.publicKey]: [], [other]: ['10.0.0.2/32'] });
    await change(other, true);
    expect(allowedOf(a)).toEqual({ [b.publicKey]: [], [other]: [] });
  });

  it('replaces allowed IPs without touching the session', async () => {
    const { world, a, b } = await established();
    const allowedIps = [allowedIp('10.0.0.2'), allowedIp('10.5.0.0/16')];
    await a.loop.configure({ peers: [{ publicKey: b.publicKey, replaceAllowedIps: true, allowedIps }] });
    expect(allowedOf(a)).toEqual({ [b.publicKey]: ['10.0.0.2/32', '10.5.0.0/16'] });
    a.tun.inject(toB());
    world.clock.advance(10);
    expect(countersOf(a, b).initiationsSent).toBe(1);
  });

  it('sends an initiation at once to a new endpoint, where the old one did not answer', async () => {
    const world = new World();
    const { a, b } = await world.pair({ aPeer: { endpoint: udpEndpoint('192.0.2.99' as IpAddress, 1) } });
    a.tun.inject(toB());
    world.clock.advance(500);
    await a.loop.configure({ peers: [{ publicKey: b.publicKey, endpoint: b.endpoint }] });
    world.clock.advance(100);
    expect(b.received).toHaveLength(1);
  });

  it('sends data the new way at once where there is a session', async () => {
    const { world, a, b } = await established();
    await a.loop.configure({
      peers: [{ publicKey: b.publicKey, endpoint: udpEndpoint('192.0.2.99' as IpAddress, 1) }],
    });
    world.takeSniffed();
    a.tun.inject(toB());
    expect(world.takeSniffed()).toMatchObject([{ kind: 'transport', to: { address: '192.0.2.99' } }]);
  });

  it('changes its port, and keeps the old one where the new one is taken', async () => {
    const { world, a, b } = await established();
    expect(await a.loop.configure({ listenPort: 4_000 })).toEqual({ ok: true, value: undefined });
    a.tun.inject(toB());
    world.clock.advance(10);
    expect(b.loop.report().peers[0]!.endpoint).toBe('198.51.100.1:4000');
    a.host.bindNow(5_000, { onDatagrams: () => {}, onSendError: () => {} });
    expect(await a.loop.configure({ listenPort: 5_000 })).toMatchObject({ ok: false });
    expect(a.loop.report().listenPort).toBe(4_000);
    a.tun.inject(toB());
    world.clock.advance(10);
    expect(b.received).toHaveLength(3);
  });

  it('has no more than 65,536 peers, and takes nothing of a change that has more', async () => {
    const { a } = await established();
    const peers = Array.from({ length: 65_536 }, (_, n) => {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, n + 1);
      return { publicKey: publicKeyOf(bytes) };
    });
    expect(await a.loop.configure({ peers })).toEqual({
      ok: false,
      error: 'a device has at most 65536 peers',
    });
    expect(a.loop.report().peers).toHaveLength(1);
  });

  it('lists peers and prefixes in an order that does not depend on when they came', async () => {
    const world = new World();
    const [a, b] = [await world.station('a', '198.51.100.1'), await world.station('b', '198.51.100.2')];
    const peers = [3, 1, 2].map((n) => ({
      publicKey: publicKeyOf(new Uint8Array(32).fill(n)),
      allowedIps: [allowedIp(`fd0${n}::/64`), allowedIp(`10.${n}.0.0/16`), allowedIp(`10.${n}.0.0/24`)],
    }));
    await a.loop.configure({ peers });
    await b.loop.configure({ peers: peers.toReversed() });
    expect(allowedOf(a)).toEqual(allowedOf(b));
    expect(Object.keys(allowedOf(a))).toEqual(Object.keys(allowedOf(b)));
  });
});

async function established() {
  const world = new World();
  const { a, b } = await world.pair();
  a.tun.inject(toB());
  world.clock.advance(100);
  return { world, a, b };
}

function allowedOf(station: Station): Record<string, string[]> {
  const { peers } = station.loop.configuration();
  return Object.fromEntries(peers.map((peer) => [peer.publicKey, peer.allowedIps.map(formatAllowedIp)]));
}
