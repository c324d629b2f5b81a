/** Where a value stands in an object, as a chain to its parent; printed only when there is something to say. */
export interface FieldPath {
  readonly parent: FieldPath | undefined;
  /** A field name or map key, or the index of a list. */
  readonly step: string | number;
  /** Whether the step is the key of a map, which rules print in brackets. */
  readonly isKey?: true;
}

/** Prints a path as field errors have it: `spec.ports[0].name`; '' for the object itself. */
export function printFieldPath(path: FieldPath | undefined): string {
  const steps: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) {
    steps.push(typeof at.step === 'number' || at.isKey === true ? `[${at.step}]` : `.${at.step}`);
  }
  const text = steps.toReversed().join('');
  return text.startsWith('.') ? text.slice(1) : text;
}

/** Reads a printed path of plain field names, such as `spec.template`, as a path to start from. */
export function parseFieldPath(text: string): FieldPath | undefined {
  let path: FieldPath | undefined;
  for (const step of text.split('.')) if (step !== '') path = { parent: path, step };
  return path;
}
