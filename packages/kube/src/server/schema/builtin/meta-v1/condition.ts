import type { StructuralSchema } from '../../structural-schema.ts';
import { int64, listMap, object, text, zeroTime } from '../shape.ts';

/** `metav1.Condition`. */
export const condition: StructuralSchema = object(
  'One aspect of the current state.',
  {
    type: text('Name of the aspect.'),
    status: text('True, False or Unknown.', { default: '' }),
    observedGeneration: int64('Generation that the condition was set for.'),
    lastTransitionTime: zeroTime('When the status last changed.'),
    reason: text('Word that tells why, for programs.', { default: '' }),
    message: text('Sentence that tells why, for people.', { default: '' }),
  },
  {
    required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    component: 'io.k8s.apimachinery.pkg.apis.meta.v1.Condition',
  },
);

/** A kind's own conditions: `type` and `status`, and what else the kind keeps for each. */
export function conditionsOf(
  component: string,
  more: Readonly<Record<string, StructuralSchema>>,
  options: { patched?: boolean } = {},
): StructuralSchema {
  return listMap(
    ['type'],
    object(
      'One aspect of the current state.',
      {
        type: text('Name of the aspect.'),
        status: text('True, False or Unknown.', { default: '' }),
        lastTransitionTime: zeroTime('When the status last changed.'),
        reason: text('Word that tells why, for programs.'),
        message: text('Sentence that tells why, for people.'),
        ...more,
      },
      { required: ['type', 'status'], component },
    ),
    {
      description: 'Latest observations of the state.',
      ...(options.patched === false ? { mergeKey: false as const } : {}),
    },
  );
}
