import { checkImmutable } from '../../check-object-meta.ts';
import { forbidden, notSupported, type FieldError } from '../../field-error.ts';
import { getOwn, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, textAt } from '../printer-column.ts';
import { bool, int32, text } from '../shape.ts';

const policies = ['PreemptLowerPriority', 'Never'];
const HIGHEST_OF_USERS = 1_000_000_000;

/** What every cluster has from its start. */
export const SYSTEM_PRIORITY_CLASSES = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
] as const;

export const priorityClass: BuiltinKind = builtinKind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  schema: kindObject('io.k8s.api.scheduling.v1.PriorityClass', 'A name for a priority of pods.', {
    value: int32('The priority; cannot change.', { default: 0 }),
    globalDefault: bool('Whether pods without a class have it.'),
    description: text('What it is for.'),
    preemptionPolicy: text('PreemptLowerPriority or Never; cannot change.', {
      default: 'PreemptLowerPriority',
    }),
  }),
  columns: [
    nameColumn,
    column('Value', (object) => numberAt(object, 'value'), { type: 'integer' }),
    column('Global-Default', (object) => getOwn(object, 'globalDefault') === true, { type: 'boolean' }),
    ageColumn,
    column('PreemptionPolicy', (object) => textAt(object, 'preemptionPolicy')),
  ],
  check: (object, old) => (old ? checkChange(object, old) : checkNew(object)),
});

/** `scheduling` ValidatePriorityClass */
function checkNew(object: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(object, 'metadata', 'name');
  const value = numberAt(object, 'value');
  if (name.startsWith('system-')) {
    const why = whyNoSystemClass(name, value, getOwn(object, 'globalDefault') === true);
    if (why !== undefined) {
      const all = `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`;
      errors.push(forbidden('metadata.name', all));
    }
  } else if (value > HIGHEST_OF_USERS) {
    errors.push(
      forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`),
    );
  }
  const policy = textAt(object, 'preemptionPolicy');
  if (!policies.includes(policy)) errors.push(notSupported('preemptionPolicy', policy, policies));
  return errors;
}

function whyNoSystemClass(name: string, value: number, isDefault: boolean): string | undefined {
  const known = SYSTEM_PRIORITY_CLASSES.find((candidate) => candidate.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

/** `scheduling` ValidatePriorityClassUpdate */
function checkChange(object: JsonObject, old: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  if (numberAt(object, 'value') !== numberAt(old, 'value')) {
    errors.push(forbidden('value', 'may not be changed in an update.'));
  }
  const [policy, before] = [getOwn(object, 'preemptionPolicy'), getOwn(old, 'preemptionPolicy')];
  return [...errors, ...checkImmutable(policy, before, 'preemptionPolicy')];
}
