import type { JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, nameColumn, textAt } from '../printer-column.ts';
import { always, object, setOf, text } from '../shape.ts';
import { matchResources } from './match-resources.ts';

const api = 'io.k8s.api.admissionregistration.v1';

export const validatingAdmissionPolicyBinding: BuiltinKind = builtinKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  namespaced: false,
  hasGeneration: true,
  schema: kindObject(`${api}.ValidatingAdmissionPolicyBinding`, 'Puts a policy into force.', {
    spec: always(
      object(
        'Which policy, with what, for which requests.',
        {
          policyName: text('Name of the policy.'),
          paramRef: object(
            'The parameters.',
            {
              name: text('Name of the object.'),
              namespace: text('Namespace of the object.'),
              selector: labelSelector,
              parameterNotFoundAction: text('What to do where there are none: Allow or Deny.'),
            },
            { mapType: 'atomic', component: `${api}.ParamRef` },
          ),
          matchResources,
          validationActions: setOf(text(''), 'What a broken rule does: Deny, Warn or Audit.'),
        },
        { component: `${api}.ValidatingAdmissionPolicyBindingSpec` },
      ),
    ),
  }),
  columns: [
    nameColumn,
    column('PolicyName', (object) => textAt(object, 'spec', 'policyName')),
    column('ParamRef', paramRefOf),
    ageColumn,
  ],
});

function paramRefOf(object: JsonObject): string {
  const name = textAt(object, 'spec', 'paramRef', 'name');
  const namespace = textAt(object, 'spec', 'paramRef', 'namespace');
  if (name === '') return '<unset>';
  return namespace === '' ? name : `${namespace}/${name}`;
}
