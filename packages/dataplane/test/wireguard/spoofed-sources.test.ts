/** Inner packets whose source is not the sender's. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it, vi } from 'vitest';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { udpPacket } from './packets.ts';
import { allowedIp, introduce, World } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

const N_PEERS = 4;
const N_PREFIXES = 40;
const N_PACKETS = scaled(4_000, 200_000);
const TARGET = '172.16.0.1';

describe('D-08: packets of a peer', () => {
  it(`are delivered where a linear search finds it first for their source, and all others are dropped, of ${N_PACKETS}`, async () => {
    const world = new World(8);
    const random = (n: number) => Math.floor(world.random.number() * n);
    const a = await world.station('a', '198.51.100.1', { inner: TARGET });
    const owners = new Map<string, number>();
    for (let i = 0; i < N_PREFIXES; i++) owners.set(randomPrefix(random), i % N_PEERS);
    const peers = [];
    for (let n = 0; n < N_PEERS; n++) {
      const peer = await world.station(`p${n}`, `198.51.100.${n + 2}`, { inner: `172.16.1.${n}` });
      const prefixes = [...owners].filter(([, owner]) => owner === n).map(([prefix]) => prefix);
      await introduce(a, peer, { allowedIps: prefixes.map(allowedIp) });
      await introduce(peer, a);
      peers.push(peer);
    }
    const longestFirst = [...owners].map(([prefix, owner]) => ({ ...parsed(prefix), owner }));
    longestFirst.sort((one, other) => other.length - one.length);

    let nAllowed = 0;
    for (let i = 0; i < N_PACKETS; i++) {
      const sender = random(N_PEERS);
      const source = randomAddress(random);
      const bits = bitsOf(source);
      const owner = longestFirst.find(({ first, length }) => (bits ^ first) >> BigInt(32 - length) === 0n);
      a.received.length = 0;
      const packet = udpPacket(source, TARGET, 4);
      peers[sender]!.tun.inject(packet.slice());
      world.clock.advance(1);
      if (owner?.owner === sender) nAllowed++;
      expect(a.received).toEqual(owner?.owner === sender ? [packet] : []);
    }
    expect(nAllowed).toBeGreaterThan(N_PACKETS / 10);
    expect(a.loop.report().drops).toEqual({ 'source-not-allowed': N_PACKETS - nAllowed });
  });
});

/** Addresses and prefixes of few distinct bytes, so that they nest. */
function randomAddress(random: (n: number) => number): IpAddress {
  return `10.${random(2)}.${random(4) * 64}.${random(4) * 64 + random(2)}` as IpAddress;
}

function randomPrefix(random: (n: number) => number): string {
  const length = 8 + random(25);
  const first = (bitsOf(randomAddress(random)) >> BigInt(32 - length)) << BigInt(32 - length);
  return `${[24n, 16n, 8n, 0n].map((shift) => (first >> shift) & 255n).join('.')}/${length}`;
}

function parsed(prefix: string): { readonly first: bigint; readonly length: number } {
  const [address = '', length = ''] = prefix.split('/');
  return { first: bitsOf(address), length: Number(length) };
}

function bitsOf(address: string): bigint {
  return address.split('.').reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}
