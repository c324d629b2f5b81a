import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, textAt } from '../printer-column.ts';
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
});
