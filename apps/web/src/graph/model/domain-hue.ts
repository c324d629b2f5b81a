/**
 * The look of a domain: one of eight hues that colour-blind people can tell apart, then the same
 * hues with a pattern and two letters. The hues themselves are `--hue-0` to `--hue-7` of the theme;
 * they stay clear of those that mean a status: red, amber and blue.
 */
export interface DomainHue {
  /** Index into the theme's eight hues. */
  readonly slot: number;
  /** True for the ninth domain and later: the hub is striped and lettered. */
  readonly patterned: boolean;
  readonly letters: string;
}

/** Number of hues. */
export const N_HUES = 8;

/** Slots that suit a domain named after a colour. */
const NAMED: Readonly<Record<string, number>> = {
  red: 0,
  pink: 0,
  rose: 0,
  green: 1,
  violet: 2,
  purple: 2,
  indigo: 2,
  teal: 3,
  magenta: 4,
  olive: 5,
  yellow: 5,
  forest: 6,
  cyan: 7,
  blue: 7,
};

/** Assigns a hue to each domain: stable for a set of names, whatever their order. */
export function assignHues(domains: Iterable<string>): ReadonlyMap<string, DomainHue> {
  const names = [...new Set(domains)].toSorted();
  const hues = new Map<string, DomainHue>();
  const uses = Array.from({ length: N_HUES }, () => 0);
  const named = names.filter((name) => NAMED[name] !== undefined);
  for (const name of [...named, ...names.filter((other) => NAMED[other] === undefined)]) {
    const least = Math.min(...uses);
    let slot = NAMED[name] ?? hash(name) % N_HUES;
    while (uses[slot]! > least) slot = (slot + 1) % N_HUES;
    uses[slot]!++;
    hues.set(name, { slot, patterned: uses[slot]! > 1, letters: letters(name) });
  }
  return hues;
}

function letters(name: string): string {
  const [first = '', second = ''] = name.split('-');
  return (second ? first.slice(0, 1) + second.slice(0, 1) : first.slice(0, 2)).toUpperCase();
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}
