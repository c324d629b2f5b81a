import { invalid } from '../../field-error.ts';
import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { condition } from '../meta-v1/condition.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, nameColumn, numberAt, valueAt } from '../printer-column.ts';
import { always, int32, int64, intOrString, listMap, mapOf, object, text, time } from '../shape.ts';

export const podDisruptionBudget: BuiltinKind = builtinKind({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  subresources: ['status'],
  hasGeneration: true,
  schema: kindObject('io.k8s.api.policy.v1.PodDisruptionBudget', 'How many pods may be disrupted at once.', {
    spec: always(
      object(
        'The budget.',
        {
          minAvailable: intOrString('Pods that must stay: a number or a percentage.'),
          maxUnavailable: intOrString('Pods that may be missing: a number or a percentage.'),
          selector: { ...labelSelector, patchStrategy: 'replace' },
          unhealthyPodEvictionPolicy: text('When unhealthy pods may be evicted.'),
        },
        { component: 'io.k8s.api.policy.v1.PodDisruptionBudgetSpec' },
      ),
    ),
    status: always(
      object(
        'What is left of it.',
        {
          observedGeneration: int64('Generation that the controller has seen.'),
          disruptedPods: mapOf(time(''), 'Pods being evicted, and since when.'),
          disruptionsAllowed: int32('Pods that may be disrupted now.', { default: 0 }),
          currentHealthy: int32('Healthy pods.', { default: 0 }),
          desiredHealthy: int32('Healthy pods that are needed.', { default: 0 }),
          expectedPods: int32('Pods that count.', { default: 0 }),
          conditions: listMap(['type'], condition, { description: 'Latest observations of the state.' }),
        },
        { component: 'io.k8s.api.policy.v1.PodDisruptionBudgetStatus' },
      ),
    ),
  }),
  columns: [
    nameColumn,
    column('Min Available', (object) => amountOf(object, 'minAvailable')),
    column('Max Unavailable', (object) => amountOf(object, 'maxUnavailable')),
    column('Allowed Disruptions', (object) => numberAt(object, 'status', 'disruptionsAllowed')),
    ageColumn,
  ],
  check: (object) => {
    const spec = valueAt(object, 'spec');
    if (
      !isJsonObject(spec) ||
      getOwn(spec, 'minAvailable') === undefined ||
      getOwn(spec, 'maxUnavailable') === undefined
    )
      return [];
    return [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')];
  },
});

function amountOf(object: JsonObject, field: string): string {
  const value = valueAt(object, 'spec', field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'N/A';
}
