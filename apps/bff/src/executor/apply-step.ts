import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf } from '@flatland/kube/client/object';
import { applyObject, deleteObject, getObject } from '@flatland/kube/client/objects';
import type { KubeError } from '@flatland/kube/client/error';
import { conflictsOf, isAway, refusalOf, type FieldConflict } from '@flatland/kube/client/refusal-of';
import type { Resource } from '@flatland/kube/client/resource';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { stampChangeSet } from '@flatland/shared/manifest/stamp-change-set';
import {
  CHANGE_SET_ANNOTATION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { diffFields } from '@flatland/shared/plan/diff-fields';
import { managedAfter, managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { Result } from '@flatland/shared/result';
import type { FieldChoice } from '../api/change-set.ts';
import { chosenFields } from './chosen-fields.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { writableKind } from './writable-kinds.ts';

/** One step and what it may do. */
export interface StepOrder {
  readonly changeSetId: string;
  readonly step: PlanStep;
  /** What the person decided of this step's contested fields; no field is ever forced but those taken over. */
  readonly choices: readonly FieldChoice[];
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
  const live = await getObject<KubernetesObject>(client, type, { ...refOf(order.step.object), ...PATIENCE });
  if (live.ok) return meet(attempt, live.value);
  if (live.error.kind !== 'notFound') return outcomeOf(live.error);
  if (order.step.action === 'delete') return { kind: 'applied' };
  if (order.step.action === 'update') return failed(changed(order, 'was deleted'));
  return send(attempt, { live: undefined, manifest: undefined, covers: NOTHING });
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
      ? send(attempt, { live, manifest: undefined, covers: NOTHING })
      : choose(attempt, live, 'was created by somebody else');
  }
  if (live.metadata.uid !== step.live?.uid) return failed(changed(order, 'was deleted and made anew'));
  if (step.action === 'delete') {
    if (live.metadata.deletionTimestamp !== undefined) return { kind: 'applied' };
    if (live.metadata.labels?.[OWNER_LABEL] !== OWNER_LABEL_VALUE) {
      return failed({ code: 'unowned-object', detail: nameOf(order) });
    }
  }
  if (step.action === 'delete')
    return content === step.before ? remove(attempt, live) : failed(changed(order, 'was edited'));
  return content === step.before && order.choices.length === 0
    ? send(attempt, { live, manifest: undefined, covers: NOTHING })
    : choose(attempt, live, 'was edited');
}

/** Somebody else changed the object, or owns fields of it: sent only as the person chose for exactly this object. */
function choose(
  attempt: Try,
  live: KubernetesObject,
  how: string,
): StepOutcome | Promise<StepOutcome | 'raced'> {
  const { order } = attempt;
  if (order.choices.length === 0) return failed(changed(order, how));
  const chosen = chosenFields(order.step, live, order.choices);
  if (chosen.kind === 'void') return failed(changed(order, 'changed again since its fields were chosen'));
  if (chosen.kind === 'chosen') return send(attempt, { live, ...chosen });
  const fields = chosen.fields.map(({ field }) => field).join(', ');
  return failed({ code: 'field-conflict', detail: `${nameOf(order)}: nobody chose for ${fields}` });
}

/** What is sent over which object, and which conflicts may be forced. */
interface Sending {
  readonly live: KubernetesObject | undefined;
  /** The step's own manifest where undefined. */
  readonly manifest: KubernetesObject | undefined;
  readonly covers: (conflicts: readonly FieldConflict[]) => boolean;
}

const NOTHING = () => false;

async function send(attempt: Try, sending: Sending): Promise<StepOutcome | 'raced'> {
  const { order } = attempt;
  const object = manifestToSend(order, sending.live, sending.manifest);
  // Git's engine owns the fields and will write them itself: a dry-run asks whether it may be so.
  const isGits = order.dryRun && order.step.git !== undefined;
  // What a person chose is left to others is no removal any more.
  const isPlans = sending.manifest === undefined && !isGits;
  const kept = sending.live !== undefined && isPlans ? await keptByOthers(attempt, object, sending.live) : [];
  if (kept.length > 0) {
    const detail = `${nameOf(order)}: another manager keeps ${kept.join(' and ')}`;
    return failed({ code: 'field-conflict', detail });
  }
  const answer = await applyOnce(attempt, object, false);
  if (answer.ok) return { kind: 'applied' };
  const conflicts = conflictsOf(answer.error);
  if (conflicts.length === 0) return isRace(answer.error) ? 'raced' : outcomeOf(answer.error);
  if (!isGits && !sending.covers(conflicts)) {
    return { kind: 'failed', refusal: refusalOf(answer.error), conflicts };
  }
  const forced = await applyOnce(attempt, object, true);
  if (forced.ok) return { kind: 'applied' };
  return isRace(forced.error) ? 'raced' : outcomeOf(forced.error);
}

/**
 * Paths that the step takes away and that would stay, because a field that another manager owns too is no conflict to
 * server-side apply where it is merely left out. A dry-run tells, so that nothing else of the step is done without it.
 */
async function keptByOthers(
  attempt: Try,
  object: KubernetesObject,
  live: KubernetesObject,
): Promise<string[]> {
  const { order } = attempt;
  const { diff, manifest } = order.step;
  const taken = new Set(diff.filter(({ op }) => op === 'remove').map(({ path }) => path));
  if (taken.size === 0 || manifest === undefined) return [];
  const tried = await applyOnce({ ...attempt, order: { ...order, dryRun: true } }, object, false);
  // What the API has against it, it says again to the apply.
  if (!tried.ok) return [];
  return diffFields(managedFields(tried.value), managedAfter(live, manifest))
    .filter(({ op, path }) => op === 'remove' && taken.has(path))
    .map(({ path }) => path);
}

/** What is sent for a step: the reviewed manifest, the change set's id, and preconditions where an object is there. */
export function manifestToSend(
  order: StepOrder,
  live: KubernetesObject | undefined,
  manifest = order.step.manifest,
): KubernetesObject {
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
): Promise<Result<KubernetesObject, KubeError>> {
  return applyObject<KubernetesObject>(client, type, {
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
