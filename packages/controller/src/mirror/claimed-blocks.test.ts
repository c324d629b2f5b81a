import { cidrsOverlap } from '@flatland/shared/address/arithmetic';
import { formatCidr } from '@flatland/shared/address/cidr';
import type { Cidr } from '@flatland/shared/address/cidr';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClaimedBlocks } from './claimed-blocks.ts';

const block = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    bits: fc.bigInt(0n, 255n),
    short: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ family, bits, short }): Cidr => {
    const width = family === 4 ? 32 : 128;
    const base = family === 4 ? 10n << 24n : 0xfdn << 120n;
    const first = base + ((bits >> BigInt(short)) << BigInt(short));
    return formatCidr({ family, first, length: width - short });
  });

test('a block is refused exactly when it overlaps one of another owner', () => {
  const claims = fc.array(fc.record({ block, owner: fc.constantFrom('a', 'b', 'c') }), { maxLength: 60 });
  fc.assert(
    fc.property(claims, (wanted) => {
      const claimed = new ClaimedBlocks();
      const held: { block: Cidr; owner: string }[] = [];
      for (const claim of wanted) {
        const others = held.filter(
          (other) => other.owner !== claim.owner && cidrsOverlap(other.block, claim.block),
        );
        const refusal = claimed.claim(claim.block, claim.owner);
        if (others.length === 0) {
          expect(refusal).toBeUndefined();
          held.push(claim);
        } else expect(others.map(({ owner }) => owner)).toContain(refusal);
      }
    }),
    { numRuns: 2000 },
  );
});
