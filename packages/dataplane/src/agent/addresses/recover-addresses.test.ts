import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { ADDRESS_REST_MS } from './address-book.ts';
import { assignAddresses } from './assign-addresses.ts';
import { restBlocks } from './rest-blocks.ts';
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

  it('R-14: whatever was done to the clock, what was released before a start rests a minute, and ten at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -DAY_MS, max: DAY_MS }),
        fc.integer({ min: 0, max: ADDRESS_REST_MS }),
        (jumpMs, restedMs) => {
          const releasedAtMs = 1_800_000_000_000;
          const nowMs = releasedAtMs + restedMs + jumpMs;
          const members = Object.fromEntries(
            Array.from({ length: 14 }, (_, n) => [`pod-${n}`, [ip(`10.81.0.${n + 1}`)]]),
          );
          const recovered = recoverAddresses({
            saved: {
              blocks: BLOCKS,
              routers: [ip('10.81.0.0')],
              members,
              resting: [{ address: ip('10.81.0.15'), podUid: 'gone', releasedAtMs }],
              leaving: { [BLOCKS[0]!]: releasedAtMs },
            },
            blocks: BLOCKS,
            programmed: { routers: [ip('10.81.0.0')], members: [] },
            announced: NOBODY,
            nowMs,
          });
          const assigned = (afterMs: number) =>
            assignAddresses(recovered, {
              families: [4],
              blocks: BLOCKS,
              wanted: [...Object.keys(members), 'new'],
              livePods: new Set([...Object.keys(members), 'new']),
              claimable: new Set(),
              nowMs: nowMs + afterMs,
            }).addresses.members['new'];
          const claims = [{ domain: 'red' as DomainName, prefix: BLOCKS[0]!, isWanted: false }];
          const due = (afterMs: number) => restBlocks({ red: recovered }, claims, nowMs + afterMs).due;
          expect(assigned(59_999)).toBeUndefined();
          expect(due(59_999)).toEqual([]);
          expect(assigned(ADDRESS_REST_MS)).toEqual(['10.81.0.15']);
          expect(due(ADDRESS_REST_MS)).toEqual(claims);
        },
      ),
    );
  });
});

const DAY_MS = 24 * 3_600_000;

function ip(text: string): IpAddress {
  return text as IpAddress;
}
