import type { NodeName } from '@flatland/shared/model/names';
import type { ReasonCode } from '@flatland/shared/reason/reasons';

/** Something that an origin announced and that is not mirrored, with the reason. */
export interface Drop {
  readonly node: NodeName;
  readonly what: 'peer' | 'block' | 'router' | 'member';
  readonly reason: ReasonCode;
  readonly detail: string;
}

/** One line for a condition: the first drop, and how many there are besides. */
export function dropsMessage(drops: readonly Drop[]): string {
  const [first] = drops;
  if (first === undefined) return '';
  const more = drops.length > 1 ? `, and ${drops.length - 1} more` : '';
  return `${first.node}: ${first.detail}${more}`;
}

/** Order of drops: by node, then by what they say. */
export function compareDrops(a: Drop, b: Drop): number {
  const key = (drop: Drop) => `${drop.node} ${drop.what} ${drop.detail}`;
  return key(a) < key(b) ? -1 : 1;
}
