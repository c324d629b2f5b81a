import type { IpAddress } from '../../address/ip.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { zMemberPort, type MemberPort } from '../../model/member-slice.ts';
import { NSM_ANNOTATION } from '../../model/nsm-annotation.ts';
import { memoized } from './memoized.ts';
import { addresses, count, field, list, stringMap, text } from './json.ts';

/** What Flatland needs of a Pod. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly restarts: number;
  readonly podAddresses: readonly IpAddress[];
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  /** Its annotation for Network Service Mesh; empty where there is none. */
  readonly nsmAnnotation: string;
  /** Named ports of its containers, sorted by name. */
  readonly ports: readonly MemberPort[];
  readonly owner: OwnerFacts | undefined;
}

/** An object's controlling owner. */
export interface OwnerFacts {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Facts of a Pod object, whatever its form. */
export const podFacts: (pod: KubernetesObject) => PodFacts = memoized((pod) => ({
  namespace: pod.metadata.namespace ?? 'default',
  name: pod.metadata.name,
  uid: pod.metadata.uid ?? '',
  labels: stringMap(pod, 'metadata', 'labels'),
  node: text(pod, '', 'spec', 'nodeName'),
  phase: text(pod, 'Unknown', 'status', 'phase'),
  ready: list(pod, 'status', 'conditions').some(
    (condition) => field(condition, 'type') === 'Ready' && field(condition, 'status') === 'True',
  ),
  terminating: pod.metadata.deletionTimestamp !== undefined,
  restarts: list(pod, 'status', 'containerStatuses').reduce<number>(
    (sum, status) => sum + count(status, 0, 'restartCount'),
    0,
  ),
  podAddresses: addresses([
    ...list(pod, 'status', 'podIPs').map((entry) => field(entry, 'ip')),
    ...(list(pod, 'status', 'podIPs').length === 0 ? [field(pod, 'status', 'podIP')] : []),
  ]),
  hostNetwork: field(pod, 'spec', 'hostNetwork') === true,
  serviceAccount: text(pod, 'default', 'spec', 'serviceAccountName'),
  nsmAnnotation: text(pod, '', 'metadata', 'annotations', NSM_ANNOTATION),
  ports: namedPorts(pod),
  owner: controllerOf(pod),
}));

/** A pod has no more than so many named ports that matter. */
const MAX_PORTS = 16;

function namedPorts(pod: KubernetesObject): MemberPort[] {
  const byName = new Map<string, MemberPort>();
  for (const entry of list(pod, 'spec', 'containers').flatMap((container) => list(container, 'ports'))) {
    const port = zMemberPort.safeParse({
      name: field(entry, 'name'),
      protocol: text(entry, 'TCP', 'protocol'),
      port: field(entry, 'containerPort'),
    });
    if (port.success) byName.set(port.data.name, byName.get(port.data.name) ?? port.data);
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MAX_PORTS);
}

/** The owner reference that has `controller: true`. */
export function controllerOf(object: KubernetesObject): OwnerFacts | undefined {
  const owner = list(object, 'metadata', 'ownerReferences').find(
    (reference) => field(reference, 'controller') === true,
  );
  return owner === undefined
    ? undefined
    : { kind: text(owner, '', 'kind'), name: text(owner, '', 'name'), uid: text(owner, '', 'uid') };
}
