import { sameTunnels, tunnelsOf, type Tunnels } from '@flatland/shared/reachability/tunnels';
import type { NodeReport } from '@flatland/shared/report/report';
import type { Topology } from '@flatland/shared/topology/topology';

/** Reports of one node are passed on at most this often. */
export const PASS_ON_EVERY_MS = 500;

export interface ReportStoreOptions {
  /** Passes a report on to people. */
  readonly passOn: (report: NodeReport) => void;
  /** The ways between nodes are no longer what they were. */
  readonly onTunnels: () => void;
}

/** The last report of every node's agent. */
export class ReportStore {
  readonly #latest = new Map<string, NodeReport>();
  readonly #due = new Set<string>();
  readonly #options: ReportStoreOptions;
  #tunnels: Tunnels | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReportStoreOptions) {
    this.#options = options;
  }

  put(report: NodeReport): void {
    const id = `${report.cluster}/${report.node}`;
    const before = this.#latest.get(id);
    this.#latest.set(id, report);
    this.#due.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), PASS_ON_EVERY_MS);
    if (!sameTunnels(before, report)) this.#forgetTunnels();
  }

  /** The ways between nodes by all reports; the same object until one of them changes. */
  tunnels(): Tunnels {
    return (this.#tunnels ??= tunnelsOf(this.#latest.values()));
  }

  /** All reports, sorted by node. */
  all(): readonly NodeReport[] {
    return [...this.#latest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, report]) => report);
  }

  /** Forgets nodes that are gone. */
  keepOnly(nodes: Topology['nodes']): void {
    const gone = [...this.#latest.keys()].filter((id) => !Object.hasOwn(nodes, id));
    for (const id of gone) this.#latest.delete(id);
    if (gone.length > 0) this.#forgetTunnels();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #forgetTunnels(): void {
    this.#tunnels = undefined;
    this.#options.onTunnels();
  }

  #flush(): void {
    this.#timer = undefined;
    for (const id of this.#due) {
      const report = this.#latest.get(id);
      if (report !== undefined) this.#options.passOn(report);
    }
    this.#due.clear();
  }
}
