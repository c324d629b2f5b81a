import { cidrsOverlap } from './arithmetic.ts';
import { parseCidr, type Cidr } from './cidr.ts';

/** Second octets of the pool that new domains take their prefixes from: 10.81.0.0/16 and fd00:81::/48 upwards. */
const POOL = { first: 81, last: 199 } as const;

/**
 * The first pair of prefixes (IPv4, IPv6) of the pool that overlaps nothing known, or undefined where
 * the pool is used up.
 */
export function choosePrefixes(known: readonly Cidr[]): readonly [Cidr, Cidr] | undefined {
  for (let number = POOL.first; number <= POOL.last; number++) {
    const v4 = parseCidr(`10.${number}.0.0/16`);
    const v6 = parseCidr(`fd00:${number}::/48`);
    if (!v4.ok || !v6.ok) throw new Error('the pool holds only prefixes');
    const pair = [v4.value, v6.value] as const;
    if (!pair.some((prefix) => known.some((other) => cidrsOverlap(other, prefix)))) return pair;
  }
  return undefined;
}
