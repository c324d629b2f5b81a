import type { NodeReport } from '@flatland/shared/report/report';
import type { Topology, WorkloadId } from '@flatland/shared/topology/topology';

/** Traffic from one workload to another within a domain. */
export interface WorkloadFlow {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
  readonly domain: string;
  readonly bytesPerSecond: number;
  readonly bytes: number;
  readonly lastSeenMs: number;
}

/**
 * Adds up the flows that agents report, by workload. A rate needs two reports of a node; with one it is 0.
 * A flow is seen by the nodes of both ends: the larger of the two counts.
 */
export function workloadFlows(
  topology: Topology,
  reports: Readonly<Record<string, NodeReport>>,
  earlier: Readonly<Record<string, NodeReport>>,
): WorkloadFlow[] {
  const owner = addressOwners(topology);
  const flows = new Map<string, WorkloadFlow>();
  for (const [node, report] of Object.entries(reports)) {
    const seconds = (report.atMs - (earlier[node]?.atMs ?? report.atMs)) / 1000;
    const seenHere = new Map<string, WorkloadFlow>();
    for (const domain of report.domains) {
      const before = new Map(
        earlier[node]?.domains
          .find((other) => other.domain === domain.domain)
          ?.flows.map((flow) => [`${flow.from}>${flow.to}`, flow.bytes]),
      );
      for (const flow of domain.flows) {
        const from = owner.get(`${domain.domain} ${flow.from}`);
        const to = owner.get(`${domain.domain} ${flow.to}`);
        if (from === undefined || to === undefined || from === to) continue;
        const grown = flow.bytes - (before.get(`${flow.from}>${flow.to}`) ?? flow.bytes);
        const key = `${from}>${to}|${domain.domain}`;
        const sum = seenHere.get(key);
        seenHere.set(key, {
          from,
          to,
          domain: domain.domain,
          bytes: (sum?.bytes ?? 0) + flow.bytes,
          bytesPerSecond: (sum?.bytesPerSecond ?? 0) + (seconds > 0 ? Math.max(0, grown) / seconds : 0),
          lastSeenMs: Math.max(sum?.lastSeenMs ?? 0, flow.lastSeenMs),
        });
      }
    }
    for (const [key, flow] of seenHere) {
      const other = flows.get(key);
      if (other === undefined || other.bytes < flow.bytes) flows.set(key, flow);
    }
  }
  return [...flows.values()].toSorted(
    (a, b) => compare(a.from, b.from) || compare(a.to, b.to) || compare(a.domain, b.domain),
  );
}

function addressOwners(topology: Topology): Map<string, WorkloadId> {
  const owner = new Map<string, WorkloadId>();
  for (const workload of Object.values(topology.workloads))
    for (const instance of workload.instances)
      for (const member of instance.members)
        for (const address of member.addresses) owner.set(`${member.domain} ${address}`, workload.id);
  return owner;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
