import type { KubeconfigReason, KubeconfigRefusal } from './refusal.ts';

/** A mapping of the file with the place where it stands, and where the refusals of reading it go. */
export type Section = {
  readonly map: ReadonlyMap<unknown, unknown>;
  readonly where: string;
  readonly refusals: KubeconfigRefusal[];
};

/** What to do about a field: read it elsewhere, pass over it, or refuse it for a reason. */
export type FieldRule = 'read' | 'ignore' | KubeconfigReason;

/** Refuses every field that the rules do not let through. A field without a rule is `unknown-field`. */
export function checkFields(section: Section, rules: Readonly<Record<string, FieldRule>>): void {
  for (const key of section.map.keys()) {
    const name = typeof key === 'string' ? key : '';
    const rule = Object.hasOwn(rules, name) ? (rules[name] ?? 'unknown-field') : 'unknown-field';
    if (rule !== 'read' && rule !== 'ignore') refuse(section, rule, printable(name));
  }
}

/** The text of a field; undefined when absent, or refused as `wrong-type` when it is none. */
export function textField(section: Section, name: string): string | undefined {
  const value = section.map.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  refuse(section, 'wrong-type', name);
  return undefined;
}

/** The mapping of a field; undefined when absent, or refused as `wrong-type`. */
export function mapField(section: Section, name: string): Section | undefined {
  const value = section.map.get(name);
  if (value === undefined || value === null) return undefined;
  if (value instanceof Map) return { ...section, map: value, where: path(section.where, name) };
  refuse(section, 'wrong-type', name);
  return undefined;
}

/** The elements of a list of mappings. Anything else in it is refused. */
export function listField(section: Section, name: string): Section[] {
  const value = section.map.get(name);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    refuse(section, 'wrong-type', name);
    return [];
  }
  return value.flatMap((element: unknown, index) => {
    const where = `${path(section.where, name)}[${index}]`;
    if (element instanceof Map) return [{ map: element, where, refusals: section.refusals }];
    section.refusals.push({ reason: 'wrong-type', where });
    return [];
  });
}

export function refuse(section: Section, reason: KubeconfigReason, field: string): void {
  section.refusals.push({ reason, where: path(section.where, field) });
}

function path(where: string, field: string): string {
  return where === '' ? field : field === '' ? where : `${where}.${field}`;
}

function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 64);
}
