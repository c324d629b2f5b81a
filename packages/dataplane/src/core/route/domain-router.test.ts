import fc from 'fast-check';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { parseIcmp, type IcmpMessage } from '../wire/icmp.ts';
import { ipPacketBytes, parseIp, type IpPacket } from '../wire/ip.ts';
import { PROTOCOL_UDP } from '../wire/protocol-numbers.ts';
import { DomainRouter, type RouterInput, type RouterOutput } from './domain-router.ts';

const M1: RouterInput = { from: 'member', id: 'm1' };
const TUNNEL: RouterInput = { from: 'tunnel' };

describe('DomainRouter', () => {
  it.each<{ name: string; input: RouterInput; from: string; to: string; goes: string }>([
    { name: 'between members', input: M1, from: '10.81.0.2', to: '10.81.0.3', goes: 'm2' },
    { name: 'between members over IPv6', input: M1, from: 'fd00::2', to: 'fd00::3', goes: 'm2' },
    { name: 'from a member to itself', input: M1, from: '10.81.0.2', to: '10.81.0.2', goes: 'm1' },
    { name: 'into the tunnel', input: M1, from: '10.81.0.2', to: '10.81.1.9', goes: 'tunnel' },
    { name: 'out of the tunnel', input: TUNNEL, from: '10.81.1.9', to: '10.81.0.2', goes: 'm1' },
    { name: 'through, as a relay', input: TUNNEL, from: '10.81.1.9', to: '10.81.2.9', goes: 'tunnel' },
    { name: 'to the router itself', input: M1, from: '10.81.0.2', to: '10.81.0.1', goes: 'self' },
    { name: 'from the router', input: { from: 'self' }, from: '10.81.0.1', to: '10.81.1.9', goes: 'tunnel' },
  ])('forwards $name', ({ input, from, to, goes }) => {
    const router = newRouter();
    router.handlePacket(input, packet(from, to));
    const output = router.pollOutput()!;
    expect(output.to === 'member' ? output.id : output.to).toBe(goes);
    const isThroughRouter = goes !== 'self' && input.from !== 'self';
    expect(parsed(output).hopLimit).toBe(isThroughRouter ? 63 : 64);
    expect(router.pollOutput()).toBeUndefined();
    expect(router.drops()).toEqual({});
  });

  it.each<{ name: string; input: RouterInput; from: string; to: string }>([
    { name: "another member's source", input: M1, from: '10.81.0.3', to: '10.81.1.9' },
    { name: "another member's IPv6 source", input: M1, from: 'fd00::3', to: 'fd00::2' },
    { name: "another node's source", input: M1, from: '10.81.1.9', to: '10.81.0.3' },
    { name: "the router's source", input: M1, from: '10.81.0.1', to: '10.81.0.3' },
    { name: 'a source of no domain', input: M1, from: '192.0.2.1', to: '10.81.0.3' },
    { name: "a local member's source out of the tunnel", input: TUNNEL, from: '10.81.0.3', to: '10.81.0.2' },
  ])('drops $name in silence', ({ input, from, to }) => {
    const router = newRouter();
    router.handlePacket(input, packet(from, to));
    expect(router.pollOutput()).toBeUndefined();
    expect(router.drops()).toEqual({ 'source-not-allowed': 1 });
  });

  it.each<{ name: string; to: string; change?: Partial<IpPacket>; answer: Partial<IcmpMessage> }>([
    {
      name: 'an address of the domain that nobody has',
      to: '10.81.7.7',
      answer: { kind: 'host-unreachable' },
    },
    { name: 'an address outside the domain', to: '192.0.2.1', answer: { kind: 'host-unreachable' } },
    {
      name: 'a used up hop limit',
      to: '10.81.0.3',
      change: { hopLimit: 1 },
      answer: { kind: 'ttl-exceeded' },
    },
    {
      name: 'a packet too long for the tunnel',
      to: '10.81.1.9',
      change: { payload: new Uint8Array(1_381) },
      answer: { kind: 'too-big', mtuBytes: 1_400 } as IcmpMessage,
    },
    {
      name: "a packet too long for a member's interface",
      to: '10.81.0.3',
      change: { payload: new Uint8Array(1_481) },
      answer: { kind: 'too-big', mtuBytes: 1_500 } as IcmpMessage,
    },
  ])('answers $name', ({ to, change, answer }) => {
    const router = newRouter();
    router.handlePacket(M1, packet('10.81.0.2', to, change));
    const output = router.pollOutput()!;
    expect(output).toMatchObject({ to: 'member', id: 'm1' });
    const ip = parsed(output);
    expect(ip).toMatchObject({ source: '10.81.0.1', destination: '10.81.0.2' });
    expect(parseIcmp(ip.payload, ip)).toMatchObject({ ok: true, value: answer });
  });

  it('sends ICMP errors about packets of the tunnel back into it', () => {
    const router = newRouter();
    router.handlePacket(TUNNEL, packet('10.81.1.9', '10.81.0.77'));
    expect(router.pollOutput()).toMatchObject({ to: 'tunnel' });
  });

  it('drops a packet whose header checksum is wrong', () => {
    const router = newRouter();
    const bytes = packet('10.81.0.2', '10.81.0.3');
    bytes[8]! -= 1;
    router.handlePacket(M1, bytes);
    expect(router.drops()).toEqual({ 'checksum-invalid': 1 });
  });

  it('knows only its last configuration', () => {
    const router = newRouter();
    router.configure({ routerAddresses: [], mtuBytes: 1_500, members: [], routes: [] });
    router.handlePacket(M1, packet('10.81.0.2', '10.81.0.3'));
    expect(router.drops()).toEqual({ 'source-not-allowed': 1 });
  });

  it('never throws, and never lets a foreign source through, whatever arrives', () => {
    const bytes = fc.uint8Array({ maxLength: 100 }).map((raw) => {
      if (raw.length > 0) raw[0] = raw[0]! % 2 === 0 ? 0x45 : 0x60;
      return raw;
    });
    fc.assert(
      fc.property(bytes, fc.constantFrom(M1, TUNNEL), (raw, input) => {
        const router = newRouter();
        router.handlePacket(input, raw);
        expect(router.pollOutput()).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
  });
});

function newRouter(): DomainRouter {
  const router = new DomainRouter();
  router.configure({
    routerAddresses: ['10.81.0.1' as IpAddress, 'fd00::1' as IpAddress],
    mtuBytes: 1_500,
    members: [
      { id: 'm1', addresses: ['10.81.0.2' as IpAddress, 'fd00::2' as IpAddress] },
      { id: 'm2', addresses: ['10.81.0.3' as IpAddress, 'fd00::3' as IpAddress] },
    ],
    routes: [
      { prefix: '10.81.1.0/24' as Cidr, mtuBytes: 1_400 },
      { prefix: '10.81.2.0/24' as Cidr, mtuBytes: 1_400 },
    ],
  });
  return router;
}

function packet(source: string, destination: string, change: Partial<IpPacket> = {}): Uint8Array {
  return ipPacketBytes({
    source: source as IpAddress,
    destination: destination as IpAddress,
    protocol: PROTOCOL_UDP,
    hopLimit: 64,
    payload: new Uint8Array(20),
    dontFragment: true,
    isFragment: false,
    ...change,
  });
}

function parsed(output: RouterOutput): IpPacket {
  const ip = parseIp(output.packet);
  if (!ip.ok) throw new Error(ip.error);
  return ip.value;
}
