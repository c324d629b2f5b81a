import { child, invalid, notSupported, required, type FieldError } from '../../field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../names.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, objectsAt, textAt, valueAt } from '../printer-column.ts';
import { always, list, object, text } from '../shape.ts';

const group = 'rbac.authorization.k8s.io';

const subjects = list(
  object(
    'Who gets the rights.',
    {
      kind: text('User, Group or ServiceAccount.'),
      apiGroup: text('Group of the kind.'),
      name: text('Name of the subject.'),
      namespace: text('Namespace of a service account.'),
    },
    { required: ['kind', 'name'], mapType: 'atomic', component: 'io.k8s.api.rbac.v1.Subject' },
  ),
  'Who gets the rights.',
);

const roleRef = object(
  'The role; cannot change.',
  {
    apiGroup: text('Group of the role.', { default: group }),
    kind: text('Role or ClusterRole.'),
    name: text('Name of the role.'),
  },
  { required: ['kind', 'name'], mapType: 'atomic', component: 'io.k8s.api.rbac.v1.RoleRef' },
);

export const roleBinding: BuiltinKind = bindingKind('RoleBinding', 'rolebindings', true);
export const clusterRoleBinding: BuiltinKind = bindingKind(
  'ClusterRoleBinding',
  'clusterrolebindings',
  false,
);

function bindingKind(kind: string, plural: string, namespaced: boolean): BuiltinKind {
  const roleKinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  return builtinKind({
    group,
    version: 'v1',
    kind,
    plural,
    namespaced,
    nameRule: 'path',
    schema: kindObject(
      `io.k8s.api.rbac.v1.${kind}`,
      'Gives the rights of a role to subjects.',
      { subjects, roleRef: always(roleRef) },
      {
        required: ['roleRef'],
      },
    ),
    columns: [
      nameColumn,
      column('Role', (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`),
      ageColumn,
      column('Users', (object) => namesOf(object, 'User'), { wide: true }),
      column('Groups', (object) => namesOf(object, 'Group'), { wide: true }),
      column('ServiceAccounts', (object) => namesOf(object, 'ServiceAccount'), { wide: true }),
    ],
    complete,
    check: (object, old) => [...checkRoleRef(object, old, roleKinds), ...checkSubjects(object)],
  });
}

function complete(object: JsonObject): void {
  for (const subject of objectsAt(object, 'subjects')) {
    if (getOwn(subject, 'apiGroup') === undefined && ['User', 'Group'].includes(textAt(subject, 'kind')))
      subject['apiGroup'] = group;
  }
}

function checkRoleRef(
  object: JsonObject,
  old: JsonObject | undefined,
  roleKinds: readonly string[],
): FieldError[] {
  const kind = textAt(object, 'roleRef', 'kind');
  const errors: FieldError[] = [];
  if (textAt(object, 'roleRef', 'apiGroup') !== group) {
    errors.push(notSupported('roleRef.apiGroup', textAt(object, 'roleRef', 'apiGroup'), [group]));
  }
  if (!roleKinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, roleKinds));
  if (textAt(object, 'roleRef', 'name') === '') errors.push(required('roleRef.name'));
  const ref = valueAt(object, 'roleRef');
  if (old && isJsonObject(ref) && !equalJson(ref, valueAt(old, 'roleRef'))) {
    errors.push(invalid('roleRef', ref, 'cannot change roleRef'));
  }
  return errors;
}

function checkSubjects(object: JsonObject): FieldError[] {
  return objectsAt(object, 'subjects').flatMap((subject, index) =>
    checkSubject(subject, `subjects[${index}]`),
  );
}

function checkSubject(subject: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(subject, 'name');
  const kind = textAt(subject, 'kind');
  if (name === '') errors.push(required(child(path, 'name')));
  const apiGroup = kind === 'ServiceAccount' ? '' : group;
  if (!['ServiceAccount', 'User', 'Group'].includes(kind)) {
    return [...errors, notSupported(child(path, 'kind'), kind, ['ServiceAccount', 'User', 'Group'])];
  }
  if (textAt(subject, 'apiGroup') !== apiGroup) {
    errors.push(notSupported(child(path, 'apiGroup'), textAt(subject, 'apiGroup'), [apiGroup]));
  }
  if (kind !== 'ServiceAccount') return errors;
  const namespace = textAt(subject, 'namespace');
  if (name !== '')
    errors.push(...checkDnsSubdomain(name).map((why) => invalid(child(path, 'name'), name, why)));
  if (namespace === '') errors.push(required(child(path, 'namespace')));
  else
    errors.push(...checkDnsLabel(namespace).map((why) => invalid(child(path, 'namespace'), namespace, why)));
  return errors;
}

function namesOf(object: JsonObject, kind: string): string {
  return objectsAt(object, 'subjects')
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${textAt(subject, 'namespace')}/${textAt(subject, 'name')}`
        : textAt(subject, 'name'),
    )
    .join(', ');
}
