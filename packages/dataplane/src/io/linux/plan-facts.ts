import type { NetworkFact } from './network-fact.ts';

/** Lines of `ip -batch`, and for each the key of the fact that it is for. */
export interface FactPlan {
  readonly lines: readonly string[];
  readonly keys: readonly string[];
}

const ORDER = ['link', 'device', 'address', 'neighbour', 'route'];

/**
 * The lines that lead from what is to what shall be: first what goes, then what comes, so that routes
 * come after the interfaces and addresses that they need. Empty where both are equal.
 */
export function planFacts(observed: readonly NetworkFact[], desired: readonly NetworkFact[]): FactPlan {
  const had = new Map(observed.map((fact) => [fact.key, fact]));
  const wanted = new Map(desired.map((fact) => [fact.key, fact]));
  const lines: string[] = [];
  const keys: string[] = [];
  const emit = (fact: NetworkFact, added: readonly string[]) => {
    for (const line of added) {
      lines.push(line);
      keys.push(fact.key);
    }
  };
  const goes = observed.filter((fact) => !wanted.has(fact.key));
  const goingLinks = new Set(goes.filter((fact) => isLink(fact)).map((fact) => fact.device));
  for (const fact of sorted(goes).toReversed())
    if (isLink(fact) || !goingLinks.has(fact.device)) emit(fact, fact.remove);
  for (const fact of sorted(desired)) {
    const before = had.get(fact.key);
    if (before === undefined) emit(fact, fact.add);
    else if (before.value !== fact.value) emit(fact, fact.change);
  }
  return { lines, keys };
}

function isLink(fact: NetworkFact): boolean {
  return fact.key.startsWith('link ');
}

function sorted(facts: readonly NetworkFact[]): NetworkFact[] {
  const rank = (fact: NetworkFact) => ORDER.indexOf(fact.key.slice(0, fact.key.indexOf(' ')));
  return facts.toSorted((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
