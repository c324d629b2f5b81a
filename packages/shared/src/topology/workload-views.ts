import type { NodeName, NamespaceName } from '../model/names.ts';
import { NSM_ANNOTATION } from '../model/nsm-annotation.ts';
import { networkPolicies } from './cluster-views.ts';
import type { ClusterFacts } from './facts/cluster-facts.ts';
import { text } from './facts/json.ts';
import { selectorMatches } from './facts/label-selector.ts';
import type { PodFacts } from './facts/pod-facts.ts';
import type { WorkloadFacts } from './facts/workload-facts.ts';
import { workloadId } from './ids.ts';
import type { InstanceView, WorkloadDomain, WorkloadId, WorkloadView } from './topology.ts';

/** A cluster's workloads with their instances, and what the agents programmed for each. */
export function workloadViews(
  facts: ClusterFacts,
  workloads: readonly WorkloadFacts[],
  domainsOf: ReadonlyMap<WorkloadId, readonly WorkloadDomain[]>,
): WorkloadView[] {
  const programmed = programmedByPod(facts);
  const policies = Map.groupBy(networkPolicies(facts), (policy) => policy.namespace);
  const namespaces = new Map(
    (facts.byKind.get('Namespace') ?? []).map((object) => [
      object.metadata.name,
      text(object, '', 'metadata', 'annotations', NSM_ANNOTATION),
    ]),
  );
  const { cluster } = facts.snapshot;
  return workloads.map((workload): WorkloadView => {
    const id = workloadId({ cluster, ...workload });
    const instances = workload.pods.map((pod) => instanceView(pod, programmed.get(pod.uid)));
    return {
      id,
      cluster,
      namespace: workload.namespace as NamespaceName,
      kind: workload.kind,
      name: workload.name,
      labels: workload.labels,
      replicas: { desired: workload.desired, ready: instances.filter((instance) => instance.ready).length },
      hostNetwork: workload.hostNetwork,
      serviceAccount: workload.serviceAccount,
      ...nsmAnnotation(workload.nsmAnnotation, namespaces.get(workload.namespace) ?? ''),
      networkPolicies: (policies.get(workload.namespace) ?? [])
        .filter((policy) => selectorMatches({ matchLabels: policy.matchLabels }, workload.labels))
        .map((policy) => policy.name),
      instances,
      domains: domainsOf.get(id) ?? [],
    };
  });
}

function nsmAnnotation(own: string, ofNamespace: string): Pick<WorkloadView, 'nsmAnnotation'> {
  if (own !== '') return { nsmAnnotation: { text: own, from: 'workload' } };
  return ofNamespace === '' ? {} : { nsmAnnotation: { text: ofNamespace, from: 'namespace' } };
}

type Programmed = Pick<InstanceView, 'members' | 'refused'>;

function programmedByPod(facts: ClusterFacts): Map<string, Programmed> {
  const members = new Map<string, InstanceView['members'][number][]>();
  const refused = new Map<string, InstanceView['refused'][number][]>();
  for (const { spec } of facts.memberSlices) {
    for (const member of spec.members)
      append(members, member.pod.uid, {
        domain: spec.domain,
        addresses: member.addresses,
        dnsNames: member.dnsNames,
      });
    for (const member of spec.refused)
      append(refused, member.pod.uid, {
        domain: spec.domain,
        reason: member.reason,
        message: member.message,
      });
  }
  const uids = new Set([...members.keys(), ...refused.keys()]);
  return new Map(
    [...uids].map((uid) => [
      uid,
      { members: byDomain(members.get(uid) ?? []), refused: byDomain(refused.get(uid) ?? []) },
    ]),
  );
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const group = map.get(key);
  if (group) group.push(value);
  else map.set(key, [value]);
}

function byDomain<Entry extends { readonly domain: string }>(entries: Entry[]): Entry[] {
  return entries.toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
}

function instanceView(pod: PodFacts, programmed: Programmed | undefined): InstanceView {
  return {
    name: pod.name,
    uid: pod.uid,
    node: pod.node as NodeName | '',
    phase: pod.terminating ? 'Terminating' : pod.phase,
    ready: pod.ready && !pod.terminating,
    restarts: pod.restarts,
    podAddresses: pod.podAddresses,
    members: programmed?.members ?? [],
    refused: programmed?.refused ?? [],
  };
}
