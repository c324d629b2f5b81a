import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { isJsonObject, type JsonObject } from '../schema/json.ts';

/** Gives back the maps that a body holds empty and the kind tells from absent ones. */
export function sentEmpty(body: Readonly<JsonObject>, { strategy }: ResourceDefinition): JsonObject {
  const fields = (strategy.tellsEmpty ?? []).filter((field) => isEmptyMap(body[field]));
  return Object.fromEntries(fields.map((field) => [field, {}]));
}

/** Takes these maps out of a draft, in place, and gives them back: nobody owns them, and they are not stored. */
export function takeSentEmpty(draft: KubeObject, definition: ResourceDefinition): JsonObject {
  const taken = sentEmpty(draft as unknown as JsonObject, definition);
  for (const field of Object.keys(taken)) delete draft[field];
  return taken;
}

function isEmptyMap(value: unknown): boolean {
  return isJsonObject(value as JsonObject) && Object.keys(value as JsonObject).length === 0;
}
