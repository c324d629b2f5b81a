import type { IpAddress } from '@flatland/shared/address/ip';
import type { Topology, WorkloadId } from '@flatland/shared/topology/topology';
import type { LastHour } from '../api/console.ts';
import type { FlowHistory } from '../state/flow-history.ts';

/** Conversations of the last hour that would be cut if a workload left a domain; newest first. */
export function lastHour(
  question: { workload: WorkloadId; domain: string },
  topology: Topology,
  history: FlowHistory,
): LastHour {
  const owners = addressesIn(topology, question.domain);
  const own = new Set([...owners].filter(([, id]) => id === question.workload).map(([address]) => address));
  const conversations = history.touching(question.domain, own).flatMap((flow) => {
    const [from, to] = [owners.get(flow.from), owners.get(flow.to)];
    if (from === undefined || to === undefined) return [];
    const { packets, bytes, lastSeenMs } = flow;
    return [{ from, to, fromAddress: flow.from, toAddress: flow.to, packets, bytes, lastSeenMs }];
  });
  return {
    conversations: conversations.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs),
    observedSinceMs: history.observedSinceMs(),
  };
}

function addressesIn(topology: Topology, domain: string): Map<IpAddress, WorkloadId> {
  const owners = new Map<IpAddress, WorkloadId>();
  for (const { id, instances } of Object.values(topology.workloads)) {
    for (const member of instances.flatMap((instance) => instance.members)) {
      if (member.domain !== domain) continue;
      for (const address of member.addresses) owners.set(address, id);
    }
  }
  return owners;
}
