import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { endpointBytes, formatUdpEndpoint, parseUdpEndpoint, udpEndpoint } from './udp-endpoint.ts';

describe('UDP endpoints', () => {
  it.each(['192.0.2.1:51820', '[2001:db8::1]:1', '[fe80::1%eth0]:65535'])('reads and writes %s', (text) => {
    const parsed = parseUdpEndpoint(text);
    expect(parsed.ok && formatUdpEndpoint(parsed.value)).toBe(text);
  });

  it.each([
    '',
    '192.0.2.1',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '2001:db8::1:51820',
    '[192.0.2]:1',
    'host:1',
    '192.0.2.01:1',
    '[::1%a/b]:1',
  ])('refuses %s', (text) => {
    expect(parseUdpEndpoint(text).ok).toBe(false);
  });

  it('takes an IPv4 address that came mapped into IPv6 as the plain one', () => {
    expect(formatUdpEndpoint(udpEndpoint('::ffff:c000:201' as IpAddress, 7))).toBe('192.0.2.1:7');
    expect(formatUdpEndpoint(udpEndpoint('::fffe:c000:201' as IpAddress, 7))).toBe('[::fffe:c000:201]:7');
  });

  it('has the address and the port in its bytes', () => {
    expect(endpointBytes(udpEndpoint('192.0.2.1' as IpAddress, 0x1234)).toHex()).toBe('c00002011234');
    expect(endpointBytes(udpEndpoint('2001:db8::1' as IpAddress, 1)).toHex()).toBe(
      '20010db80000000000000000000000010001',
    );
  });
});
