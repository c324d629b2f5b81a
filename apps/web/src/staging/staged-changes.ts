import type { Intent, NewDomain } from '@flatland/shared/intent/intent';
import type { Topology, WorkloadId } from '@flatland/shared/topology/topology';

/** What the staged intents do to the elements of the map. */
export interface StagedChanges {
  readonly joins: readonly StagedMember[];
  readonly leaves: readonly StagedMember[];
  readonly newDomains: readonly NewDomain[];
  readonly deletedDomains: readonly string[];
  readonly spans: readonly StagedSpan[];
  readonly unspans: readonly StagedSpan[];
  readonly binds: readonly { readonly mesh: string; readonly domain: string }[];
  readonly enrols: readonly { readonly workload: WorkloadId; readonly mesh: string }[];
}

export interface StagedMember {
  readonly workload: WorkloadId;
  readonly domain: string;
}

export interface StagedSpan {
  readonly cluster: string;
  readonly domain: string;
}

/** Spreads intents over the elements that they touch. */
export function stagedChanges(intents: readonly Intent[], topology: Topology): StagedChanges {
  const changes = {
    joins: [] as StagedMember[],
    leaves: [] as StagedMember[],
    newDomains: [] as NewDomain[],
    deletedDomains: [] as string[],
    spans: [] as StagedSpan[],
    unspans: [] as StagedSpan[],
    binds: [] as { mesh: string; domain: string }[],
    enrols: [] as { workload: WorkloadId; mesh: string }[],
  };
  for (const intent of intents)
    switch (intent.kind) {
      case 'join':
        changes.joins.push(intent);
        break;
      case 'join-namespace':
        for (const workload of Object.values(topology.workloads))
          if (workload.cluster === intent.cluster && workload.namespace === intent.namespace)
            changes.joins.push({ workload: workload.id, domain: intent.domain });
        break;
      case 'leave':
        changes.leaves.push(intent);
        break;
      case 'create-domain':
        changes.newDomains.push(intent.domain);
        for (const workload of intent.members) changes.joins.push({ workload, domain: intent.domain.name });
        break;
      case 'delete-domain':
        changes.deletedDomains.push(intent.domain);
        break;
      case 'span':
        changes.spans.push(intent);
        break;
      case 'unspan':
        changes.unspans.push(intent);
        break;
      case 'bind-mesh':
        changes.binds.push(intent);
        break;
      case 'enrol':
        changes.enrols.push(intent);
        break;
      // The map draws nothing of links and of objects as they are given.
      case 'link':
      case 'renew-link':
      case 'put-object':
      case 'delete-object':
        break;
    }
  return changes;
}
