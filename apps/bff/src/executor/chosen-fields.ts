import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { isFieldAtOrBelow, parseFieldPath, withoutField } from '@flatland/shared/plan/field-path';
import type { PlanStep } from '@flatland/shared/plan/plan';
import { parseManifests } from '@flatland/shared/manifest/parse-manifests';
import { threeWay, type ContestedField } from '@flatland/shared/plan/three-way';
import type { FieldChoice, FieldConflict } from '../api/change-set.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { seenOf } from './seen-of.ts';

/** What a person's choices come to for the object as it is now. */
export type Chosen =
  /** The object is not what the person saw: nothing that they chose holds. */
  | { readonly kind: 'void' }
  /** These fields still wait for a choice. */
  | { readonly kind: 'open'; readonly fields: readonly ContestedField[] }
  | {
      readonly kind: 'chosen';
      /** The step's manifest, without the fields that are left to others. */
      readonly manifest: KubernetesObject;
      /** Whether the person took over every one of these fields, so that they may be forced. */
      readonly covers: (conflicts: readonly FieldConflict[]) => boolean;
    };

/** The fields of a step's object in which reviewed, live and wanted differ. */
export function contestedFields(step: PlanStep, live: KubernetesObject): ContestedField[] {
  const { manifest } = step;
  if (manifest === undefined) return [];
  return threeWay({ base: objectOf(step.before), live, manifest, ownManager: FIELD_MANAGER });
}

/** Takes what the person chose for each contested field and makes of it what is sent, and what may be forced. */
export function chosenFields(
  step: PlanStep,
  live: KubernetesObject,
  choices: readonly FieldChoice[],
): Chosen {
  const { manifest } = step;
  const seen = seenOf(live);
  if (manifest === undefined || choices.some((choice) => choice.seen !== seen)) return { kind: 'void' };
  const contested = contestedFields(step, live).filter((field) => field.contested);
  const byField = new Map(choices.map((choice) => [choice.field, choice.choice]));
  const open = contested.filter(({ field }) => !byField.has(field));
  if (open.length > 0) return { kind: 'open', fields: open };
  const taken = contested.filter(({ field }) => byField.get(field) === 'take-over').map(({ field }) => field);
  const left = contested.filter(({ field }) => byField.get(field) === 'leave');
  const isTaken = (conflict: string) => {
    if (taken.some((field) => isFieldAtOrBelow(conflict, field))) return true;
    // The API may own as one what a diff shows in parts: then every part must have been taken over.
    const parts = contested.filter(({ field }) => isFieldAtOrBelow(field, conflict));
    return parts.length > 0 && parts.every(({ field }) => taken.includes(field));
  };
  return {
    kind: 'chosen',
    manifest: left.reduce((object, { path }) => {
      const parts = parseFieldPath(path);
      return parts.ok ? withoutField(object, parts.value) : object;
    }, manifest),
    covers: (conflicts) => conflicts.every(({ field }) => isTaken(field)),
  };
}

function objectOf(yaml: string): KubernetesObject | undefined {
  const parsed = yaml === '' ? undefined : parseManifests(yaml);
  return parsed?.ok ? parsed.value[0] : undefined;
}
