import { invalid, type FieldError } from '../../field-error.ts';
import type { JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, textAt, valueAt } from '../printer-column.ts';
import { always, int32, microTime, object, text } from '../shape.ts';

export const lease: BuiltinKind = builtinKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  schema: kindObject('io.k8s.api.coordination.v1.Lease', 'Who holds something, and for how long.', {
    spec: always(
      object(
        'The lease.',
        {
          holderIdentity: text('Who holds it.'),
          leaseDurationSeconds: int32('Seconds that others wait since it was last renewed.'),
          acquireTime: microTime('When it was taken.'),
          renewTime: microTime('When it was last renewed.'),
          leaseTransitions: int32('How often it changed hands.'),
          strategy: text('How the holder is chosen.'),
          preferredHolder: text('Who should hold it.'),
        },
        { component: 'io.k8s.api.coordination.v1.LeaseSpec' },
      ),
    ),
  }),
  columns: [nameColumn, column('Holder', (object) => textAt(object, 'spec', 'holderIdentity')), ageColumn],
  check,
});

/** `coordination` ValidateLeaseSpec */
function check(object: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = valueAt(object, 'spec', 'leaseDurationSeconds');
  if (typeof seconds === 'number' && seconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  const transitions = numberAt(object, 'spec', 'leaseTransitions');
  if (transitions < 0) {
    errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}
