import { checkQualifiedName } from '../schema/names.ts';
import { badRequest } from '../status/status.ts';

/** A parsed selector: whether an object's labels fit it. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  readonly values: readonly string[];
}

const TOKEN = /\s*(?:(==|!=|[=,()!<>])|([^\s=,()!<>]+))/y;

/**
 * Parses a label selector: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 *
 * @throws StatusError 400
 */
export function parseLabelSelector(text: string): LabelMatcher {
  const requirements = new Parser(text).parse();
  return (labels) => requirements.every((requirement) => fits(requirement, labels));
}

/** The matcher of a `metav1.LabelSelector` object; an absent one fits nothing, an empty one everything. */
export function matcherOf(selector: unknown): LabelMatcher {
  if (typeof selector !== 'object' || selector === null) return () => false;
  const { matchLabels = {}, matchExpressions = [] } = selector as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  const requirements: Requirement[] = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: '=' as const, values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }) => ({
      key,
      operator: operatorOf(operator),
      values,
    })),
  ];
  return (labels) => requirements.every((requirement) => fits(requirement, labels));
}

/** Writes a `metav1.LabelSelector` as text, as `kubectl get -o wide` and the scale subresource show it. */
export function formatLabelSelector(selector: unknown): string {
  if (typeof selector !== 'object' || selector === null) return '<none>';
  const { matchLabels = {}, matchExpressions = [] } = selector as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...matchExpressions.map((expression) => ({ key: expression.key, text: formatExpression(expression) })),
  ];
  return parts
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

function formatExpression({
  key,
  operator,
  values = [],
}: {
  key: string;
  operator: string;
  values?: string[];
}): string {
  const list = [...values].sort().join(',');
  if (operator === 'In') return `${key} in (${list})`;
  if (operator === 'NotIn') return `${key} notin (${list})`;
  return operator === 'DoesNotExist' ? `!${key}` : key;
}

function operatorOf(operator: string): Requirement['operator'] {
  if (operator === 'In') return 'in';
  if (operator === 'NotIn') return 'notin';
  return operator === 'DoesNotExist' ? '!' : 'exists';
}

function fits({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
      return isInteger(value) && Number(value) > Number(values[0]);
    case '<':
      return isInteger(value) && Number(value) < Number(values[0]);
  }
}

function isInteger(value: string | undefined): boolean {
  return value !== undefined && /^-?\d+$/.test(value);
}

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#tokens.length === 0) return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      if (this.#at === this.#tokens.length) return requirements;
      this.#expect(',');
    }
  }

  #requirement(): Requirement {
    if (this.#tokens[this.#at] === '!') {
      this.#at++;
      return { key: this.#key(), operator: '!', values: [] };
    }
    const key = this.#key();
    const next = this.#tokens[this.#at];
    if (next === undefined || next === ',') return { key, operator: 'exists', values: [] };
    this.#at++;
    if (next === '=' || next === '==') return { key, operator: '=', values: [this.#value()] };
    if (next === '!=') return { key, operator: '!=', values: [this.#value()] };
    if (next === '>' || next === '<') return { key, operator: next, values: [this.#integer()] };
    if (next === 'in' || next === 'notin') return { key, operator: next, values: this.#list() };
    throw this.#refuse(`found '${next}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  #list(): string[] {
    this.#expect('(');
    const values: string[] = [this.#value()];
    while (this.#tokens[this.#at] === ',') {
      this.#at++;
      values.push(this.#value());
    }
    this.#expect(')');
    return values;
  }

  #value(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token === ',' || token === ')') return '';
    return this.#word();
  }

  #integer(): string {
    const value = this.#value();
    if (!isInteger(value)) throw this.#refuse(`for 'Gt', 'Lt' operators, the value must be an integer`);
    return value;
  }

  #key(): string {
    const key = this.#word();
    const wrong = checkQualifiedName(key);
    if (wrong.length === 0) return key;
    throw this.#refuse(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`);
  }

  #word(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || /^[=,()!<>]/.test(token)) {
      throw this.#refuse(`found '${token ?? ''}', expected: identifier`);
    }
    this.#at++;
    return token;
  }

  #expect(token: string): void {
    if (this.#tokens[this.#at] !== token) {
      throw this.#refuse(`found '${this.#tokens[this.#at] ?? ''}', expected: '${token}'`);
    }
    this.#at++;
  }

  #refuse(why: string) {
    return badRequest(`unable to parse requirement: ${why}`);
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (!match) throw badRequest(`unable to parse the label selector ${JSON.stringify(text)}`);
    tokens.push((match[1] ?? match[2])!);
  }
  return tokens;
}
