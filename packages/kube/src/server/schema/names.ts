import { isIP } from 'node:net';

/**
 * Kubernetes' rules for names, keys and values. Each gives what is wrong with a text, in Kubernetes' words; nothing where
 * it is fine (apimachinery `util/validation`).
 */

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const label1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const configKeyFormat = '[-._a-zA-Z0-9]+';

// Anchored and without nested repeats over the same characters, so that matching is linear.
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const qualified = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const configKey = /^[-._a-zA-Z0-9]+$/;

/** A lowercase RFC 1123 label: most 63 characters. */
export function checkDnsLabel(text: string): string[] {
  const problems = tooLongFor(text, 63);
  if (label.test(text)) return problems;
  if (isSubdomain(text)) return [...problems, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...problems, regexProblem(rule, labelFormat, ['my-name', '123-abc'])];
}

/** A lowercase RFC 1123 subdomain: most 253 characters. */
export function checkDnsSubdomain(text: string): string[] {
  const problems = tooLongFor(text, 253);
  if (isSubdomain(text)) return problems;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...problems, regexProblem(rule, subdomainFormat, ['example.com'])];
}

/** A DNS-1035 label, which starts with a letter: names of Services. */
export function checkDns1035Label(text: string): string[] {
  const problems = tooLongFor(text, 63);
  if (label1035.test(text)) return problems;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...problems, regexProblem(rule, label1035Format, ['my-name', 'abc-123'])];
}

/** A key of labels and annotations: a name, with an optional DNS subdomain before `/`. */
export function checkQualifiedName(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedProblem()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const [prefix] = parts;
  if (parts.length === 2) {
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...checkDnsSubdomain(prefix!).map((problem) => `prefix part ${problem}`));
  }
  const name = parts.at(-1)!;
  if (name === '') problems.push('name part must be non-empty');
  else problems.push(...tooLongFor(name, 63).map((problem) => `name part ${problem}`));
  if (!qualified.test(name)) problems.push(`name part ${qualifiedProblem()}`);
  return problems;
}

/** The value of a label. */
export function checkLabelValue(text: string): string[] {
  const problems = tooLongFor(text, 63);
  if (text === '' || qualified.test(text)) return problems;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...problems, regexProblem(rule, `(${qualifiedFormat})?`, ['MyValue', 'my_value', '12345'])];
}

/** A key of a ConfigMap's or Secret's data. */
export function checkConfigKey(text: string): string[] {
  const problems = tooLongFor(text, 253);
  if (!configKey.test(text)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    problems.push(regexProblem(rule, configKeyFormat, ['key.name', 'KEY_NAME', 'key-name']));
  }
  if (text === '.') problems.push("must not be '.'");
  else if (text === '..') problems.push("must not be '..'");
  else if (text.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

/** A name that only has to fit into a path: names of roles and their bindings. */
export function checkPathSegment(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((char) => text.includes(char)).map((char) => `may not contain '${char}'`);
}

/** The name of a port: an IANA service name. */
export function checkPortName(text: string): string[] {
  const problems = tooLongFor(text, 15);
  if (!/^[-a-z0-9]+$/.test(text))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) problems.push('must contain at least one letter (a-z)');
  if (text.includes('--')) problems.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** The number of a port. */
export function checkPortNumber(port: number): string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
    ? []
    : ['must be between 1 and 65535, inclusive'];
}

/** An IP address as text. */
export function checkIpAddress(text: string): string[] {
  return isIP(text) === 0 ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];
}

function qualifiedProblem(): string {
  return regexProblem(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    qualifiedFormat,
    ['MyName', 'my.name', '123-abc'],
  );
}

function isSubdomain(text: string): boolean {
  return text.split('.').every((part) => label.test(part));
}

function tooLongFor(text: string, max: number): string[] {
  return text.length > max ? [`must be no more than ${max} characters`] : [];
}

function regexProblem(rule: string, format: string, examples: readonly string[]): string {
  const listed = examples.map((example, index) => `${index > 0 ? ' or ' : ''}'${example}', `).join('');
  return `${rule} (e.g. ${listed}regex used for validation is '${format}')`;
}
