import type { StructuralSchema } from '../../structural-schema.ts';
import { listMap, mapOf, object, quantity, text } from '../shape.ts';

/** `resources` of a container. */
export const resourceRequirements: StructuralSchema = object(
  'What is requested and what is allowed.',
  {
    limits: mapOf(quantity(''), 'Most that may be used.'),
    requests: mapOf(quantity(''), 'Least that is needed.'),
    claims: listMap(
      ['name'],
      object(
        'A claim that the container uses.',
        { name: text('Name of the claim in the pod.'), request: text('Name of a request in the claim.') },
        { required: ['name'], component: 'io.k8s.api.core.v1.ResourceClaim' },
      ),
      { description: 'Claims that the container uses.', mergeKey: false },
    ),
  },
  { component: 'io.k8s.api.core.v1.ResourceRequirements' },
);
