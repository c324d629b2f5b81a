import { isJsonObject, type JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import { emptySet, fieldSetOf, type FieldSet } from './field-set/field-set.ts';
import { fieldElement } from './field-set/path-element.ts';

/** A kind in one version, as patches and field management see it. Make it once for each; it is never changed. */
export interface ObjectType {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructuralSchema;
  /** What a new object is compared with: the parts of it that are there even when empty. */
  readonly emptyObject: JsonObject;
  /** Whether objects of this kind are served in a version too; owners of fields in other versions are forgotten. */
  readonly isServed: (apiVersion: string) => boolean;
  /** What writing through `status` leaves as it is. */
  readonly resetByStatus: FieldSet;
}

/**
 * The type of a kind. `servedVersions` are its other apiVersions; `statusResets` are paths that its status subresource
 * leaves as they are, `spec` by default.
 */
export function objectTypeOf(
  kind: {
    apiVersion: string;
    kind: string;
    schema: StructuralSchema;
    statusResets?: readonly (readonly string[])[] | undefined;
  },
  servedVersions: readonly string[] = [],
): ObjectType {
  const statusResets = kind.statusResets ?? [['spec']];
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    schema: kind.schema,
    resetByStatus: fieldSetOf(...statusResets.map((path) => path.map(fieldElement))),
    emptyObject: { ...emptyOf(kind.schema), apiVersion: kind.apiVersion, kind: kind.kind },
    isServed: (apiVersion) => apiVersion === kind.apiVersion || servedVersions.includes(apiVersion),
  };
}

/**
 * What a way of writing resets, so that nobody owns it by that way: status on the main resource of kinds with a status
 * subresource, the rest on `status`.
 */
export function resetFieldsOf(type: ObjectType, subresource: string, hasStatus: boolean): FieldSet {
  if (subresource === 'status') return type.resetByStatus;
  return hasStatus ? resetByMain : emptySet;
}

const resetByMain = fieldSetOf([fieldElement('status')]);

/** Lists that Go writes even when they are empty; others are left out of an empty object. */
const writtenLists: ReadonlyMap<string, string> = new Map([['io.k8s.api.core.v1.PodSpec', 'containers']]);

/** The parts of a built-in kind that are there even when empty: its structs that are no pointers, and some lists. */
function emptyOf(schema: StructuralSchema): JsonObject {
  const object: JsonObject = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isJsonObject(property.default) && Object.keys(property.default).length === 0)
      object[name] = emptyOf(property);
  }
  const list = writtenLists.get(schema.component ?? '');
  if (list !== undefined) object[list] = null;
  return object;
}
