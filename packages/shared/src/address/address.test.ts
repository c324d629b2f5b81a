import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainName } from '../model/names.ts';
import {
  addressAt,
  cidrContains,
  cidrsOverlap,
  cidrHasAddress,
  cidrSize,
  hostCidr,
  subnetAt,
} from './arithmetic.ts';
import { addressBlockName } from './block-name.ts';
import { formatCidr, parseCidr, type Cidr } from './cidr.ts';
import { formatIp, parseIpAddress, parseIpValue, type IpAddress } from './ip.ts';
import { choosePrefixes } from './pool.ts';
import { nextSlice } from './slice.ts';

const anyIp = fc.oneof(
  fc.record({ family: fc.constant(4 as const), bits: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }) }),
  fc.record({ family: fc.constant(6 as const), bits: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }) }),
);
const anyCidr = anyIp.chain(({ family, bits }) => {
  const width = family === 4 ? 32 : 128;
  return fc.integer({ min: 0, max: width }).map((length) => {
    const host = BigInt(width - length);
    return formatCidr({ family, first: (bits >> host) << host, length });
  });
});

describe('addresses', () => {
  it.each([
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1 ',
    '::g',
    ':::',
    '1:2:3:4:5:6:7',
    '1::2::3',
    'fe80::1%eth0',
    '',
  ])('refuses %j', (text) => {
    expect(parseIpValue(text).ok).toBe(false);
  });

  it.each([
    ['2001:DB8::0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ])('writes %s as %s (RFC 5952)', (text, canonical) => {
    expect(parseIpAddress(text)).toEqual({ ok: true, value: canonical });
  });

  it('read what they write', () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        expect(parseIpValue(formatIp(ip))).toEqual({ ok: true, value: ip });
      }),
    );
  });

  it('never throw on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseIpAddress(text);
        parseCidr(text);
      }),
    );
  });
});

describe('prefixes', () => {
  it('refuses host bits and says what was meant', () => {
    expect(parseCidr('10.81.3.0/16')).toEqual({
      ok: false,
      error: '10.81.3.0/16 has host bits set; did you mean 10.81.0.0/16?',
    });
  });

  it('overlap exactly where they share an address', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const first = addressAt(a, 0n);
        const other = addressAt(b, 0n);
        expect(cidrsOverlap(a, b)).toBe(
          (other !== undefined && cidrHasAddress(a, other)) ||
            (first !== undefined && cidrHasAddress(b, first)),
        );
      }),
    );
  });

  it('contain their first and last address and no further', () => {
    fc.assert(
      fc.property(anyCidr, (cidr) => {
        const last = addressAt(cidr, cidrSize(cidr) - 1n) as IpAddress;
        expect(cidrHasAddress(cidr, last) && cidrContains(cidr, hostCidr(last))).toBe(true);
        expect(addressAt(cidr, cidrSize(cidr))).toBeUndefined();
      }),
    );
  });
});

describe('slices and pool', () => {
  it('gives the sample’s slices in turn', () => {
    const taken: Cidr[] = [];
    for (let index = 0; index < 3; index++) taken.push(nextSlice('10.81.0.0/16' as Cidr, taken, 3) as Cidr);
    expect(taken).toEqual(['10.81.0.0/20', '10.81.16.0/20', '10.81.32.0/20']);
  });

  it('gives every cluster a slice of its own, and keeps the last for partners', () => {
    for (const nClusters of [1, 15, 16, 100]) {
      const taken: Cidr[] = [];
      for (let index = 0; index < nClusters; index++) {
        const slice = nextSlice('fd00:81::/48' as Cidr, taken, nClusters);
        if (slice === undefined) throw new Error(`no slice for cluster ${index} of ${nClusters}`);
        expect(taken.some((other) => cidrsOverlap(other, slice))).toBe(false);
        taken.push(slice);
      }
    }
  });

  it('chooses prefixes that overlap nothing known', () => {
    expect(choosePrefixes(['10.81.0.0/16', '10.82.0.0/15'] as Cidr[])).toEqual([
      '10.84.0.0/16',
      'fd00:84::/48',
    ]);
    expect(choosePrefixes(['10.0.0.0/8'] as Cidr[])).toBeUndefined();
  });

  it('names a block in one way, whatever its family', () => {
    const block = subnetAt('fd00:81::/52' as Cidr, 124, 1n) as Cidr;
    expect(addressBlockName('red' as DomainName, '10.81.0.16/28' as Cidr)).toBe('red.10.81.0.16-28');
    expect(addressBlockName('red' as DomainName, block)).toBe(
      'red.fd00-0081-0000-0000-0000-0000-0000-0010-124',
    );
  });
});
