import type { PairProbe } from '@flatland/shared/report/console-event';
import type { Pair } from '@flatland/shared/reachability/verdict';
import type { ProbeStore } from '../state/probe-store.ts';
import type { World } from '../state/world.ts';
import type { ProbeOrder } from './prober.ts';

/** A probe every so often, whatever the size of the network. */
export const PATROL_EVERY_MS = 500;
/** Pairs that one round goes through; of a larger network another random part each round. */
const MAX_ROUND = 400;
/** Of a round, pairs that share no domain: they prove that nothing passes. */
const APART_RATIO = 0.25;

export interface PatrolDeps {
  readonly world: () => World;
  readonly probe: (order: ProbeOrder) => Promise<PairProbe>;
  readonly probes: ProbeStore;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** @default PATROL_EVERY_MS */
  readonly everyMs?: number;
}

/** Probes pairs of members one after the other for ever, so that a verdict that packets contradict is found. */
export class Patrol {
  readonly #deps: PatrolDeps;
  #timer: NodeJS.Timeout | undefined;
  #round: Pair[] = [];
  #urgent = new Map<string, Pair>();
  #busy = false;

  constructor(deps: PatrolDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.step(), this.#deps.everyMs ?? PATROL_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Puts pairs first whose verdict is no longer that of their last probe. */
  onWorld({ reachability }: World): void {
    for (const { from, to, verdict } of this.#deps.probes.all()) {
      const now = reachability.verdict({ workload: from }, { workload: to });
      if (now.answer !== verdict.answer) this.#urgent.set(`${from} ${to}`, { from, to });
    }
  }

  /** Sends the next probe, unless the last is still under way. */
  async step(): Promise<void> {
    if (this.#busy) return;
    const pair = this.#next();
    if (pair === undefined) return;
    this.#busy = true;
    try {
      const probe = await this.#deps.probe({ from: { workload: pair.from }, to: { workload: pair.to } });
      if (probe.result.reason !== 'probe-impossible') this.#deps.probes.put(probe);
    } finally {
      this.#busy = false;
    }
  }

  #next(): Pair | undefined {
    for (const [key, pair] of this.#urgent) {
      this.#urgent.delete(key);
      return pair;
    }
    if (this.#round.length === 0) this.#round = patrolRound(this.#deps.world(), this.#deps.random);
    return this.#round.pop();
  }
}

/** The ordered pairs of one round in random order: pairs that share a domain, and some that do not. */
export function patrolRound(world: World, random: () => number): Pair[] {
  const { membersOf, domainsOf } = world.reachability.index;
  const together = [...membersOf.values()].flatMap((members) => pairsAmong([...members], random));
  const everyone = [...domainsOf.keys()].sort();
  const apart = pairsAmong(everyone, random).filter(({ from, to }) => !shareDomain(domainsOf, from, to));
  const nApart = Math.floor(MAX_ROUND * APART_RATIO);
  const round = [...shuffled(together, random).slice(0, MAX_ROUND - nApart), ...apart.slice(0, nApart)];
  return shuffled(round, random);
}

/** All ordered pairs of a few, random ones of many. */
function pairsAmong(ids: readonly string[], random: () => number): Pair[] {
  if (ids.length * (ids.length - 1) <= 2 * MAX_ROUND) {
    return shuffled(
      ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => ({ from, to }))),
      random,
    );
  }
  const any = () => ids[Math.floor(random() * ids.length)]!;
  return Array.from({ length: MAX_ROUND }, () => ({ from: any(), to: any() })).filter(
    ({ from, to }) => from !== to,
  );
}

function shareDomain(domainsOf: ReadonlyMap<string, ReadonlySet<string>>, a: string, b: string): boolean {
  const other = domainsOf.get(b);
  return [...(domainsOf.get(a) ?? [])].some((domain) => other?.has(domain));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
