import type { StructuralSchema } from '../../structural-schema.ts';
import { list, mapOf, object, text } from '../shape.ts';

/** `metav1.LabelSelector`: replaced as a whole by patches and appliers. */
export const labelSelector: StructuralSchema = object(
  'A query over labels; its parts are all required to hold.',
  {
    matchLabels: mapOf(text(''), 'Labels that must be present with these values.'),
    matchExpressions: list(
      object(
        'A requirement on one label.',
        {
          key: text('Key of the label.'),
          operator: text('In, NotIn, Exists or DoesNotExist.'),
          values: list(text(''), 'Values for In and NotIn.'),
        },
        {
          required: ['key', 'operator'],
          component: 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
        },
      ),
      'Requirements on labels.',
    ),
  },
  { mapType: 'atomic', component: 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector' },
);
