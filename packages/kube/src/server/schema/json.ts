/** A JSON value as `JSON.parse` makes it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object. Keys are untrusted: read with {@link getOwn}, write with {@link setOwn}. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Tells objects from arrays, null and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an own property; a key such as `constructor` never reaches the prototype. */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Writes an own property, also for `__proto__`, whose plain assignment would change the prototype. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Copies a value whole, sharing nothing with the original. */
export function cloneJson<T extends JsonValue>(value: T): T {
  return cloneValue(value) as T;
}

/** Equality of meaning: the order of an object's keys does not count, the order of a list does. */
export function equalJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) {
      if (!equalJson(left[index], right[index])) return false;
    }
    return true;
  }
  if (Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(right, key) || !equalJson(left[key], right[key])) return false;
  }
  return true;
}

function cloneValue(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy: JsonValue[] = [];
    for (const item of value) copy.push(cloneValue(item));
    return copy;
  }
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, cloneValue(value[key]!));
  return copy;
}
