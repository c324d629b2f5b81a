import type { StructuralSchema } from '../../structural-schema.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { list, object, text } from '../shape.ts';

const rule = object(
  'Requests that it is about.',
  {
    resourceNames: list(text(''), 'Names of objects; all of them when empty.'),
    operations: list(text(''), 'CREATE, UPDATE, DELETE, CONNECT or *.'),
    apiGroups: list(text(''), 'Groups; * is all.'),
    apiVersions: list(text(''), 'Versions; * is all.'),
    resources: list(text(''), 'Resources, with subresources behind /; * is all.'),
    scope: text('Cluster, Namespaced or *.', { default: '*' }),
  },
  { mapType: 'atomic', component: 'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations' },
);

/** `matchConstraints` of a policy, `matchResources` of its binding. */
export const matchResources: StructuralSchema = object(
  'Which requests it is about.',
  {
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    resourceRules: list(rule, 'Requests that it is about.'),
    excludeResourceRules: list(rule, 'Requests that it is not about.'),
    matchPolicy: text('Exact or Equivalent.', { default: 'Equivalent' }),
  },
  { mapType: 'atomic', component: 'io.k8s.api.admissionregistration.v1.MatchResources' },
);
