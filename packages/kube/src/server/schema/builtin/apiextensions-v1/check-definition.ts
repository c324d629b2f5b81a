import { goStrings } from '../../go-print.ts';
import { checkImmutable } from '../../check-object-meta.ts';
import { compileCrdSchema } from '../../compile-crd-schema.ts';
import { child, invalid, notSupported, required, type FieldError } from '../../field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../../names.ts';
import { listAt, objectsAt, textAt, valueAt } from '../printer-column.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

/** Checks a CustomResourceDefinition beyond its schema (apiextensions `ValidateCustomResourceDefinition`). */
export function checkDefinition(object: JsonObject, old: JsonObject | undefined): FieldError[] {
  return [
    ...checkName(object),
    ...checkGroup(textAt(object, 'spec', 'group')),
    ...checkScope(textAt(object, 'spec', 'scope')),
    ...checkVersions(objectsAt(object, 'spec', 'versions')),
    ...checkNames(object, 'spec.names'),
    ...checkConversion(object),
    ...(old ? checkChange(object, old) : []),
  ];
}

function checkName(object: JsonObject): FieldError[] {
  const name = textAt(object, 'metadata', 'name');
  const expected = `${textAt(object, 'spec', 'names', 'plural')}.${textAt(object, 'spec', 'group')}`;
  return name === expected
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function checkGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = checkDnsSubdomain(group);
  if (problems.length > 0) return [invalid('spec.group', group, problems.join(','))];
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function checkScope(scope: string): FieldError[] {
  if (scope === '') return [required('spec.scope')];
  return scope === 'Cluster' || scope === 'Namespaced'
    ? []
    : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function checkVersions(versions: readonly JsonObject[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = versions.map((version) => textAt(version, 'name'));
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    const name = names[index]!;
    const problems = checkDns1035Label(name);
    if (problems.length > 0) errors.push(invalid(child(path, 'name'), name, problems.join(',')));
    errors.push(
      ...checkSchema(version, path, versions),
      ...checkColumns(version, path),
      ...checkScale(version, path),
    );
  }
  if (new Set(names).size < names.length) {
    errors.push(invalid('spec.versions', goStrings(names), 'must contain unique version names'));
  }
  if (versions.filter((version) => getOwn(version, 'storage') === true).length !== 1) {
    errors.push(
      invalid('spec.versions', goStrings(names), 'must have exactly one version marked as storage version'),
    );
  }
  return errors;
}

/** Where all versions have one schema, its errors are told once, at the place that v1beta1 had for it. */
function checkSchema(version: JsonObject, path: string, versions: readonly JsonObject[]): FieldError[] {
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  const isShared = versions.every((other) => equalJson(valueAt(other, 'schema'), valueAt(version, 'schema')));
  if (schema === undefined || schema === null)
    return [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')];
  if (isShared && version !== versions[0]) return [];
  const at = isShared ? 'spec.validation.openAPIV3Schema' : `${path}.schema.openAPIV3Schema`;
  const compiled = compileCrdSchema(schema, at);
  return compiled.ok ? [] : compiled.error;
}

function checkColumns(version: JsonObject, path: string): FieldError[] {
  return objectsAt(version, 'additionalPrinterColumns').flatMap((column, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    const errors: FieldError[] = [];
    if (textAt(column, 'name') === '') errors.push(required(child(at, 'name')));
    const type = textAt(column, 'type');
    const why = `must be one of ${columnTypes.join(',')}`;
    if (type === '') errors.push(required(child(at, 'type'), why));
    else if (!columnTypes.includes(type)) errors.push(invalid(child(at, 'type'), type, why));
    const jsonPath = textAt(column, 'jsonPath');
    if (jsonPath === '') errors.push(required(child(at, 'jsonPath')));
    else if (!jsonPath.startsWith('.'))
      errors.push(invalid(child(at, 'jsonPath'), jsonPath, 'must be a simple json path starting with .'));
    return errors;
  });
}

function checkScale(version: JsonObject, path: string): FieldError[] {
  const scale = valueAt(version, 'subresources', 'scale');
  if (!isJsonObject(scale)) return [];
  return (
    [
      ['specReplicasPath', '.spec.'],
      ['statusReplicasPath', '.status.'],
    ] as const
  ).flatMap(([field, prefix]) => {
    const value = textAt(scale, field);
    const at = `${path}.subresources.scale.${field}`;
    if (value === '') return [required(at)];
    return value.startsWith(prefix)
      ? []
      : [invalid(at, value, `should be a json path under ${prefix.slice(0, -1)}`)];
  });
}

function checkNames(object: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = valueAt(object, 'spec', 'names');
  if (!isJsonObject(names)) return [required(path)];
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    const name = textAt(names, field);
    if (name === '') {
      errors.push(required(child(path, field)));
      continue;
    }
    const isKind = field === 'kind' || field === 'listKind';
    const problems = checkDns1035Label(isKind ? name.toLowerCase() : name);
    if (problems.length === 0) continue;
    const why = `${isKind ? 'may have mixed case, but should otherwise match: ' : ''}${problems.join(',')}`;
    errors.push(invalid(child(path, field), name, why));
  }
  for (const field of ['shortNames', 'categories'])
    errors.push(...checkWords(listAt(names, field), child(path, field)));
  const listKind = textAt(names, 'listKind');
  if (listKind !== '' && listKind === textAt(names, 'kind')) {
    errors.push(invalid(child(path, 'listKind'), listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function checkWords(words: readonly JsonValue[], path: string): FieldError[] {
  return words.flatMap((word, index) => {
    const problems = typeof word === 'string' ? checkDns1035Label(word) : ['must be a string'];
    return problems.length === 0 ? [] : [invalid(`${path}[${index}]`, word, problems.join(','))];
  });
}

function checkConversion(object: JsonObject): FieldError[] {
  const strategy = textAt(object, 'spec', 'conversion', 'strategy');
  // Calling a webhook from inside the server would reach out of it; kinds here have versions of one shape.
  return strategy === '' || strategy === 'None'
    ? []
    : [notSupported('spec.conversion.strategy', strategy, ['None'])];
}

function checkChange(object: JsonObject, old: JsonObject): FieldError[] {
  const isEstablished = objectsAt(old, 'status', 'conditions').some(
    (condition) => condition['type'] === 'Established' && condition['status'] === 'True',
  );
  const fixed = [['group'], ['names', 'plural'], ...(isEstablished ? [['scope'], ['names', 'kind']] : [])];
  return fixed.flatMap((path) =>
    checkImmutable(
      valueAt(object, 'spec', ...path),
      valueAt(old, 'spec', ...path),
      ['spec', ...path].join('.'),
    ),
  );
}
