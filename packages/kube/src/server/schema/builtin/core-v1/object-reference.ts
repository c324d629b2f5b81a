import type { StructuralSchema } from '../../structural-schema.ts';
import { object, text } from '../shape.ts';

/** `core/v1` ObjectReference: names one object, or a part of it. */
export const objectReference: StructuralSchema = object(
  'Names an object.',
  {
    kind: text('Kind of the object.'),
    namespace: text('Namespace of the object.'),
    name: text('Name of the object.'),
    uid: text('UID of the object.'),
    apiVersion: text('API version of the object.'),
    resourceVersion: text('Version of the object, if one is meant.'),
    fieldPath: text('A part of the object.'),
  },
  { mapType: 'atomic', component: 'io.k8s.api.core.v1.ObjectReference' },
);
