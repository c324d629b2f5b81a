import { describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { recoverAddresses, type AddressWitness } from './recover-addresses.ts';

const BLOCKS = ['10.81.0.0/28' as Cidr];
const NOBODY: AddressWitness = { routers: [], members: [] };

describe('recovering addresses', () => {
  it('believes what is programmed before the file, and the file before the API', () => {
    const recovered = recoverAddresses({
      saved: {
        blocks: BLOCKS,
        routers: [ip('10.81.0.0')],
        members: { a: [ip('10.81.0.2')], b: [ip('10.81.0.3')] },
        resting: [{ address: ip('10.81.0.9'), podUid: 'x', releasedAtMs: 5 }],
      },
      blocks: BLOCKS,
      programmed: {
        routers: [ip('10.81.0.0')],
        members: [{ podUid: 'a', addresses: [ip('10.81.0.1')] }],
      },
      announced: { routers: [], members: [{ podUid: 'b', addresses: [ip('10.81.0.7')] }] },
      nowMs: 100,
    });
    expect(recovered.members).toEqual({ a: ['10.81.0.1'], b: ['10.81.0.3'] });
    expect(recovered.resting).toEqual([{ address: '10.81.0.9', podUid: 'x', releasedAtMs: 5 }]);
  });

  it('gives no address to two pods, whatever the witnesses say', () => {
    const { members } = recoverAddresses({
      saved: { blocks: BLOCKS, routers: [], members: { b: [ip('10.81.0.1')] }, resting: [] },
      blocks: BLOCKS,
      programmed: { routers: [], members: [{ podUid: 'a', addresses: [ip('10.81.0.1')] }] },
      announced: NOBODY,
      nowMs: 0,
    });
    expect(members).toEqual({ a: ['10.81.0.1'] });
  });

  it('without the file takes the API’s members and lets all other addresses rest', () => {
    const recovered = recoverAddresses({
      saved: undefined,
      blocks: BLOCKS,
      programmed: NOBODY,
      announced: {
        routers: [ip('10.81.0.0')],
        members: [{ podUid: 'b', addresses: [ip('10.81.0.7')] }],
      },
      nowMs: 100,
    });
    expect(recovered.routers).toEqual(['10.81.0.0']);
    expect(recovered.members).toEqual({ b: ['10.81.0.7'] });
    expect(recovered.resting).toHaveLength(14);
    expect(recovered.resting.every((entry) => entry.releasedAtMs === 100)).toBe(true);
  });
});

function ip(text: string): IpAddress {
  return text as IpAddress;
}
