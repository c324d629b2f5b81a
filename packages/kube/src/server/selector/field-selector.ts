import type { KubeObject } from '../model/kube-object.ts';
import { badRequest } from '../status/status.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';

export type FieldMatcher = (object: KubeObject) => boolean;

/**
 * Parses a field selector (`metadata.name=a,status.phase!=Running`); what comes of it throws for a field that its
 * resource does not let select by. `\,`, `\=` and `\\` stand for the characters themselves.
 *
 * @throws StatusError 400 for what is no selector
 */
export function parseFieldSelector(text: string): (definition: ResourceDefinition) => FieldMatcher {
  const terms = split(text, ',')
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
  return (definition) => {
    const matchers = terms.map((term) => term(definition));
    return (object) => matchers.every((matches) => matches(object));
  };
}

/** The name that a selector pins by `metadata.name=`, which lists use to read one object only. */
export function selectedName(text: string): string | undefined {
  const term = split(text, ',').find((candidate) => /^metadata\.name==?[^=]/.test(candidate));
  return term?.replace(/^metadata\.name==?/, '');
}

function parseTerm(term: string, text: string): (definition: ResourceDefinition) => FieldMatcher {
  const operator = /!=|==|=/.exec(term);
  if (!operator) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  const field = term.slice(0, operator.index).trim();
  const value = unescape(term.slice(operator.index + operator[0].length));
  return (definition) => {
    const get = getterOf(field, definition);
    return operator[0] === '!=' ? (object) => get(object) !== value : (object) => get(object) === value;
  };
}

function getterOf(field: string, definition: ResourceDefinition): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace' && definition.namespaced)
    return (object) => object.metadata.namespace ?? '';
  const getter = Object.hasOwn(definition.selectableFields, field)
    ? definition.selectableFields[field]
    : undefined;
  if (getter) return getter;
  if (!definition.builtin || Object.keys(definition.selectableFields).length > 0) {
    throw badRequest(`field label not supported: ${field}`);
  }
  const known = definition.namespaced ? '"metadata.name", "metadata.namespace"' : '"metadata.name"';
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: only ${known}`);
}

function split(text: string, separator: string): string[] {
  const parts: string[] = [''];
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (character === '\\') parts[parts.length - 1] += character + (text[++index] ?? '');
    else if (character === separator) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function unescape(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1');
}
