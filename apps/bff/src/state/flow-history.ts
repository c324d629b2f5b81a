import type { IpAddress } from '@flatland/shared/address/ip';
import type { NodeReport } from '@flatland/shared/report/report';

/** How far back conversations are remembered. */
export const FLOW_MEMORY_MS = 3_600_000;
const MAX_FLOWS = 100_000;

/** Packets from one address of a domain to another, as one node counted them. */
export interface Flow {
  readonly domain: string;
  readonly from: IpAddress;
  readonly to: IpAddress;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeenMs: number;
}

interface Counted {
  flow: Flow;
  /** The agent's own counters at its last report; they begin anew when it does. */
  seen: { packets: number; bytes: number };
}

/** Who talked to whom in the last hour, from the counters that agents report. */
export class FlowHistory {
  readonly #flows = new Map<string, Counted>();
  readonly #nowMs: () => number;
  readonly #sinceMs: number;
  #prunedAtMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  /** From when on conversations are known. */
  observedSinceMs(): number {
    return Math.max(this.#sinceMs, this.#nowMs() - FLOW_MEMORY_MS);
  }

  note(report: NodeReport): void {
    for (const { domain, flows } of report.domains) {
      for (const { from, to, packets, bytes, lastSeenMs } of flows) {
        const key = `${domain} ${from} ${to} ${report.cluster}/${report.node}`;
        const known = this.#flows.get(key);
        if (known === undefined && this.#flows.size >= MAX_FLOWS) continue;
        const total = known?.flow ?? { packets: 0, bytes: 0 };
        const restarted = known === undefined || packets < known.seen.packets;
        this.#flows.set(key, {
          seen: { packets, bytes },
          flow: {
            domain,
            from,
            to,
            packets: total.packets + packets - (restarted ? 0 : known.seen.packets),
            bytes: total.bytes + bytes - (restarted ? 0 : known.seen.bytes),
            lastSeenMs,
          },
        });
      }
    }
    this.#prune();
  }

  /** Flows of the last hour in a domain that touch one of the addresses; each once, sorted. */
  touching(domain: string, addresses: ReadonlySet<IpAddress>): readonly Flow[] {
    const oldestMs = this.#nowMs() - FLOW_MEMORY_MS;
    const found = new Map<string, Flow>();
    for (const { flow } of this.#flows.values()) {
      if (flow.domain !== domain || flow.lastSeenMs < oldestMs || flow.packets === 0) continue;
      if (!addresses.has(flow.from) && !addresses.has(flow.to)) continue;
      const key = `${flow.from} ${flow.to}`;
      const known = found.get(key);
      // both ends' nodes count the same packets
      if (known === undefined || known.packets < flow.packets) found.set(key, flow);
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, flow]) => flow);
  }

  #prune(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#prunedAtMs < 60_000) return;
    this.#prunedAtMs = nowMs;
    for (const [key, { flow }] of this.#flows) {
      if (flow.lastSeenMs < nowMs - FLOW_MEMORY_MS) this.#flows.delete(key);
    }
  }
}
