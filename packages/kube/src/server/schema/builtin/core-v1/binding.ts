import type { StructuralSchema } from '../../structural-schema.ts';
import { kindObject } from '../kind-object.ts';
import { always } from '../shape.ts';
import { objectReference } from './object-reference.ts';

/** What is posted to a pod's `binding` subresource; never stored. */
export const binding: StructuralSchema = kindObject(
  'io.k8s.api.core.v1.Binding',
  'Ties a pod to a node.',
  { target: always(objectReference, 'The node.') },
  { required: ['target'] },
);
