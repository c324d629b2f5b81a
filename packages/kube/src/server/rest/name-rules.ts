import type { NameRule } from '../kinds/resource-definition.ts';
import type { FieldError } from '../schema/field-error.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
  "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const QUALIFIED_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const RULES: Readonly<Record<Exclude<NameRule, 'path-segment' | 'ip-address'>, Rule>> = {
  subdomain: { pattern: whole(SUBDOMAIN), text: SUBDOMAIN_TEXT, maxLength: 253 },
  label: { pattern: whole(LABEL), text: LABEL_TEXT, maxLength: 63 },
  label1035: { pattern: whole(LABEL_1035), text: LABEL_1035_TEXT, maxLength: 63 },
};

interface Rule {
  readonly pattern: RegExp;
  readonly text: string;
  readonly maxLength: number;
}

/** What is wrong with an object's name (apimachinery `validation.NameIsDNSSubdomain` and its kin); empty when nothing is. */
export function nameProblems(name: string, rule: NameRule): string[] {
  if (rule === 'path-segment' || rule === 'ip-address') return pathSegmentProblems(name);
  const { pattern, text, maxLength } = RULES[rule];
  const problems: string[] = [];
  if (name.length > maxLength) problems.push(`must be no more than ${maxLength} characters`);
  if (!pattern.test(name)) problems.push(text);
  return problems;
}

/** What is wrong with a label's or annotation's key. */
export function qualifiedNameProblems(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric ` +
        `character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED_NAME}') with an ` +
        `optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    if (parts[0] === '') problems.push('prefix part must be non-empty');
    else problems.push(...nameProblems(parts[0]!, 'subdomain').map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 characters');
  if (!whole(QUALIFIED_NAME).test(name)) problems.push(QUALIFIED_TEXT);
  return problems;
}

export function labelValueProblems(value: string): string[] {
  const problems: string[] = [];
  if (value.length > 63) problems.push('must be no more than 63 characters');
  if (!whole(LABEL_VALUE).test(value)) problems.push(LABEL_VALUE_TEXT);
  return problems;
}

/** Checks a map of labels. */
export function labelErrors(labels: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(labels).sort()) {
    for (const problem of qualifiedNameProblems(key)) errors.push(invalidValue(field, key, problem));
    for (const problem of labelValueProblems(labels[key]!))
      errors.push(invalidValue(`${field}`, labels[key], problem));
  }
  return errors;
}

/** `Invalid value: "x": why` */
export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${why}`,
  };
}

function pathSegmentProblems(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`);
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
