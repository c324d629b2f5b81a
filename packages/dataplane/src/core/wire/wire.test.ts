import fc from 'fast-check';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { checksum } from './checksum.ts';
import { icmpErrorAbout } from './icmp-error.ts';
import { icmpBytes, parseIcmp } from './icmp.ts';
import { ipBytes, ipOfBytes } from './ip-bytes.ts';
import { ipPacketBytes, parseIp, type IpPacket } from './ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_UDP } from './protocol-numbers.ts';
import { parseTcp, tcpBytes, TCP_ACK } from './tcp.ts';
import { parseUdp, udpBytes } from './udp.ts';

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipOfBytes);
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(ipOfBytes);
const ends = fc.oneof(fc.record({ source: v4, destination: v4 }), fc.record({ source: v6, destination: v6 }));
const payload = fc.uint8Array({ maxLength: 300 });
const port = fc.nat(65_535);

describe('wire formats', () => {
  it('computes the checksum of RFC 1071, and of an IPv4 header as tcpdump shows it', () => {
    expect(checksum(Uint8Array.fromHex('0001f203f4f5f6f7'))).toBe(0x220d);
    expect(checksum(Uint8Array.fromHex('45000073000040004011b861c0a80001c0a800c7'))).toBe(0);
  });

  it('reads back addresses', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (address) => {
        expect(ipOfBytes(ipBytes(address))).toBe(address);
      }),
    );
  });

  it('reads back IP packets that it wrote', () => {
    const rest = fc.record({ protocol: fc.constantFrom(1, 6, 17, 58), hopLimit: fc.nat(255), payload });
    fc.assert(
      fc.property(ends, rest, (addresses, fields) => {
        const packet: IpPacket = { ...addresses, ...fields, dontFragment: true, isFragment: false };
        expect(parseIp(ipPacketBytes(packet))).toEqual({ ok: true, value: packet });
      }),
    );
  });

  it('reads back UDP, TCP and ICMP that it wrote, and sees every changed byte', () => {
    fc.assert(
      fc.property(
        ends,
        port,
        port,
        payload,
        fc.nat(),
        (addresses, sourcePort, destinationPort, bytes, at) => {
          const udp = { sourcePort, destinationPort, payload: bytes };
          const tcp = { ...udp, sequence: 0xffff_fff0, acknowledgment: 5, flags: TCP_ACK, window: 9 };
          const echo = {
            kind: 'echo-request',
            identifier: sourcePort,
            sequence: destinationPort,
            data: bytes,
          } as const;
          expect(parseUdp(udpBytes(udp, addresses), addresses)).toEqual({ ok: true, value: udp });
          expect(parseTcp(tcpBytes(tcp, addresses), addresses)).toEqual({ ok: true, value: tcp });
          const icmp = icmpBytes(echo, addresses);
          expect(parseIcmp(icmp, addresses)).toEqual({ ok: true, value: echo });
          icmp[at % icmp.length]! ^= 0x10;
          expect(parseIcmp(icmp, addresses).ok).toBe(false);
        },
      ),
    );
  });

  it('throws on no bytes at all', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .uint8Array({ minLength: 1, maxLength: 120 })
        .map((bytes) => bytes.with(0, bytes[0]! % 2 === 0 ? 0x45 : 0x60)),
    );
    fc.assert(
      fc.property(garbage, ends, (bytes, addresses) => {
        parseIp(bytes);
        parseUdp(bytes, addresses);
        parseTcp(bytes, addresses);
        parseIcmp(bytes, addresses);
        icmpErrorAbout(bytes, { kind: 'host-unreachable', mtuBytes: 0 }, [addresses.source]);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('ICMP errors', () => {
  const packet = (protocol: number, body: Uint8Array, change: Partial<IpPacket> = {}) =>
    ipPacketBytes({
      source: '10.0.0.1' as IpAddress,
      destination: '10.0.0.2' as IpAddress,
      protocol,
      hopLimit: 9,
      payload: body,
      dontFragment: true,
      isFragment: false,
      ...change,
    });
  const router = ['10.0.0.254' as IpAddress, 'fd00::fe' as IpAddress];

  it('go from the router to the sender, with the start of the packet and the MTU', () => {
    const about = packet(PROTOCOL_UDP, new Uint8Array(1_000));
    const error = parseIp(icmpErrorAbout(about, { kind: 'too-big', mtuBytes: 900 }, router)!);
    if (!error.ok) throw new Error(error.error);
    expect(error.value).toMatchObject({ source: '10.0.0.254', destination: '10.0.0.1' });
    const message = parseIcmp(error.value.payload, error.value);
    expect(message).toEqual({
      ok: true,
      value: { kind: 'too-big', mtuBytes: 900, original: about.subarray(0, 548) },
    });
  });

  it('say packet too big in ICMPv6, within 1280 bytes', () => {
    const addresses = { source: 'fd00::1' as IpAddress, destination: 'fd00::2' as IpAddress };
    const about = packet(PROTOCOL_UDP, new Uint8Array(3_000), addresses);
    const bytes = icmpErrorAbout(about, { kind: 'too-big', mtuBytes: 1_280 }, router)!;
    expect(bytes.length).toBe(1_280);
    const error = parseIp(bytes);
    if (!error.ok) throw new Error(error.error);
    expect(parseIcmp(error.value.payload, error.value)).toMatchObject({
      value: { kind: 'too-big', mtuBytes: 1_280 },
    });
  });

  it.each([
    { name: 'an error', bytes: packet(PROTOCOL_ICMP, Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 0)) },
    {
      name: 'an ICMPv6 error',
      bytes: packet(PROTOCOL_ICMPV6, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), {
        source: 'fd00::1' as IpAddress,
        destination: 'fd00::2' as IpAddress,
      }),
    },
    {
      name: 'a multicast',
      bytes: packet(PROTOCOL_UDP, new Uint8Array(8), { destination: '224.0.0.1' as IpAddress }),
    },
    {
      name: 'an unspecified source',
      bytes: packet(PROTOCOL_UDP, new Uint8Array(8), { source: '0.0.0.0' as IpAddress }),
    },
    {
      name: 'a broadcast',
      bytes: packet(PROTOCOL_UDP, new Uint8Array(8), { destination: '255.255.255.255' as IpAddress }),
    },
  ])('are not sent about $name', ({ bytes }) => {
    expect(icmpErrorAbout(bytes, { kind: 'host-unreachable', mtuBytes: 0 }, router)).toBeUndefined();
  });

  it('are not sent where the router has no address of the family', () => {
    const about = packet(PROTOCOL_UDP, new Uint8Array(8));
    expect(
      icmpErrorAbout(about, { kind: 'host-unreachable', mtuBytes: 0 }, ['fd00::fe' as IpAddress]),
    ).toBeUndefined();
  });
});
