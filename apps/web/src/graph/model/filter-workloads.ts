import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { Topology, WorkloadId, WorkloadView } from '@flatland/shared/topology/topology';
import type { StagedChanges } from '../../staging/staged-changes.ts';
import { refOf } from './element-key.ts';
import type { GraphFilter } from './graph-input.ts';
import type { HiddenCounts } from './graph-model.ts';
import { memberState, type ProbesOf } from './member-state.ts';

/** True for namespaces of Kubernetes and of Flatland itself. */
export function isSystem(namespace: string): boolean {
  return SYSTEM_NAMESPACES.has(namespace);
}

const SYSTEM_NAMESPACES = new Set<string>([
  SYSTEM_NAMESPACE,
  'kube-system',
  'kube-public',
  'kube-node-lease',
]);

/** The workloads that a filter leaves, and how many it hides. What is staged is never hidden. */
export function filterWorkloads(
  topology: Topology,
  staged: StagedChanges,
  probes: ProbesOf,
  filter: GraphFilter,
): { readonly shown: readonly WorkloadView[]; readonly hidden: HiddenCounts } {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const touched = new Set<WorkloadId>(
    [...staged.joins, ...staged.leaves, ...staged.enrols].map((change) => change.workload),
  );
  const inFocus = focused(topology, filter);
  const shown: WorkloadView[] = [];
  let filtered = 0;
  let system = 0;
  for (const workload of Object.values(topology.workloads)) {
    const wanted =
      words.every((word) => haystack(workload).includes(word)) &&
      (filter.domains.length === 0 ||
        workload.domains.some((entry) => filter.domains.includes(entry.domain))) &&
      (inFocus === undefined || inFocus.has(workload.id)) &&
      (!filter.onlyTrouble || inTrouble(workload, probes));
    if (touched.has(workload.id)) shown.push(workload);
    else if (isSystem(workload.namespace) && !filter.showSystem) system++;
    else if (wanted) shown.push(workload);
    else filtered++;
  }
  return { shown, hidden: { filtered, system } };
}

/** True where a membership failed or packets disagree with the verdict. */
export function inTrouble(workload: WorkloadView, probes: ProbesOf): boolean {
  return workload.domains.some((entry) => {
    const { kind } = memberState(workload, entry.domain, probes);
    return kind === 'failed' || kind === 'disagrees';
  });
}

function haystack(workload: WorkloadView): string {
  const domains = workload.domains.map((entry) => entry.domain).join(' ');
  return `${workload.name} ${workload.namespace} ${workload.cluster} ${workload.kind} ${domains}`.toLowerCase();
}

/** The workloads of the focused element, and those that they share a domain with. */
function focused(topology: Topology, filter: GraphFilter): ReadonlySet<WorkloadId> | undefined {
  const ref = filter.focus === undefined ? undefined : refOf(filter.focus);
  if (ref === undefined) return undefined;
  const all = Object.values(topology.workloads);
  if (ref.type === 'domain')
    return new Set(
      all
        .filter((workload) => workload.domains.some((entry) => entry.domain === ref.id))
        .map((workload) => workload.id),
    );
  if (ref.type === 'cluster')
    return new Set(all.filter((workload) => workload.cluster === ref.id).map((workload) => workload.id));
  const center = topology.workloads[ref.id];
  if (ref.type !== 'workload' || center === undefined) return undefined;
  const domains = new Set(center.domains.map((entry) => entry.domain));
  return new Set(
    all
      .filter(
        (workload) =>
          workload.id === center.id || workload.domains.some((entry) => domains.has(entry.domain)),
      )
      .map((workload) => workload.id),
  );
}
