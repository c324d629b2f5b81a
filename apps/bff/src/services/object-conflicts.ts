import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf } from '@flatland/kube/client/object';
import { getObject } from '@flatland/kube/client/objects';
import { mapLimited } from '@flatland/shared/map-limited';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { ObjectConflict } from '../api/change-set.ts';
import { PATIENCE } from '../executor/apply-step.ts';
import { contestedFields } from '../executor/chosen-fields.ts';
import { seenOf } from '../executor/seen-of.ts';
import { writableKind } from '../executor/writable-kinds.ts';
import type { ChangeSetRecord } from '../journal/change-set-record.ts';

/** Objects asked for at once. */
const MAX_PARALLEL = 4;
const CONTESTED = new Set(['changed-meanwhile', 'field-conflict']);

/**
 * The objects of a change set that somebody else changed, or owns a field of: as reviewed, as they are now, as the change
 * wants them. An object whose cluster does not answer is left out.
 */
export async function objectConflicts(
  record: ChangeSetRecord,
  client: (cluster: string) => KubeClient | undefined,
): Promise<ObjectConflict[]> {
  const found = await mapLimited(contestedSteps(record), MAX_PARALLEL, (step) =>
    conflictOf(step, { client: client(step.cluster), begun: record.state !== 'planned' }),
  );
  return found.filter((conflict) => conflict !== undefined);
}

/** Steps that a dry-run or an apply was refused for. */
function contestedSteps(record: ChangeSetRecord): PlanStep[] {
  const { plan, dryRun } = record.planned;
  const refused =
    record.state === 'planned'
      ? dryRun.flatMap((answer) =>
          answer.outcome === 'refused' && CONTESTED.has(answer.refusal.code) ? answer.stepId : [],
        )
      : record.steps.flatMap(({ ordinal, state, refusal }) =>
          state === 'failed' && CONTESTED.has(refusal?.code ?? '') ? (plan.steps[ordinal]?.id ?? []) : [],
        );
  return plan.steps.filter((step) => refused.includes(step.id));
}

async function conflictOf(
  step: PlanStep,
  { client, begun }: { readonly client: KubeClient | undefined; readonly begun: boolean },
): Promise<ObjectConflict | undefined> {
  const type = writableKind(step.object.kind);
  if (client === undefined || type === undefined) return undefined;
  const live = await getObject<KubernetesObject>(client, type, { ...refOf(step.object), ...PATIENCE });
  const about = { stepId: step.id, object: step.object };
  if (!live.ok)
    return live.error.kind === 'notFound' ? { ...about, seen: '', fields: [], choosable: false } : undefined;
  const isSame = step.action === 'create' || live.value.metadata.uid === step.live?.uid;
  const isReviewed = stableYaml(managedFields(live.value)) === step.before;
  // A draft over an object that changed is planned again: its review would show what is not so any more.
  const choosable = step.action !== 'delete' && isSame && (begun || isReviewed);
  return { ...about, seen: seenOf(live.value), fields: contestedFields(step, live.value), choosable };
}
