import { goStrings, type GoText } from './go-print.ts';
import type { NameRule } from './builtin/builtin-kind.ts';
import { child, forbidden, invalid, required, tooLong, type FieldError } from './field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkIpAddress,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
} from './names.ts';

/** Most bytes of all annotations of one object. */
const maxAnnotationsBytes = 256 * 1024;
const maxManagerLength = 128;

/**
 * Checks `metadata` of a new object, whose name has been generated already. The types of its fields have been checked by
 * the schema (apimachinery `ValidateObjectMeta`).
 */
export function checkObjectMeta(
  metadata: JsonObject,
  { nameRule, namespaced, path = 'metadata' }: { nameRule: NameRule; namespaced: boolean; path?: string },
): FieldError[] {
  const errors: FieldError[] = [];
  const generateName = textOf(metadata, 'generateName');
  if (generateName !== '') {
    errors.push(
      ...checkName(generateName, nameRule, true).map((why) =>
        invalid(child(path, 'generateName'), generateName, why),
      ),
    );
  }
  const name = textOf(metadata, 'name');
  if (name === '') errors.push(required(child(path, 'name'), 'name or generateName is required'));
  else errors.push(...checkName(name, nameRule, false).map((why) => invalid(child(path, 'name'), name, why)));
  errors.push(...checkNamespace(metadata, namespaced, child(path, 'namespace')));
  return [...errors, ...checkMaps(metadata, path), ...checkFinalizers(metadata, child(path, 'finalizers'))];
}

/** Checks `metadata` of a changed object against what it was (apimachinery `ValidateObjectMetaUpdate`). */
export function checkObjectMetaUpdate(
  metadata: JsonObject,
  old: JsonObject,
  path = 'metadata',
): FieldError[] {
  const errors: FieldError[] = [];
  const isDeleting = getOwn(old, 'deletionTimestamp') !== undefined;
  if (isDeleting) {
    const before = new Set(listOf(old, 'finalizers'));
    const added = new Set(listOf(metadata, 'finalizers')).difference(before);
    if (added.size > 0) {
      const listed = [...added]
        .map((finalizer) => JSON.stringify(finalizer))
        .toSorted()
        .join(', ');
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${listed}}`;
      errors.push(forbidden(child(path, 'finalizers'), why));
    }
  }
  const fixed = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ];
  for (const field of fixed) {
    errors.push(...checkImmutable(getOwn(metadata, field), getOwn(old, field), child(path, field)));
  }
  return [...errors, ...checkMaps(metadata, path), ...checkFinalizers(metadata, child(path, 'finalizers'))];
}

/** A field that cannot change once it is set; `shown` is the value as errors have it, where it has a type of its own. */
export function checkImmutable(
  value: JsonValue | undefined,
  old: JsonValue | undefined,
  path: string,
  shown: JsonValue | GoText = value ?? null,
): FieldError[] {
  return equalJson(value, old) ? [] : [invalid(path, shown, 'field is immutable')];
}

/** Checks a map of labels. */
export function checkLabels(labels: JsonValue | undefined, path: string): FieldError[] {
  if (!isJsonObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => {
    const text = typeof value === 'string' ? value : '';
    return [
      ...checkQualifiedName(key).map((why) => invalid(path, key, why)),
      ...checkLabelValue(text).map((why) => invalid(path, text, why)),
    ];
  });
}

/** Checks a `metav1.LabelSelector`. */
export function checkLabelSelector(selector: JsonValue | undefined, path: string): FieldError[] {
  if (!isJsonObject(selector)) return [];
  const errors = checkLabels(getOwn(selector, 'matchLabels'), child(path, 'matchLabels'));
  for (const [index, expression] of listOf(selector, 'matchExpressions').entries()) {
    if (isJsonObject(expression))
      errors.push(...checkExpression(expression, `${child(path, 'matchExpressions')}[${index}]`));
  }
  return errors;
}

/** Checks the `fieldManager` of a request. */
export function checkFieldManager(manager: string, path = 'fieldManager'): FieldError[] {
  if (manager.length > maxManagerLength) return [tooLong(path, maxManagerLength)];
  const bad = /\p{C}|\p{Zl}|\p{Zp}|[^\S ]/u.exec(manager);
  if (!bad) return [];
  const point = bad[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return [invalid(path, manager, `invalid character U+${point} (at position ${bad.index})`)];
}

/** What is wrong with a name, or with the prefix of names that are to be generated. */
export function checkName(name: string, rule: NameRule, isPrefix: boolean): string[] {
  // A prefix may end with a dash, since something follows it.
  const whole = isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
  switch (rule) {
    case 'dns-label':
      return checkDnsLabel(whole);
    case 'dns-1035-label':
      return checkDns1035Label(whole);
    case 'dns-subdomain':
    case 'crd':
      return checkDnsSubdomain(whole);
    case 'path':
      return checkPathSegment(name);
    case 'ip-address':
      return isPrefix ? ['may not be generated'] : checkIpAddress(name);
  }
}

function checkNamespace(metadata: JsonObject, namespaced: boolean, path: string): FieldError[] {
  const namespace = textOf(metadata, 'namespace');
  if (!namespaced) return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')];
  if (namespace === '') return [required(path)];
  return checkDnsLabel(namespace).map((why) => invalid(path, namespace, why));
}

function checkMaps(metadata: JsonObject, path: string): FieldError[] {
  return [
    ...checkLabels(getOwn(metadata, 'labels'), child(path, 'labels')),
    ...checkAnnotations(getOwn(metadata, 'annotations'), child(path, 'annotations')),
    ...checkOwners(metadata, child(path, 'ownerReferences')),
    ...checkManagers(metadata, child(path, 'managedFields')),
  ];
}

function checkAnnotations(annotations: JsonValue | undefined, path: string): FieldError[] {
  if (!isJsonObject(annotations)) return [];
  const errors: FieldError[] = [];
  let nBytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...checkQualifiedName(key.toLowerCase()).map((why) => invalid(path, key, why)));
    nBytes += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  }
  if (nBytes > maxAnnotationsBytes) errors.push(tooLong(path, maxAnnotationsBytes));
  return errors;
}

function checkOwners(metadata: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const owners = listOf(metadata, 'ownerReferences');
  let controller = '';
  for (const owner of owners) {
    if (!isJsonObject(owner)) continue;
    const apiVersion = textOf(owner, 'apiVersion');
    if (apiVersion === '' || apiVersion.endsWith('/')) {
      errors.push(invalid(child(path, 'apiVersion'), apiVersion, 'version must not be empty'));
    }
    for (const field of ['kind', 'name', 'uid']) {
      if (textOf(owner, field) === '')
        errors.push(invalid(child(path, field), '', `${field} must not be empty`));
    }
    if (apiVersion === 'v1' && textOf(owner, 'kind') === 'Event') {
      errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (getOwn(owner, 'controller') !== true) continue;
    const named = `${textOf(owner, 'kind')}/${textOf(owner, 'name')}`;
    if (controller !== '') {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`;
      errors.push(invalid(path, [...owners], why));
    } else controller = named;
  }
  return errors;
}

function checkFinalizers(metadata: JsonObject, path: string): FieldError[] {
  const finalizers = listOf(metadata, 'finalizers').filter((finalizer) => typeof finalizer === 'string');
  const errors = finalizers.flatMap((finalizer) =>
    checkQualifiedName(finalizer).map((why) => invalid(path, finalizer, why)),
  );
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalid(path, goStrings(finalizers), 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  return errors;
}

function checkManagers(metadata: JsonObject, path: string): FieldError[] {
  return listOf(metadata, 'managedFields').flatMap((entry, index) => {
    if (!isJsonObject(entry) || Object.keys(entry).length === 0) return [];
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const operation = textOf(entry, 'operation');
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalid(child(at, 'operation'), operation, 'must be `Apply` or `Update`'));
    }
    const fieldsType = textOf(entry, 'fieldsType');
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(invalid(child(at, 'fieldsType'), fieldsType, 'must be `FieldsV1`'));
    }
    return [...errors, ...checkFieldManager(textOf(entry, 'manager'), child(at, 'manager'))];
  });
}

function checkExpression(expression: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const operator = textOf(expression, 'operator');
  const values = listOf(expression, 'values');
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be specified when `operator` is 'In' or 'NotIn'";
    if (values.length === 0) errors.push(required(child(path, 'values'), why));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.push(forbidden(child(path, 'values'), why));
  } else errors.push(invalid(child(path, 'operator'), operator, 'not a valid selector operator'));
  const key = textOf(expression, 'key');
  errors.push(...checkQualifiedName(key).map((why) => invalid(child(path, 'key'), key, why)));
  for (const [index, value] of values.entries()) {
    const text = typeof value === 'string' ? value : '';
    errors.push(
      ...checkLabelValue(text).map((why) => invalid(`${child(path, 'values')}[${index}]`, text, why)),
    );
  }
  return errors;
}

function textOf(object: JsonObject, name: string): string {
  const value = getOwn(object, name);
  return typeof value === 'string' ? value : '';
}

function listOf(object: JsonObject, name: string): JsonValue[] {
  const value = getOwn(object, name);
  return Array.isArray(value) ? value : [];
}
