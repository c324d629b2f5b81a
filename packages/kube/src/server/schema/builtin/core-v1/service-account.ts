import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, listAt, nameColumn } from '../printer-column.ts';
import { bool, list } from '../shape.ts';
import { localObjectReference } from './env.ts';
import { objectReference } from './object-reference.ts';

export const serviceAccount: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: ['token'],
  schema: kindObject('io.k8s.api.core.v1.ServiceAccount', 'Identity of programs in pods.', {
    secrets: list(objectReference, 'Secrets that its pods may use.'),
    imagePullSecrets: list(localObjectReference, 'Secrets for pulling images.'),
    automountServiceAccountToken: bool('Whether its pods get a token.'),
  }),
  columns: [
    nameColumn,
    column('Secrets', (object) => listAt(object, 'secrets').length, { type: 'integer' }),
    ageColumn,
  ],
});
