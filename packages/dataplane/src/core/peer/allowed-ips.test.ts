import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaled, SCALED_TIMEOUT_MS } from '../../../test/support/scale.ts';
import { seededRandom, type SeededRandom } from '../../io/memory/seeded-random.ts';
import { AllowedIps, comparePrefixes, type Prefix } from './allowed-ips.ts';

const N_LOOKUPS = scaled(50_000, 5_000_000);
const LOOKUPS_OF_A_TABLE = 5_000;

/** The slow truth: the longest prefix of a list, looked through from end to end. */
class LinearTable {
  readonly #entries: { prefix: Prefix; owner: string }[] = [];

  insert(prefix: Prefix, owner: string): void {
    this.remove(prefix);
    this.#entries.push({ prefix, owner });
  }

  remove(prefix: Prefix, owner?: string): void {
    const index = this.#entries.findIndex(
      (entry) =>
        comparePrefixes(entry.prefix, prefix) === 0 && (owner === undefined || entry.owner === owner),
    );
    if (index >= 0) this.#entries.splice(index, 1);
  }

  removeOwner(owner: string): void {
    for (let i = this.#entries.length - 1; i >= 0; i--)
      if (this.#entries[i]!.owner === owner) this.#entries.splice(i, 1);
  }

  removeOthers(owner: string, kept: readonly Prefix[]): void {
    for (const prefix of this.prefixesOf(owner))
      if (!kept.some((other) => comparePrefixes(other, prefix) === 0)) this.remove(prefix, owner);
  }

  lookup(address: Uint8Array): string | undefined {
    const matching = this.#entries.filter(({ prefix }) => contains(prefix, address));
    return matching.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.owner;
  }

  prefixesOf(owner: string): Prefix[] {
    const mine = this.#entries.filter((entry) => entry.owner === owner);
    return mine.map(({ prefix }) => prefix).sort(comparePrefixes);
  }
}

/** Few distinct values in each byte, so that prefixes nest and collide. */
const addressOf = (nBytes: number) =>
  fc
    .array(fc.constantFrom(0, 1, 2, 3, 127, 128, 192, 255), { minLength: nBytes, maxLength: nBytes })
    .map((bytes) => Uint8Array.from(bytes));
const address = fc.oneof(addressOf(4), addressOf(16));
const prefix = address.chain((bytes) =>
  fc.nat(bytes.length * 8).map((length): Prefix => ({ bytes: masked(bytes, length), length })),
);
const owner = fc.constantFrom('a', 'b', 'c', 'd');
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('insert' as const), prefix, owner }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), prefix, owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeOwner' as const), owner }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('removeOthers' as const),
      owner,
      kept: fc.array(prefix, { maxLength: 20 }),
    }),
  },
);

describe('D-08: AllowedIps', () => {
  it('agrees with a linear search, whatever is added and taken away', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 60 }),
        fc.array(address, { minLength: 30, maxLength: 30 }),
        (operations, addresses) => {
          const fast = new AllowedIps<string>();
          const slow = new LinearTable();
          for (const one of operations) {
            if (one.kind === 'removeOwner') {
              fast.removeOwner(one.owner);
              slow.removeOwner(one.owner);
            } else if (one.kind === 'removeOthers') {
              const kept = [...one.kept, ...slow.prefixesOf(one.owner).slice(0, 3)];
              fast.removeOthers(one.owner, kept);
              slow.removeOthers(one.owner, kept);
            } else {
              fast[one.kind](one.prefix, one.owner);
              slow[one.kind](one.prefix, one.owner);
            }
          }
          for (const bytes of addresses)
            expect(fast.lookup(bytes, 0, bytes.length === 4 ? 4 : 6)).toBe(slow.lookup(bytes));
          for (const name of ['a', 'b', 'c', 'd'])
            expect(fast.prefixesOf(name)).toEqual(slow.prefixesOf(name));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('agrees with a linear search over a thousand prefixes', () => {
    const sample = fc.sample(fc.record({ prefix, owner }), { numRuns: 1_000, seed: 7 });
    const fast = new AllowedIps<string>();
    const slow = new LinearTable();
    for (const one of sample) {
      fast.insert(one.prefix, one.owner);
      slow.insert(one.prefix, one.owner);
    }
    for (const bytes of fc.sample(address, { numRuns: 1_500, seed: 8 }))
      expect(fast.lookup(bytes, 0, bytes.length === 4 ? 4 : 6)).toBe(slow.lookup(bytes));
  });

  it(
    `agrees with a linear search in ${N_LOOKUPS} lookups`,
    () => {
      const random = seededRandom(8);
      for (let nLookups = 0; nLookups < N_LOOKUPS; nLookups += LOOKUPS_OF_A_TABLE) {
        const nBytes = random.number() < 0.5 ? 4 : 16;
        const table = new AllowedIps<number>();
        const entries = new Map<string, { prefix: Prefix; owner: number }>();
        for (let owner = 0; owner < 150; owner++) {
          const length = Math.floor(random.number() * (nBytes * 8 + 1));
          const prefix = { bytes: masked(crowdedAddress(nBytes, random), length), length };
          table.insert(prefix, owner);
          entries.set(`${prefix.bytes.toHex()}/${length}`, { prefix, owner });
        }
        const longestFirst = [...entries.values()].toSorted((a, b) => b.prefix.length - a.prefix.length);
        let nDifferent = 0;
        for (let i = 0; i < LOOKUPS_OF_A_TABLE; i++) {
          const bytes = crowdedAddress(nBytes, random);
          const expected = longestFirst.find(({ prefix }) => hasPrefix(bytes, prefix))?.owner;
          if (table.lookup(bytes, 0, nBytes === 4 ? 4 : 6) !== expected) nDifferent++;
        }
        expect(nDifferent).toBe(0);
      }
    },
    SCALED_TIMEOUT_MS,
  );

  it('gives a prefix to its last owner only', () => {
    const table = new AllowedIps<string>();
    const p = { bytes: Uint8Array.of(10, 0, 0, 0), length: 8 };
    table.insert(p, 'a');
    table.insert(p, 'b');
    expect(table.lookup(Uint8Array.of(10, 1, 2, 3), 0, 4)).toBe('b');
    expect(table.prefixesOf('a')).toEqual([]);
    table.remove(p, 'a');
    expect(table.lookup(Uint8Array.of(10, 1, 2, 3), 0, 4)).toBe('b');
  });

  it('reads the address at its offset in a packet, and keeps the families apart', () => {
    const table = new AllowedIps<string>();
    table.insert({ bytes: new Uint8Array(4), length: 0 }, 'v4');
    const packet = Uint8Array.of(9, 9, 9, 10, 0, 0, 1, ...new Uint8Array(16));
    expect(table.lookup(packet, 3, 4)).toBe('v4');
    expect(table.lookup(packet, 3, 6)).toBeUndefined();
  });
});

/** An address of few distinct bytes, so that many prefixes of a table hold it. */
function crowdedAddress(nBytes: number, random: SeededRandom): Uint8Array {
  const bytes = random.bytes(nBytes);
  for (let i = 0; i < nBytes; i++) bytes[i]! &= 0x81;
  return bytes;
}

/** Compares bit by bit. */
function hasPrefix(bytes: Uint8Array, prefix: Prefix): boolean {
  const nWhole = prefix.length >> 3;
  for (let i = 0; i < nWhole; i++) if (bytes[i] !== prefix.bytes[i]) return false;
  const nBits = prefix.length & 7;
  return nBits === 0 || (bytes[nWhole]! ^ prefix.bytes[nWhole]!) >> (8 - nBits) === 0;
}

function masked(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, i) => byte & ((0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff));
}

function contains(prefix: Prefix, bytes: Uint8Array): boolean {
  if (prefix.bytes.length !== bytes.length) return false;
  return Buffer.from(masked(bytes, prefix.length)).equals(Buffer.from(prefix.bytes));
}
