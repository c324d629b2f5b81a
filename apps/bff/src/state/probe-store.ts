import type { PairProbe } from '@flatland/shared/report/console-event';
import type { Topology } from '@flatland/shared/topology/topology';

/** Pairs whose last probe is kept; the longest unprobed go first. */
const MAX_PAIRS = 5000;

/** The last probe of each ordered pair of workloads. */
export class ProbeStore {
  readonly #latest = new Map<string, PairProbe>();
  readonly #passOn: (probe: PairProbe) => void;

  constructor(passOn: (probe: PairProbe) => void) {
    this.#passOn = passOn;
  }

  put(probe: PairProbe): void {
    const key = `${probe.from} ${probe.to}`;
    this.#latest.delete(key);
    this.#latest.set(key, probe);
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= MAX_PAIRS) break;
      this.#latest.delete(oldest);
    }
    this.#passOn(probe);
  }

  get(from: string, to: string): PairProbe | undefined {
    return this.#latest.get(`${from} ${to}`);
  }

  /** All of them, sorted by pair. */
  all(): readonly PairProbe[] {
    return [...this.#latest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, probe]) => probe);
  }

  /** Forgets pairs of which a workload is gone. */
  keepOnly(workloads: Topology['workloads']): void {
    for (const [key, { from, to }] of this.#latest) {
      if (!Object.hasOwn(workloads, from) || !Object.hasOwn(workloads, to)) this.#latest.delete(key);
    }
  }
}
