import { text } from '../topology/facts/json.ts';
import { workloadLabel } from '../topology/ids.ts';
import type { Topology, WorkloadId } from '../topology/topology.ts';
import type { Effect, PlanStep } from './plan.ts';

/** One sentence that says what a plan does, for people: "reporting will reach 5 more members, 5 more will reach it; no pod restarts". */
export function planSentence(steps: readonly PlanStep[], effect: Effect, topology: Topology): string {
  if (steps.length === 0) return 'Nothing changes';
  const restarts =
    effect.restarts.length === 0 ? 'no pod restarts' : `${effect.restarts.length} workloads restart`;
  const parts = [
    pairsSentence('more', effect.gained, topology),
    pairsSentence('fewer', effect.lost, topology),
  ].filter((part) => part !== '');
  const links = linksSentence(steps);
  if (links !== '') parts.push(links);
  const nObjects = steps.filter((step) => step.token === undefined).length;
  if (parts.length === 0)
    parts.push(
      `${nObjects} ${nObjects === 1 ? 'object changes' : 'objects change'}, nobody reaches more or fewer members`,
    );
  return `${parts.join('; ')}; ${restarts}`;
}

/** Which clusters begin to learn of each other's nodes, or get a new token for it. */
function linksSentence(steps: readonly PlanStep[]): string {
  const made = steps.filter((step) => step.action === 'create' && step.object.kind === 'ClusterLink');
  const pairs = (all: readonly PlanStep[]) => [
    ...new Set(
      all.map((step) =>
        [step.cluster, step.token?.issuer ?? step.object.name.replace(/\.push$/, '')]
          .toSorted()
          .join(' and '),
      ),
    ),
  ];
  const renewed = steps.filter(
    (step) =>
      step.action === 'mint' &&
      !made.some(
        ({ cluster, manifest }) =>
          cluster === step.cluster && text(manifest, '', 'spec', 'secretKey') === step.token?.key,
      ),
  );
  return [
    ...pairs(made).map((pair) => `${pair} are linked`),
    ...renewed.map((step) => `${step.cluster} gets a new token for ${step.token?.issuer}`),
  ].join(', ');
}

function pairsSentence(direction: 'more' | 'fewer', pairs: Effect['gained'], topology: Topology): string {
  if (pairs.length === 0) return '';
  const subjects = commonEnds(pairs);
  const subject = subjects[0];
  if (subject === undefined)
    return `${pairs.length} pairs of workloads ${direction === 'more' ? 'will' : 'will no longer'} reach each other`;
  const name =
    subjects.length === 1
      ? displayName(subject, topology)
      : subjects.map((id) => displayName(id, topology)).join(' and ');
  if (subjects.length > 1)
    return `${name} ${direction === 'more' ? 'will' : 'will no longer'} reach each other`;
  const out = nMembers(
    pairs.filter((pair) => pair.from === subject).map((pair) => pair.to),
    topology,
  );
  const into = nMembers(
    pairs.filter((pair) => pair.to === subject).map((pair) => pair.from),
    topology,
  );
  return `${name} will reach ${out} ${direction} ${out === 1 ? 'member' : 'members'}, ${into} ${direction} will reach it`;
}

/** Workloads that are an end of every pair: one subject, or both ends of a single pair. */
function commonEnds(pairs: Effect['gained']): WorkloadId[] {
  const [first] = pairs;
  return first === undefined
    ? []
    : [first.from, first.to]
        .filter((end) => pairs.every((pair) => pair.from === end || pair.to === end))
        .toSorted();
}

function nMembers(ids: readonly WorkloadId[], topology: Topology): number {
  return ids.reduce((sum, id) => sum + (topology.workloads[id]?.instances.length ?? 0), 0);
}

function displayName(id: WorkloadId, topology: Topology): string {
  const name = topology.workloads[id]?.name ?? id;
  const sameName = Object.values(topology.workloads).filter((workload) => workload.name === name);
  return sameName.length > 1 ? workloadLabel(id) : name;
}
