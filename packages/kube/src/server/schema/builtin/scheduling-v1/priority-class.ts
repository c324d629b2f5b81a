import { checkImmutable } from '../../check-object-meta.ts';
import { getOwn } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, textAt } from '../printer-column.ts';
import { bool, int32, text } from '../shape.ts';

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
  check: (object, old) =>
    old
      ? ['value', 'preemptionPolicy'].flatMap((field) =>
          checkImmutable(getOwn(object, field), getOwn(old, field), field),
        )
      : [],
});
