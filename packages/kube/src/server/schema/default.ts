import { cloneJson, isJsonObject, setOwn, type JsonObject, type JsonValue } from './json.ts';
import type { StructuralSchema } from './structural-schema.ts';

type Fill = (value: JsonValue) => void;

const compiled = new WeakMap<StructuralSchema, Fill | null>();

/**
 * Fills in the defaults of a schema wherever a parent is there and the field is not; null counts as absent where the
 * field is not nullable (Kubernetes "Defaulting and Nullable"). Changes the argument, which must be a copy of its own.
 */
export function applyDefaults(schema: StructuralSchema, value: JsonValue): void {
  fillOf(schema)?.(value);
}

/** The filling-in of a schema, compiled once; null where there is nothing to fill in. */
function fillOf(schema: StructuralSchema): Fill | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let fill: Fill | null = null;
  // Stands in for a schema that refers to itself while it is being compiled.
  compiled.set(schema, (value) => fill?.(value));
  fill = compile(schema);
  compiled.set(schema, fill);
  return fill;
}

function compile(schema: StructuralSchema): Fill | null {
  const fillObject = compileObject(schema);
  const fillItems = schema.items ? compileItems(schema.items) : null;
  if (!fillObject && !fillItems) return null;
  return (value) => {
    if (Array.isArray(value)) {
      fillItems?.(value);
    } else if (fillObject && isJsonObject(value)) fillObject(value);
  };
}

function compileItems(items: StructuralSchema): ((list: JsonValue[]) => void) | null {
  const fill = fillOf(items);
  const byDefault = items.nullable === true ? undefined : items.default;
  if (!fill && byDefault === undefined) return null;
  return (list) => {
    for (const [index, item] of list.entries()) {
      if (item === null && byDefault !== undefined) list[index] = cloneJson(byDefault);
      fill?.(list[index]!);
    }
  };
}

interface FieldFill {
  readonly name: string;
  readonly byDefault: JsonValue | undefined;
  readonly nullable: boolean;
  readonly fill: Fill | null;
}

function compileObject(schema: StructuralSchema): ((object: JsonObject) => void) | null {
  const fields: FieldFill[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const fill = fillOf(property);
    if (property.default === undefined && !fill) continue;
    fields.push({ name, byDefault: property.default, nullable: property.nullable === true, fill });
  }
  const { additionalProperties, properties } = schema;
  const others =
    additionalProperties === undefined || additionalProperties === true
      ? null
      : compileOthers(additionalProperties);
  if (fields.length === 0 && !others) return null;
  return (object) => {
    for (const field of fields) fillField(object, field);
    if (others) others(object, properties ?? {});
  };
}

function fillField(object: JsonObject, { name, byDefault, nullable, fill }: FieldFill): void {
  const present = Object.hasOwn(object, name);
  if (byDefault !== undefined && (!present || (object[name] === null && !nullable))) {
    setOwn(object, name, cloneJson(byDefault));
  } else if (!present) return;
  fill?.(object[name]!);
}

function compileOthers(schema: StructuralSchema): ((object: JsonObject, known: object) => void) | null {
  const fill = fillOf(schema);
  const byDefault = schema.default;
  if (!fill && byDefault === undefined) return null;
  return (object, known) => {
    for (const name of Object.keys(object)) {
      if (Object.hasOwn(known, name)) continue;
      if (object[name] === null && byDefault !== undefined && schema.nullable !== true)
        setOwn(object, name, cloneJson(byDefault));
      fill?.(object[name]!);
    }
  };
}
