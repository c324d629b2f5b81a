import { formatTime } from '../../model/kube-object.ts';
import type { JsonObject, JsonValue } from '../../schema/json.ts';
import { isJsonObject, setOwn } from '../../schema/json.ts';
import type { FieldShape } from './message-fields.ts';
import { messageShape } from './message-fields.ts';
import type { WireField } from './wire-reader.ts';
import { readFields, WireError } from './wire-reader.ts';

const MAX_DEPTH = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Turns a protobuf message of a built-in kind into the JSON that Go would make of it. Fields that are not known
 * are passed over.
 *
 * @throws WireError
 */
export function decodeMessage(name: string, bytes: Uint8Array, depth = 0): JsonObject {
  const shape = messageShape(name);
  if (!shape) throw new WireError(`no message ${name} is known`);
  if (depth > MAX_DEPTH) throw new WireError('the message is nested too deeply');
  const object: JsonObject = {};
  for (const field of readFields(bytes)) {
    const known = shape.get(field.number);
    if (known) addField(object, known, field, depth);
  }
  return object;
}

function addField(object: JsonObject, shape: FieldShape, field: WireField, depth: number): void {
  if (shape.map) {
    const [key, value] = mapEntry(shape, bytesOf(field), depth);
    const before = object[shape.name];
    const map: JsonObject = isJsonObject(before) ? before : {};
    setOwn(map, key, value);
    object[shape.name] = map;
    return;
  }
  const value = valueOf(shape, field, depth);
  if (shape.inline && isJsonObject(value)) {
    for (const [key, inner] of Object.entries(value)) setOwn(object, key, inner);
  } else if (shape.repeated) {
    const before = object[shape.name];
    if (Array.isArray(before)) before.push(value ?? null);
    else object[shape.name] = [value ?? null];
  } else if (value !== undefined && !isOmitted(shape, value)) object[shape.name] = value;
}

/** Go leaves zeros out of JSON, but for pointers and for fields that it always writes. */
function isOmitted({ pointer, always }: FieldShape, value: JsonValue): boolean {
  if (pointer) return false;
  return value === '' || (!always && (value === 0 || value === false));
}

function mapEntry(shape: FieldShape, entry: Uint8Array, depth: number): [string, JsonValue] {
  let key = '';
  let value: JsonValue | undefined;
  for (const field of readFields(entry)) {
    if (field.number === 1) key = textOf(field);
    else if (field.number === 2) value = valueOf(shape, field, depth);
  }
  return [key, value ?? emptyOf(shape.type)];
}

function emptyOf(type: string): JsonValue {
  if (type === 'string' || type === 'bytes') return '';
  return type === 'strings' ? [] : null;
}

function valueOf({ type }: FieldShape, field: WireField, depth: number): JsonValue | undefined {
  switch (type) {
    case 'string':
      return textOf(field);
    case 'bytes':
      return Buffer.from(bytesOf(field)).toString('base64');
    case 'bool':
      return numberOf(field) !== 0;
    case 'int':
      return numberOf(field);
    case 'time':
    case 'microtime':
      return timeOf(bytesOf(field), type === 'microtime');
    case 'quantity':
      return firstText(bytesOf(field));
    case 'intorstring':
      return intOrString(bytesOf(field));
    case 'raw':
      return rawOf(bytesOf(field));
    case 'strings':
      return [...readFields(bytesOf(field))].filter(({ number }) => number === 1).map(textOf);
    case 'duration':
      throw new WireError('durations are not read');
    default:
      return decodeMessage(type, bytesOf(field), depth + 1);
  }
}

function timeOf(bytes: Uint8Array, micro: boolean): JsonValue | undefined {
  let seconds = 0;
  let nanos = 0;
  for (const field of readFields(bytes)) {
    if (field.number === 1) seconds = numberOf(field);
    else if (field.number === 2) nanos = numberOf(field);
  }
  // Go's zero time lies before the epoch; an empty message is no time at all.
  if (bytes.length === 0 || seconds <= 0 || seconds > 253_402_300_799) return undefined;
  if (!micro) return formatTime(seconds * 1000);
  const fraction = String(Math.trunc(nanos / 1000)).padStart(6, '0');
  return formatTime(seconds * 1000).replace('Z', `.${fraction}Z`);
}

function intOrString(bytes: Uint8Array): JsonValue {
  let isText = false;
  let integer = 0;
  let text = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) isText = numberOf(field) === 1;
    else if (field.number === 2) integer = numberOf(field);
    else if (field.number === 3) text = textOf(field);
  }
  return isText ? text : integer;
}

function rawOf(bytes: Uint8Array): JsonValue | undefined {
  const text = firstText(bytes);
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new WireError('an embedded object is not JSON');
  }
}

function firstText(bytes: Uint8Array): string {
  for (const field of readFields(bytes)) if (field.number === 1) return textOf(field);
  return '';
}

function bytesOf(field: WireField): Uint8Array {
  if (field.kind !== 'bytes') throw new WireError('a number stands where bytes belong');
  return field.value;
}

function numberOf(field: WireField): number {
  if (field.kind !== 'varint') throw new WireError('bytes stand where a number belongs');
  return Number(BigInt.asIntN(64, field.value));
}

function textOf(field: WireField): string {
  try {
    return utf8.decode(bytesOf(field));
  } catch {
    throw new WireError('a text is not UTF-8');
  }
}
