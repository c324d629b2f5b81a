import { child, required, type FieldError } from '../../field-error.ts';
import type { JsonObject } from '../../json.ts';
import { listAt, objectsAt } from '../printer-column.ts';
import { list, object, text } from '../shape.ts';

/** `rules` of a Role or ClusterRole. */
export const rules = list(
  object(
    'What may be done with what.',
    {
      verbs: list(text(''), 'Verbs; * is all.'),
      apiGroups: list(text(''), 'Groups; "" is the core group, * is all.'),
      resources: list(text(''), 'Resources, with subresources behind /; * is all.'),
      resourceNames: list(text(''), 'Names; all of them when empty.'),
      nonResourceURLs: list(text(''), 'Paths that are no resources; only in ClusterRoles.'),
    },
    { required: ['verbs'], component: 'io.k8s.api.rbac.v1.PolicyRule' },
  ),
  'What may be done.',
);

/** Checks rules (`rbac` ValidatePolicyRule). */
export function checkRules(role: JsonObject, namespaced: boolean): FieldError[] {
  return objectsAt(role, 'rules').flatMap((rule, index) => checkRule(rule, `rules[${index}]`, namespaced));
}

function checkRule(rule: JsonObject, path: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (listAt(rule, 'verbs').length === 0)
    errors.push(required(child(path, 'verbs'), 'verbs must contain at least one value'));
  const isPath = listAt(rule, 'nonResourceURLs').length > 0;
  if (isPath && !namespaced) return errors;
  if (listAt(rule, 'apiGroups').length === 0) {
    errors.push(required(child(path, 'apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (listAt(rule, 'resources').length === 0) {
    errors.push(required(child(path, 'resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}
