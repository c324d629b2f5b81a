import { checkImmutable } from '../../check-object-meta.ts';
import { required } from '../../field-error.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, textAt, valueAt } from '../printer-column.ts';
import { always, object, text } from '../shape.ts';

export const ipAddress: BuiltinKind = builtinKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  namespaced: false,
  nameRule: 'ip-address',
  schema: kindObject(
    'io.k8s.api.networking.v1.IPAddress',
    'An address that is taken; its name is the address.',
    {
      spec: always(
        object(
          'Who took it.',
          {
            parentRef: object(
              'The object that the address belongs to.',
              {
                group: text('Group of the object.'),
                resource: text('Resource of the object.'),
                namespace: text('Namespace of the object.'),
                name: text('Name of the object.'),
              },
              { required: ['resource', 'name'], component: 'io.k8s.api.networking.v1.ParentReference' },
            ),
          },
          { component: 'io.k8s.api.networking.v1.IPAddressSpec' },
        ),
      ),
    },
  ),
  columns: [
    nameColumn,
    column('ParentRef', (object) => {
      const parts = ['resource', 'namespace', 'name'].map((field) =>
        textAt(object, 'spec', 'parentRef', field),
      );
      return parts.filter((part) => part !== '').join('/');
    }),
    ageColumn,
  ],
  check: (object, old) => {
    const parent = valueAt(object, 'spec', 'parentRef');
    if (parent === undefined) return [required('spec.parentRef')];
    return old ? checkImmutable(parent, valueAt(old, 'spec', 'parentRef'), 'spec.parentRef') : [];
  },
});
