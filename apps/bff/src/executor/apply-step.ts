import type { KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, deleteObject, getObject } from '@flatland/kube/client/objects';
import type { KubeError } from '@flatland/kube/client/error';
import type { Resource } from '@flatland/kube/client/resource';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { stampChangeSet } from '@flatland/shared/manifest/stamp-change-set';
import {
  CHANGE_SET_ANNOTATION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { Result } from '@flatland/shared/result';
import type { FieldConflict } from '../api/change-set.ts';
import { conflictsOf, isAway, refusalOf } from './refusal-of.ts';
import { writableKind } from './writable-kinds.ts';

/** The field manager of everything that the console applies. */
export const FIELD_MANAGER = 'flatland-console';

/** One step and what it may do. */
export interface StepOrder {
  readonly changeSetId: string;
  readonly step: PlanStep;
  /** Fields that the person takes over from their managers; no other is ever forced. */
  readonly takeOver: Pick<ReadonlySet<string>, 'has'>;
  readonly dryRun: boolean;
}

/** What came of one try of a step. */
export type StepOutcome =
  | { readonly kind: 'applied' }
  /** Nobody answered: whether it was done is seen at the next try. */
  | { readonly kind: 'away'; readonly refusal: Refusal }
  | { readonly kind: 'failed'; readonly refusal: Refusal; readonly conflicts: readonly FieldConflict[] };

/** A cluster that does not answer soon is away: the step waits for it, rather than the person for the step. */
export const PATIENCE = { maxTries: 2, timeoutMs: 5000 } as const;
/** Somebody else may write the object's status between our read and our write; their content stays the same. */
const MAX_RACES = 30;

/**
 * Does one step, if the object still is what the plan saw. Safe to repeat: a step that was done before is seen to
 * be done. What is sent is the plan's manifest with the change set's id, and uid and resourceVersion as preconditions.
 */
export async function applyStep(client: KubeClient, order: StepOrder): Promise<StepOutcome> {
  const type = writableKind(order.step.object.kind);
  if (type === undefined) {
    return failed({
      code: 'invalid-object',
      detail: `${order.step.object.kind} is no kind that Flatland writes`,
    });
  }
  for (let race = 1; ; race++) {
    const outcome = await tryStep({ client, type, order });
    if (outcome !== 'raced') return outcome;
    if (race === MAX_RACES) return failed(changed(order, 'is written again and again'));
  }
}

interface Try {
  readonly client: KubeClient;
  readonly type: Resource;
  readonly order: StepOrder;
}

async function tryStep(attempt: Try): Promise<StepOutcome | 'raced'> {
  const { client, type, order } = attempt;
  const { name, namespace } = order.step.object;
  const ref = namespace === undefined ? { name } : { name, namespace };
  const live = await getObject<KubernetesObject>(client, type, { ...ref, ...PATIENCE });
  if (live.ok) return meet(attempt, live.value);
  if (live.error.kind !== 'notFound') return outcomeOf(live.error);
  if (order.step.action === 'delete') return { kind: 'applied' };
  if (order.step.action === 'update') return failed(changed(order, 'was deleted'));
  return send(attempt, undefined);
}

/** The object is there: does the step still fit it? */
function meet(attempt: Try, live: KubernetesObject): StepOutcome | Promise<StepOutcome | 'raced'> {
  const { order } = attempt;
  const { step } = order;
  const isOurs = live.metadata.annotations?.[CHANGE_SET_ANNOTATION] === order.changeSetId;
  if (step.action !== 'delete' && isOurs) return { kind: 'applied' };
  const content = stableYaml(managedFields(live));
  if (step.action === 'create') {
    return content === step.after
      ? send(attempt, live)
      : failed(changed(order, 'was created by somebody else'));
  }
  if (live.metadata.uid !== step.live?.uid) return failed(changed(order, 'was deleted and made anew'));
  if (step.action === 'delete') {
    if (live.metadata.deletionTimestamp !== undefined) return { kind: 'applied' };
    if (live.metadata.labels?.[OWNER_LABEL] !== OWNER_LABEL_VALUE) {
      return failed({ code: 'unowned-object', detail: nameOf(order) });
    }
  }
  if (content !== step.before) return failed(changed(order, 'was edited'));
  return step.action === 'delete' ? remove(attempt, live) : send(attempt, live);
}

async function send(attempt: Try, live: KubernetesObject | undefined): Promise<StepOutcome | 'raced'> {
  const { order } = attempt;
  const object = manifestToSend(order, live);
  const answer = await applyOnce(attempt, object, false);
  if (answer.ok) return { kind: 'applied' };
  const conflicts = conflictsOf(answer.error);
  if (conflicts.length === 0) return isRace(answer.error) ? 'raced' : outcomeOf(answer.error);
  if (!conflicts.every(({ field }) => order.takeOver.has(field))) {
    return { kind: 'failed', refusal: refusalOf(answer.error), conflicts };
  }
  const forced = await applyOnce(attempt, object, true);
  if (forced.ok) return { kind: 'applied' };
  return isRace(forced.error) ? 'raced' : outcomeOf(forced.error);
}

/** What is sent for a step: the reviewed manifest, the change set's id, and preconditions where an object is there. */
export function manifestToSend(order: StepOrder, live: KubernetesObject | undefined): KubernetesObject {
  const { manifest } = order.step;
  if (manifest === undefined) throw new Error('a step that writes has a manifest');
  const stamped = stampChangeSet(manifest, order.changeSetId);
  if (live === undefined) return stamped;
  const { uid, resourceVersion } = live.metadata;
  return { ...stamped, metadata: { ...stamped.metadata, uid, resourceVersion } };
}

function applyOnce(
  { client, type, order }: Try,
  object: KubernetesObject,
  force: boolean,
): Promise<Result<unknown, KubeError>> {
  return applyObject(client, type, {
    ...PATIENCE,
    object: object as Parameters<typeof applyObject>[2]['object'],
    fieldManager: FIELD_MANAGER,
    fieldValidation: 'Strict',
    dryRun: order.dryRun,
    force,
  });
}

async function remove({ client, type, order }: Try, live: KubernetesObject): Promise<StepOutcome | 'raced'> {
  const { name, namespace } = order.step.object;
  const { uid = '', resourceVersion = '' } = live.metadata;
  const answer = await deleteObject(client, type, {
    ...PATIENCE,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    resourceVersion,
    propagationPolicy: 'Background',
    dryRun: order.dryRun,
  });
  if (answer.ok || answer.error.kind === 'notFound') return { kind: 'applied' };
  return isRace(answer.error) ? 'raced' : outcomeOf(answer.error);
}

function isRace(error: KubeError): boolean {
  return error.kind === 'conflict' || error.kind === 'alreadyExists';
}

/** What an answer that is an error makes of a step. */
export function outcomeOf(error: KubeError): StepOutcome {
  return isAway(error) ? { kind: 'away', refusal: refusalOf(error) } : failed(refusalOf(error));
}

function failed(refusal: Refusal): StepOutcome {
  return { kind: 'failed', refusal, conflicts: [] };
}

function changed(order: StepOrder, how: string): Refusal {
  return { code: 'changed-meanwhile', detail: `${nameOf(order)} ${how}` };
}

function nameOf({ step }: StepOrder): string {
  return objectName(step);
}

/** `Membership shop/red.deployment.cart in aws-east`. */
export function objectName({ object: { kind, namespace, name, cluster } }: PlanStep): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} in ${cluster}`;
}
