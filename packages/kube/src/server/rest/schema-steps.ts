import { apiVersionOf } from '../model/kube-object.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { ObjectType } from '../patch/object-type.ts';
import { objectTypeOf } from '../patch/object-type.ts';
import type { Writer } from '../patch/server-side-apply.ts';
import { updateManagedFields } from '../patch/server-side-apply.ts';
import { checkCustomObject } from '../schema/check-custom-object.ts';
import { applyDefaults as fillDefaults } from '../schema/default.ts';
import type { FieldError } from '../schema/field-error.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { prune } from '../schema/prune.ts';
import { validateBuiltin } from '../schema/validate-builtin.ts';

/** Takes out fields that the schema does not know, and nulls that it does not allow; gives what is left, and their paths. */
export function pruneUnknown(
  draft: KubeObject,
  { schema }: ResourceDefinition,
  keepsNulls = false,
): { draft: KubeObject; unknown: readonly string[] } {
  const { value, unknownFields } = prune(schema, draft as unknown as JsonValue, keepsNulls);
  return { draft: value as unknown as KubeObject, unknown: unknownFields };
}

/** Fills in defaults, first the schema's, then the kind's own. Changes the draft in place. */
export function applyDefaults(draft: KubeObject, { strategy, schema, builtin }: ResourceDefinition): void {
  if (!builtin) fillDefaults(schema, draft as unknown as JsonValue);
  strategy.applyDefaults?.(draft);
}

/** What is wrong by the schema and, of custom resources, by its rules, after what was found of the metadata. */
export function schemaErrors(
  object: KubeObject,
  old: KubeObject | undefined,
  { schema, builtin, kind }: ResourceDefinition,
  ofMetadata: readonly FieldError[] = [],
): FieldError[] {
  const json = object as unknown as JsonValue;
  return builtin
    ? validateBuiltin(kind, schema, json)
    : checkCustomObject(schema, json, old as unknown as JsonValue | undefined, ofMetadata);
}

const types = new WeakMap<ResourceDefinition, ObjectType>();

/** A definition as patches and field management see it. */
export function typeOf(definition: ResourceDefinition): ObjectType {
  let type = types.get(definition);
  if (!type) {
    const { group, version, kind, schema, statusResets } = definition;
    types.set(
      definition,
      (type = objectTypeOf({ apiVersion: apiVersionOf(group, version), kind, schema, statusResets })),
    );
  }
  return type;
}

/** Who writes, as field management records it. */
export function writerOf(
  definition: ResourceDefinition,
  { fieldManager, subresource, nowMs }: { fieldManager: string; subresource: string; nowMs: number },
): Writer {
  const hasStatus = definition.subresources.some(({ name }) => name === 'status');
  return { type: typeOf(definition), manager: fieldManager, subresource, hasStatus, nowMs };
}

/** Records in managedFields who set which fields by a create or update. */
export function trackManagers(draft: KubeObject, old: KubeObject | undefined, writer: Writer): KubeObject {
  return updateManagedFields(
    writer,
    old as unknown as JsonObject | undefined,
    draft as unknown as JsonObject,
  ) as unknown as KubeObject;
}
