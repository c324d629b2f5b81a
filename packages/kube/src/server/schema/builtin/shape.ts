import type { JsonValue } from '../json.ts';
import type { StructuralSchema } from '../structural-schema.ts';

type Properties = Readonly<Record<string, StructuralSchema>>;
type Extra = Partial<StructuralSchema>;

/** A string field. */
export function text(description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'string', description, ...extra };
}

/** A string that is one of a closed list. */
export function oneOf(values: readonly string[], description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'string', description, enum: [...values], ...extra };
}

export function int32(description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'integer', format: 'int32', description, ...extra };
}

export function int64(description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'integer', format: 'int64', description, ...extra };
}

export function bool(description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'boolean', description, ...extra };
}

/** RFC 3339 with seconds (`metav1.Time`). */
export function time(description: string): StructuralSchema {
  return { type: 'string', format: 'date-time', description };
}

/** A time that Go writes as null where nobody has said it. */
export function zeroTime(description: string): StructuralSchema {
  return { ...time(description), nullable: true, default: null };
}

/** RFC 3339 with microseconds (`metav1.MicroTime`). */
export function microTime(description: string): StructuralSchema {
  return { type: 'string', format: 'date-time', description };
}

/** Base64 of bytes. */
export function bytes(description: string): StructuralSchema {
  return { type: 'string', format: 'byte', description };
}

export function intOrString(description: string, extra: Extra = {}): StructuralSchema {
  return { intOrString: true, format: 'int-or-string', description, ...extra };
}

/** `resource.Quantity`: a number or a string such as `500m`. */
export function quantity(description: string): StructuralSchema {
  return { intOrString: true, format: 'quantity', description };
}

/** A map from any key to values of one schema. */
export function mapOf(values: StructuralSchema, description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'object', additionalProperties: values, description, ...extra };
}

/** A list that is replaced as a whole. */
export function list(items: StructuralSchema, description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'array', items, listType: 'atomic', description, ...extra };
}

/** A list of distinct scalars that several managers may share. */
export function setOf(items: StructuralSchema, description: string, extra: Extra = {}): StructuralSchema {
  return { type: 'array', items, listType: 'set', description, ...extra };
}

/**
 * A list whose items are told apart by key fields. `mergeKey` is the key of strategic merge patches
 * (the first key, unless Kubernetes says otherwise); `false` where Kubernetes has none.
 */
export function listMap(
  keys: readonly string[],
  items: StructuralSchema,
  options: {
    description: string;
    mergeKey?: string | false;
    patchStrategy?: StructuralSchema['patchStrategy'];
  },
): StructuralSchema {
  const mergeKey = options.mergeKey ?? keys[0];
  return {
    type: 'array',
    items,
    listType: 'map',
    listMapKeys: keys,
    description: options.description,
    ...(mergeKey === false || mergeKey === undefined
      ? {}
      : { patchStrategy: options.patchStrategy ?? 'merge', patchMergeKey: mergeKey }),
  };
}

/** An object with known fields. */
export function object(description: string, properties: Properties, extra: Extra = {}): StructuralSchema {
  return { type: 'object', description, properties, ...extra };
}

/** The same schema at another place: with that place's description, default, or relationship. */
export function at(schema: StructuralSchema, description: string, extra: Extra = {}): StructuralSchema {
  return { ...schema, description, ...extra };
}

/** A part that is there even when it is empty, as a Go struct that is no pointer is. */
export function always(schema: StructuralSchema, description?: string): StructuralSchema {
  const empty: JsonValue = {};
  return { ...schema, ...(description === undefined ? {} : { description }), default: empty };
}

/** An object whose fields this server does not know one by one; all of them are kept. */
export function foreign(component: string, description: string): StructuralSchema {
  return { type: 'object', preserveUnknownFields: true, description, component };
}
