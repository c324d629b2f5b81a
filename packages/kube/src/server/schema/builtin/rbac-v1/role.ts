import type { StructuralSchema } from '../../structural-schema.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { column, nameColumn, textAt } from '../printer-column.ts';
import { list, object } from '../shape.ts';
import { checkRules, rules } from './policy-rule.ts';

const createdAt = column('Created At', (object) => textAt(object, 'metadata', 'creationTimestamp'), {
  type: 'date',
});

export const role: BuiltinKind = roleKind('Role', 'roles', {
  namespaced: true,
  schema: kindObject('io.k8s.api.rbac.v1.Role', 'Rights in one namespace.', { rules }),
});

export const clusterRole: BuiltinKind = roleKind('ClusterRole', 'clusterroles', {
  namespaced: false,
  schema: kindObject(
    'io.k8s.api.rbac.v1.ClusterRole',
    'Rights in the whole cluster, or in whatever namespace a RoleBinding names.',
    {
      rules,
      aggregationRule: object(
        'Which ClusterRoles its rules come from.',
        { clusterRoleSelectors: list(labelSelector, 'Selects them by labels.') },
        { component: 'io.k8s.api.rbac.v1.AggregationRule' },
      ),
    },
  ),
});

function roleKind(
  kind: string,
  plural: string,
  { namespaced, schema }: { namespaced: boolean; schema: StructuralSchema },
): BuiltinKind {
  return builtinKind({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind,
    plural,
    namespaced,
    nameRule: 'path',
    schema,
    columns: [nameColumn, createdAt],
    complete: (object) => {
      object['rules'] ??= [];
    },
    check: (object) => checkRules(object, namespaced),
  });
}
