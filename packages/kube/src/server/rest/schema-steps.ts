import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';

/** Removes fields that the schema does not know; gives their paths. Changes the draft in place. */
export function pruneUnknown(_draft: KubeObject, _definition: ResourceDefinition): string[] {
  return [];
}

/** Fills in defaults, first the schema's, then the kind's own. Changes the draft in place. */
export function applyDefaults(draft: KubeObject, { strategy }: ResourceDefinition): void {
  strategy.applyDefaults?.(draft);
}

/** What is wrong by the schema, its rules and transition rules included. */
export function schemaErrors(
  _object: KubeObject,
  _old: KubeObject | undefined,
  _definition: ResourceDefinition,
): FieldError[] {
  return [];
}

/** Records in managedFields who set which fields by a create or update. */
export function trackManagers(
  draft: KubeObject,
  _old: KubeObject | undefined,
  _options: { definition: ResourceDefinition; fieldManager: string; subresource: string; nowMs: number },
): KubeObject {
  return draft;
}
