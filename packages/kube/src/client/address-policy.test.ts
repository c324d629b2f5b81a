import { expect, test } from 'vitest';
import { localAddressPolicy, strictAddressPolicy } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';

const ALLOWED = [
  '8.8.8.8',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '192.0.1.1',
  '198.18.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '223.255.255.255',
  '2606:4700::1111',
  'fd00::1',
  'fdff:ffff::1',
  'fc00::1',
  '2a00:1450::1',
  '64:ff9b::808:808',
  '::ffff:8.8.8.8',
  '::ffff:a00:1',
  '2002:808:808::1',
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['192.0.0.192', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['FD00:EC2::254', 'metadata'],
  ['fd00:ec2:0:0:0:0:0:254', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'metadata'],
  ['::169.254.169.254', 'metadata'],
  ['::a9fe:a9fe', 'metadata'],
  ['::ffff:0:a9fe:a9fe', 'metadata'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['64:ff9b::169.254.169.254', 'metadata'],
  ['2002:a9fe:a9fe::', 'metadata'],
  ['2002:a9fe:a9fe::1', 'metadata'],
  ['2002:a9fe:a9fe:1:2:3:4:5', 'metadata'],
  ['169.254.0.0', 'link-local'],
  ['169.254.0.1', 'link-local'],
  ['169.254.255.255', 'link-local'],
  ['169.254.169.253', 'link-local'],
  ['::ffff:169.254.1.1', 'link-local'],
  ['64:ff9b::a9fe:101', 'link-local'],
  ['2002:a9fe:101::', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
  ['fec0::1', 'link-local'],
  ['feff::1', 'link-local'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['::ffff:0.0.0.0', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['ff0e::1', 'multicast'],
  ['::ffff:224.0.0.1', 'multicast'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['100::1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['3fff::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['2001:0:a9fe:a9fe::', 'reserved'],
  ['64:ff9b:1::1', 'reserved'],
  ['', 'reserved'],
  ['localhost', 'reserved'],
  ['0x7f.1', 'reserved'],
  ['010.0.0.1', 'reserved'],
  ['1.2.3', 'reserved'],
  ['1.2.3.4.5', 'reserved'],
  ['2130706433', 'reserved'],
];

const LOOPBACK = [
  '127.0.0.1',
  '127.0.0.53',
  '127.255.255.254',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
];

function check(policy: AddressPolicy, address: string): string {
  const verdict = policy(address);
  return verdict.allowed ? 'allowed' : verdict.rule;
}

test.each(ALLOWED)('%s may be dialled', (address) => {
  expect(check(strictAddressPolicy, address)).toBe('allowed');
  expect(check(localAddressPolicy, address)).toBe('allowed');
});

test.each(REFUSED)('%j is never dialled: %s', (address, rule) => {
  expect(check(strictAddressPolicy, address)).toBe(rule);
  expect(check(localAddressPolicy, address)).toBe(rule);
});

test.each(LOOPBACK)('%s is dialled on the own machine only', (address) => {
  expect(check(strictAddressPolicy, address)).toBe('loopback');
  expect(check(localAddressPolicy, address)).toBe('allowed');
});

test('the table has at least 80 addresses', () => {
  expect(ALLOWED.length + REFUSED.length + LOOPBACK.length).toBeGreaterThanOrEqual(80);
});
