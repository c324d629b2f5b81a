import { isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { condition } from '../meta-v1/condition.ts';
import { ageColumn, column, listAt, nameColumn, textAt, valueAt } from '../printer-column.ts';
import { always, int64, list, listMap, object, text } from '../shape.ts';
import { matchResources } from './match-resources.ts';

const api = 'io.k8s.api.admissionregistration.v1';

const spec = object(
  'What is checked.',
  {
    paramKind: object(
      'Kind of its parameters.',
      { apiVersion: text('API version.'), kind: text('Kind.') },
      {
        mapType: 'atomic',
        component: `${api}.ParamKind`,
      },
    ),
    matchConstraints: matchResources,
    validations: list(
      object(
        'A rule that must hold.',
        {
          expression: text('CEL; true admits the request.'),
          message: text('What to tell where it does not hold.'),
          reason: text('Word that tells why, for programs.'),
          messageExpression: text('CEL that makes the message.'),
        },
        { required: ['expression'], component: `${api}.Validation` },
      ),
      'Rules that must hold.',
    ),
    failurePolicy: text('What a broken rule does: Fail or Ignore.', { default: 'Fail' }),
    auditAnnotations: list(
      object(
        'An annotation of the audit.',
        { key: text('Key.'), valueExpression: text('CEL that makes the value.') },
        { required: ['key', 'valueExpression'], component: `${api}.AuditAnnotation` },
      ),
      'Annotations of the audit.',
    ),
    matchConditions: listMap(
      ['name'],
      object(
        'A condition of being checked at all.',
        { name: text('Name.'), expression: text('CEL.') },
        {
          required: ['name', 'expression'],
          component: `${api}.MatchCondition`,
        },
      ),
      { description: 'Conditions of being checked at all.' },
    ),
    variables: listMap(
      ['name'],
      object(
        'A named part of expressions.',
        { name: text('Name.'), expression: text('CEL.') },
        {
          required: ['name', 'expression'],
          mapType: 'atomic',
          component: `${api}.Variable`,
        },
      ),
      { description: 'Named parts of expressions.' },
    ),
  },
  { component: `${api}.ValidatingAdmissionPolicySpec` },
);

const status = object(
  'What is known of the policy.',
  {
    observedGeneration: int64('Generation that was seen.'),
    typeChecking: object(
      'Outcome of checking the types.',
      {
        expressionWarnings: list(
          object(
            'A warning.',
            { fieldRef: text('Where.'), warning: text('What.') },
            {
              required: ['fieldRef', 'warning'],
              component: `${api}.ExpressionWarning`,
            },
          ),
          'Warnings.',
        ),
      },
      { component: `${api}.TypeChecking` },
    ),
    conditions: listMap(['type'], condition, {
      description: 'Latest observations of the state.',
      mergeKey: false,
    }),
  },
  { component: `${api}.ValidatingAdmissionPolicyStatus` },
);

export const validatingAdmissionPolicy: BuiltinKind = builtinKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  namespaced: false,
  subresources: ['status'],
  hasGeneration: true,
  schema: kindObject(`${api}.ValidatingAdmissionPolicy`, 'Rules that requests are checked by.', {
    spec: always(spec),
    status: always(status),
  }),
  columns: [
    nameColumn,
    column('Validations', (object) => listAt(object, 'spec', 'validations').length, { type: 'integer' }),
    column('ParamKind', paramKindOf),
    ageColumn,
  ],
  complete: (object) => {
    const constraints = valueAt(object, 'spec', 'matchConstraints');
    if (isJsonObject(constraints)) {
      constraints['namespaceSelector'] ??= {};
      constraints['objectSelector'] ??= {};
    }
  },
});

function paramKindOf(object: JsonObject): string {
  const kind = textAt(object, 'spec', 'paramKind', 'kind');
  return kind === '' ? '<unset>' : `${textAt(object, 'spec', 'paramKind', 'apiVersion')}/${kind}`;
}
