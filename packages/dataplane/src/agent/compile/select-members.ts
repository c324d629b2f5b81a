import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { RefusedMember } from '@flatland/shared/model/member-slice';
import type { Membership, WorkloadKind } from '@flatland/shared/model/membership';
import type { DomainName, NamespaceName, ObjectName } from '@flatland/shared/model/names';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { clusterRanges } from '@flatland/shared/topology/facts/cluster-ranges';
import { text } from '@flatland/shared/topology/facts/json';
import { selectorMatches } from '@flatland/shared/topology/facts/label-selector';
import type { PodFacts } from '@flatland/shared/topology/facts/pod-facts';
import { controllerOf } from '@flatland/shared/topology/facts/pod-facts';
import { workloadOfPod } from '@flatland/shared/topology/facts/workload-facts';
import { ruleClaims, ruleMembership } from '@flatland/shared/topology/membership-rules';
import { compareText } from './compare-text.ts';

/** A pod of this node with the workload that it is an instance of. */
export interface NodePod {
  readonly pod: PodFacts;
  readonly workload: { readonly kind: WorkloadKind; readonly name: string };
}

/** Who shall be a member of what on this node, and who is refused. Sorted by domain and pod uid. */
export interface Selection {
  readonly wanted: readonly (NodePod & { readonly domain: DomainName })[];
  readonly refused: readonly { readonly domain: DomainName; readonly member: RefusedMember }[];
}

/** Runtime classes whose sandboxes do not take interfaces while they run. */
const SANDBOXES_WITHOUT_HOTPLUG = /^(gvisor|kata|runsc)/;

/** The node's pods that have not ended, sorted by uid. */
export function nodePods(facts: ClusterFacts, node: string): NodePod[] {
  const deployments = new Map(
    (facts.byKind.get('ReplicaSet') ?? []).flatMap((replicaSet) => {
      const owner = controllerOf(replicaSet);
      const key = `${replicaSet.metadata.namespace}/${replicaSet.metadata.name}`;
      return owner?.kind === 'Deployment' ? [[key, owner.name] as const] : [];
    }),
  );
  return facts.pods
    .filter(
      (pod) => pod.node === node && pod.uid !== '' && pod.phase !== 'Succeeded' && pod.phase !== 'Failed',
    )
    .map((pod) => ({
      pod,
      workload: workloadOfPod(pod, (namespace, name) => deployments.get(`${namespace}/${name}`)),
    }))
    .toSorted((a, b) => compareText(a.pod.uid, b.pod.uid));
}

/**
 * Applies the rules of memberships to the node's pods. The Memberships' own rules are those of the
 * console (`ruleMembership`, `ruleClaims`); here they are enforced.
 */
export function selectMembers(facts: ClusterFacts, pods: readonly NodePod[]): Selection {
  const { cluster } = facts.snapshot;
  const ranges = clusterRanges(facts.byKind);
  const domains = new Map(facts.domains.map((domain) => [domain.metadata.name, domain]));
  const byNamespace = Map.groupBy(facts.memberships, (entry) => entry.metadata.namespace ?? 'default');
  const rulings = new Map(
    facts.memberships.map((membership) => [
      membership,
      ruleMembership(membership, { cluster, domain: domains.get(membership.spec.domain), ranges }),
    ]),
  );
  const wanted: Selection['wanted'][number][] = [];
  const refused: Selection['refused'][number][] = [];
  const runtimeClasses = runtimeClassesByUid(facts.byKind.get('Pod') ?? []);
  for (const { pod, workload } of pods) {
    const chosen = (byNamespace.get(pod.namespace) ?? []).filter((membership) =>
      selects(membership, pod, workload),
    );
    const claims = chosen.flatMap((membership) => {
      const domain = domains.get(membership.spec.domain);
      return domain !== undefined && rulings.get(membership)?.refusal === undefined
        ? [{ membership, domain }]
        : [];
    });
    const claimRulings = ruleClaims(claims, { cluster, hostNetwork: pod.hostNetwork, name: pod.name });
    const answers = new Map<DomainName, Refusal | undefined>();
    const answer = (membership: Membership, refusal: Refusal | undefined) => {
      const { domain } = membership.spec;
      if (!answers.has(domain) || refusal === undefined) answers.set(domain, refusal);
    };
    for (const membership of chosen) {
      const refusal = rulings.get(membership)?.refusal;
      if (refusal !== undefined) answer(membership, refusal);
    }
    for (const [index, claim] of claims.entries())
      answer(claim.membership, claimRulings[index]?.refusal ?? sandboxRefusal(pod, runtimeClasses));
    for (const [domain, refusal] of answers) {
      if (refusal === undefined) wanted.push({ pod, workload, domain });
      else refused.push({ domain, member: refusedMember({ pod, workload }, refusal) });
    }
  }
  const order = (domain: string, uid: string) => `${domain} ${uid}`;
  return {
    wanted: wanted.toSorted((a, b) => compareText(order(a.domain, a.pod.uid), order(b.domain, b.pod.uid))),
    refused: refused.toSorted((a, b) =>
      compareText(order(a.domain, a.member.pod.uid), order(b.domain, b.member.pod.uid)),
    ),
  };
}

/** A refusal as MemberSlices carry it. */
export function refusedMember({ pod, workload }: NodePod, refusal: Refusal): RefusedMember {
  return {
    pod: { namespace: pod.namespace as NamespaceName, name: pod.name as ObjectName, uid: pod.uid },
    workload: { kind: workload.kind, name: workload.name as ObjectName },
    reason: refusal.code,
    message: refusal.detail,
  };
}

function selects(membership: Membership, pod: PodFacts, workload: NodePod['workload']): boolean {
  const { workload: named, selector } = membership.spec;
  if (named !== undefined) return named.kind === workload.kind && named.name === workload.name;
  return selector !== undefined && selectorMatches(selector, pod.labels);
}

function sandboxRefusal(pod: PodFacts, runtimeClasses: ReadonlyMap<string, string>): Refusal | undefined {
  const runtimeClass = runtimeClasses.get(pod.uid) ?? '';
  if (!SANDBOXES_WITHOUT_HOTPLUG.test(runtimeClass)) return undefined;
  return { code: 'unsupported-sandbox', detail: `${pod.name} runs with runtime class ${runtimeClass}` };
}

function runtimeClassesByUid(pods: readonly KubernetesObject[]): Map<string, string> {
  return new Map(pods.map((pod) => [pod.metadata.uid ?? '', text(pod, '', 'spec', 'runtimeClassName')]));
}
