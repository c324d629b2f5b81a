import type { Intent } from '../intent/intent.ts';
import { stableYaml } from '../manifest/stable-yaml.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { refusalText, type Refusal } from '../reason/reasons.ts';
import { text } from '../topology/facts/json.ts';
import { buildTopology } from '../topology/build-topology.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import type { Topology } from '../topology/topology.ts';
import { applyToSnapshot } from './apply-to-snapshot.ts';
import { compileIntent } from './compile-intent.ts';
import { diffFields } from './diff-fields.ts';
import { effectBetween } from './effect.ts';
import { gitOwner } from './git-owner.ts';
import { managedAfter, managedFields } from './managed-fields.ts';
import { objectKey, objectRef } from './object-key.ts';
import { orderSteps } from './order-steps.ts';
import type { Plan, PlanStep } from './plan.ts';
import { tokenSteps } from './token-steps.ts';
import { planSentence } from './sentence.ts';
import { planWarnings } from './warnings.ts';
import { createWorkingSet, type Edit, type WorkingSet } from './working-set.ts';

/** What to plan over. `before` is the snapshot's topology where it is there already. */
export interface PlanInput {
  readonly snapshot: Snapshot;
  readonly intents: readonly Intent[];
  readonly before?: Topology;
}

/**
 * Turns intents into a plan: objects to apply and delete, their diff against live, the order, and who
 * gains and loses reach. A pure function: the same clusters and intents give the same bytes, and
 * planning again after applying gives no steps.
 */
export function planChange(input: PlanInput): Plan {
  const before = input.before ?? buildTopology(input.snapshot);
  const set = createWorkingSet(input.snapshot, before);
  for (const intent of input.intents) compileIntent(intent, set);
  const objects = [...set.edits.values()].flatMap((edit) => planStep(edit, set) ?? []);
  const after = buildTopology(applyToSnapshot(input.snapshot, objects));
  const steps = orderSteps([...objects, ...tokenSteps(objects, set)], after.domains);
  const effect = effectBetween(before, after);
  return {
    intents: input.intents,
    steps,
    effect,
    sentence: planSentence(steps, effect, after),
    warnings: planWarnings(steps, before, after),
    refusals: uniqueRefusals([
      ...set.refusals,
      ...outcomeRefusals(steps, after),
      ...exportOnly(steps, after),
    ]),
  };
}

function planStep(edit: Edit, set: WorkingSet): PlanStep | undefined {
  const live = set.live(edit.cluster, edit.object);
  if (edit.remove) return live && deletion(edit, live);
  const after = live ? managedAfter(live, edit.object) : managedFields(edit.object);
  const before = live && managedFields(live);
  const diff = diffFields(before, after);
  if (diff.length === 0) return undefined;
  return {
    ...identity(edit, live),
    action: live ? 'update' : 'create',
    manifest: managedFields(edit.object),
    before: before ? stableYaml(before) : '',
    after: stableYaml(after),
    diff,
  };
}

function deletion(edit: Edit, live: KubernetesObject): PlanStep {
  const before = managedFields(live);
  return {
    ...identity(edit, live),
    action: 'delete',
    before: stableYaml(before),
    after: '',
    diff: diffFields(before, undefined),
  };
}

function identity(
  edit: Edit,
  live: KubernetesObject | undefined,
): Pick<PlanStep, 'id' | 'cluster' | 'object' | 'live' | 'git'> {
  const { uid, resourceVersion } = live?.metadata ?? {};
  const git = live && gitOwner(live);
  return {
    id: objectKey(edit.cluster, edit.object),
    cluster: edit.cluster,
    object: objectRef(edit.cluster, edit.object),
    ...(uid !== undefined && resourceVersion !== undefined && { live: { uid, resourceVersion } }),
    ...(git !== undefined && { git }),
  };
}

/** A Membership that the plan writes and that would not count afterwards refuses the plan. */
function outcomeRefusals(steps: readonly PlanStep[], after: Topology): Refusal[] {
  return steps.flatMap(({ object, action }) => {
    if (object.kind !== 'Membership' || action === 'delete') return [];
    const view = after.memberships[`${object.cluster}/${object.namespace}/${object.name}`];
    if (view?.refusal) return [view.refusal];
    return (view?.workloads ?? []).flatMap(
      (id) => after.workloads[id]?.domains.find((entry) => entry.membership === view?.id)?.refusal ?? [],
    );
  });
}

/** What Network Service Mesh should carry is exported, never applied; taking it away may be. */
function exportOnly(steps: readonly PlanStep[], after: Topology): Refusal[] {
  return steps.flatMap(({ object, action, manifest }) => {
    if (action === 'delete') return [];
    const domain =
      object.kind === 'Domain'
        ? object.name
        : object.kind === 'Membership'
          ? text(manifest, '', 'spec', 'domain')
          : undefined;
    if (domain === undefined || after.domains[domain]?.target !== 'nsm') return [];
    return [{ code: 'nsm-export-only' as const, detail: `the target of ${domain} is nsm` }];
  });
}

function uniqueRefusals(refusals: readonly Refusal[]): Refusal[] {
  return [...new Map(refusals.map((refusal) => [refusalText(refusal), refusal])).values()].toSorted((a, b) =>
    refusalText(a) < refusalText(b) ? -1 : 1,
  );
}
