import { compilePattern } from './pattern.ts';
import { child, forbidden, invalid, required, type FieldError } from './field-error.ts';
import { equalJson, getOwn, type JsonValue } from './json.ts';
import {
  childNode,
  keyword,
  listNodes,
  propertyNodes,
  textOf,
  type SchemaNode,
} from './crd-schema-reader.ts';

type Level = 'root' | 'items' | 'field';

const intOrStringAnyOf: JsonValue = [{ type: 'integer' }, { type: 'string' }];

/**
 * Checks what makes a schema structural: each field has one type, said outside of allOf, anyOf, oneOf and not;
 * metadata is left to the server (Kubernetes "Extend the Kubernetes API with CustomResourceDefinitions",
 * "Specifying a structural schema").
 */
export function checkStructural(root: SchemaNode): FieldError[] {
  return [...checkLevel(root, 'root'), ...checkComplete(root, root, root.path)];
}

function checkLevel(node: SchemaNode, level: Level): FieldError[] {
  const { path } = node;
  const errors: FieldError[] = [];
  const items = childNode(node, 'items');
  const type = textOf(node, 'type');
  if (type === 'array' && !items) errors.push(required(child(path, 'items'), 'must be specified'));
  if (items) errors.push(...checkLevel(items, 'items'));
  const properties = propertyNodes(node);
  for (const [, property] of properties) errors.push(...checkLevel(property, 'field'));
  errors.push(...checkAdditional(node, level), ...checkExtensions(node), ...checkType(node, level));
  errors.push(...checkJunctors(node, { structural: true }));
  errors.push(...checkMeta(node, level, new Map(properties)));
  return errors;
}

function checkAdditional(node: SchemaNode, level: Level): FieldError[] {
  const at = child(node.path, 'additionalProperties');
  const additional = keyword(node, 'additionalProperties');
  if (additional === undefined || additional === null) return [];
  const errors: FieldError[] = [];
  if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
  if (keyword(node, 'x-kubernetes-embedded-resource') === true) {
    errors.push(forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  const schema = childNode(node, 'additionalProperties');
  if (schema) errors.push(...checkLevel(schema, 'field'));
  return errors;
}

function checkExtensions(node: SchemaNode): FieldError[] {
  if (keyword(node, 'x-kubernetes-int-or-string') !== true) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((name) => keyword(node, name) === true)
    .map((name) =>
      invalid(child(node.path, name), true, 'must be false if x-kubernetes-int-or-string is true'),
    );
}

function checkType(node: SchemaNode, level: Level): FieldError[] {
  const at = child(node.path, 'type');
  const type = textOf(node, 'type');
  if (keyword(node, 'x-kubernetes-embedded-resource') === true && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(at, why) : invalid(at, type, why)];
  }
  const open = ['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields'];
  if (type === '' && !open.some((name) => keyword(node, name) === true)) {
    const place = {
      root: 'at the root',
      items: 'for specified array items',
      field: 'for specified object fields',
    };
    return [required(at, `must not be empty ${place[level]}`)];
  }
  if (level === 'root' && type !== '' && type !== 'object')
    return [invalid(at, type, 'must be object at the root')];
  return [];
}

function checkMeta(
  node: SchemaNode,
  level: Level,
  properties: ReadonlyMap<string, SchemaNode>,
): FieldError[] {
  const errors: FieldError[] = [];
  const embedded = keyword(node, 'x-kubernetes-embedded-resource') === true;
  if (level === 'root' || embedded) {
    for (const name of ['kind', 'apiVersion']) {
      const property = properties.get(name);
      if (property && textOf(property, 'type') !== 'string') {
        errors.push(invalid(child(property.path, 'type'), textOf(property, 'type'), 'must be string'));
      }
    }
    const metadata = properties.get('metadata');
    if (metadata && textOf(metadata, 'type') !== 'object') {
      errors.push(invalid(child(metadata.path, 'type'), textOf(metadata, 'type'), 'must be object'));
    }
    if (metadata && level === 'root' && !restrictsNamesOnly(metadata)) {
      const why =
        'must not specify anything other than name and generateName, but metadata is implicitly specified';
      errors.push(forbidden(metadata.path, why));
    }
  }
  if (embedded && keyword(node, 'x-kubernetes-preserve-unknown-fields') !== true && properties.size === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(child(node.path, 'properties'), why));
  }
  return errors;
}

function restrictsNamesOnly(metadata: SchemaNode): boolean {
  const allowed = new Set(['type', 'properties', 'default']);
  return (
    Object.keys(metadata.json).every((name) => allowed.has(name)) &&
    propertyNodes(metadata).every(([name]) => name === 'name' || name === 'generateName')
  );
}

/** Checks what stands under allOf, anyOf, oneOf and not: restrictions of values, but no types. */
function checkJunctors(node: SchemaNode, { structural }: { structural: boolean }): FieldError[] {
  const errors: FieldError[] = [];
  // The two ways to write an int-or-string are the only types that may stand under a junctor.
  const anyOfIsIntOrString = structural && equalJson(keyword(node, 'anyOf'), intOrStringAnyOf);
  if (!anyOfIsIntOrString)
    for (const clause of listNodes(node, 'anyOf')) errors.push(...checkNested(clause, false));
  for (const [index, clause] of listNodes(node, 'allOf').entries()) {
    const skip = structural && index === 0 && equalJson(getOwn(clause.json, 'anyOf'), intOrStringAnyOf);
    errors.push(...checkNested(clause, skip));
  }
  for (const clause of listNodes(node, 'oneOf')) errors.push(...checkNested(clause, false));
  const not = childNode(node, 'not');
  if (not) errors.push(...checkNested(not, false));
  const pattern = textOf(node, 'pattern');
  if (pattern !== '') {
    const compiled = compilePattern(pattern);
    if (!compiled.ok) {
      const why = `must be a valid regular expression, but isn't: ${compiled.error}`;
      errors.push(invalid(child(node.path, 'pattern'), pattern, why));
    }
  }
  return errors;
}

function checkNested(node: SchemaNode, anyOfIsIntOrString: boolean): FieldError[] {
  const { path } = node;
  const errors: FieldError[] = [];
  if (!anyOfIsIntOrString) errors.push(...checkJunctors(node, { structural: false }));
  const items = childNode(node, 'items');
  if (items) errors.push(...checkNested(items, false));
  for (const [name, property] of propertyNodes(node)) {
    errors.push(...checkNested(property, false));
    if (name === 'metadata')
      errors.push(forbidden(property.path, 'must not be specified in a nested context'));
  }
  for (const name of ['type', 'title', 'description']) {
    if (textOf(node, name) !== '')
      errors.push(forbidden(child(path, name), 'must be empty to be structural'));
  }
  for (const name of [
    'additionalProperties',
    'default',
    'externalDocs',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
  ]) {
    if (keyword(node, name) !== undefined)
      errors.push(forbidden(child(path, name), 'must be undefined to be structural'));
  }
  const flags = [
    'nullable',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ];
  for (const name of flags) {
    if (keyword(node, name) === true)
      errors.push(forbidden(child(path, name), 'must be false to be structural'));
  }
  for (const name of ['x-kubernetes-list-map-keys', 'x-kubernetes-validations']) {
    const value = keyword(node, name);
    if (Array.isArray(value) && value.length > 0) {
      errors.push(forbidden(child(path, name), 'must be empty to be structural'));
    }
  }
  return errors;
}

/** Checks that every field named under a junctor is also specified outside of it. */
function checkComplete(validation: SchemaNode, structure: SchemaNode, structurePath: string): FieldError[] {
  const clauses = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => listNodes(validation, name));
  const not = childNode(validation, 'not');
  return (not ? [not, ...clauses] : clauses).flatMap((clause) =>
    checkCompleteClause(clause, structure, structurePath),
  );
}

function checkCompleteClause(clause: SchemaNode, structure: SchemaNode, structurePath: string): FieldError[] {
  const errors = checkComplete(clause, structure, structurePath);
  const pairs: [SchemaNode | undefined, SchemaNode | undefined, string][] = [
    [childNode(clause, 'items'), childNode(structure, 'items'), child(structurePath, 'items')],
  ];
  const properties = new Map(propertyNodes(structure));
  for (const [name, property] of propertyNodes(clause)) {
    pairs.push([property, properties.get(name), `${child(structurePath, 'properties')}[${name}]`]);
  }
  for (const [nested, specified, path] of pairs) {
    if (!nested) continue;
    if (specified) errors.push(...checkCompleteClause(nested, specified, path));
    else errors.push(required(path, `because it is defined in ${nested.path}`));
  }
  return errors;
}
