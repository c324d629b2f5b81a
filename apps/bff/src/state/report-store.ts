import type { NodeReport } from '@flatland/shared/report/report';
import type { Topology } from '@flatland/shared/topology/topology';

/** Reports of one node are passed on at most this often. */
export const PASS_ON_EVERY_MS = 500;

/** The last report of every node's agent. */
export class ReportStore {
  readonly #latest = new Map<string, NodeReport>();
  readonly #due = new Set<string>();
  readonly #passOn: (report: NodeReport) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(passOn: (report: NodeReport) => void) {
    this.#passOn = passOn;
  }

  put(report: NodeReport): void {
    const id = `${report.cluster}/${report.node}`;
    this.#latest.set(id, report);
    this.#due.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), PASS_ON_EVERY_MS);
  }

  /** All reports, sorted by node. */
  all(): readonly NodeReport[] {
    return [...this.#latest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, report]) => report);
  }

  /** Forgets nodes that are gone. */
  keepOnly(nodes: Topology['nodes']): void {
    for (const id of this.#latest.keys()) if (!Object.hasOwn(nodes, id)) this.#latest.delete(id);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    for (const id of this.#due) {
      const report = this.#latest.get(id);
      if (report !== undefined) this.#passOn(report);
    }
    this.#due.clear();
  }
}
