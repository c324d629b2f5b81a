import type { KubeObject } from '../model/kube-object.ts';
import type { BuiltinKind } from '../schema/builtin/builtin-kind.ts';
import { applyDefaults } from '../schema/default.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { validateBuiltin } from '../schema/validate-builtin.ts';
import type { Column } from '../table/column.ts';
import type { Strategy } from './resource-definition.ts';

/** The defaults and checks of a built-in kind as a strategy; `more` adds what needs its surroundings. */
export function behaviourOf(kind: BuiltinKind | undefined, more: Strategy): Strategy {
  if (!kind) return more;
  return {
    ...more,
    ...(kind.tellsEmpty && { tellsEmpty: kind.tellsEmpty }),
    applyDefaults: (draft) => {
      applyDefaults(kind.schema, json(draft));
      kind.complete?.(json(draft));
      more.applyDefaults?.(draft);
    },
    validate: (object, context) => [
      ...validateBuiltin(kind.kind, kind.schema, json(object)),
      ...(kind.check?.(json(object), undefined) ?? []),
      ...(more.validate?.(object, context) ?? []),
    ],
    validateUpdate: (object, old, context) => [
      ...validateBuiltin(kind.kind, kind.schema, json(object)),
      ...(kind.check?.(json(object), json(old)) ?? []),
      ...(more.validateUpdate?.(object, old, context) ?? []),
    ],
  };
}

/** The columns of a built-in kind. */
export function columnsOf(kind: BuiltinKind): Column[] {
  return kind.columns.map(({ name, type, format, description, priority, cell }) => ({
    name,
    type,
    format: format ?? '',
    description,
    priority,
    cell: (object, nowMs) => cell(json(object), nowMs) as ReturnType<Column['cell']>,
  }));
}

function json(object: KubeObject): JsonObject & JsonValue {
  return object as unknown as JsonObject;
}
