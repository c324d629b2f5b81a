import type { StructuralSchema } from '../../structural-schema.ts';
import { kindObject } from '../kind-object.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { always, foreign, list, mapOf, object, quantity, text } from '../shape.ts';

export const persistentVolumeClaimSpec: StructuralSchema = object(
  'What storage is asked for.',
  {
    accessModes: list(text(''), 'How it may be mounted.'),
    selector: labelSelector,
    resources: always(
      object(
        'How much is asked for.',
        { limits: mapOf(quantity(''), 'Most.'), requests: mapOf(quantity(''), 'Least.') },
        { component: 'io.k8s.api.core.v1.VolumeResourceRequirements' },
      ),
    ),
    volumeName: text('Volume that the claim is bound to.'),
    storageClassName: text('Class of storage.'),
    volumeMode: text('Filesystem or Block.'),
    volumeAttributesClassName: text('Class of attributes.'),
    dataSource: object(
      'Where its content comes from.',
      { apiGroup: text('Group.'), kind: text('Kind.'), name: text('Name.') },
      {
        required: ['kind', 'name'],
        mapType: 'atomic',
        component: 'io.k8s.api.core.v1.TypedLocalObjectReference',
      },
    ),
    dataSourceRef: object(
      'Where its content comes from.',
      { apiGroup: text('Group.'), kind: text('Kind.'), name: text('Name.'), namespace: text('Namespace.') },
      { required: ['kind', 'name'], component: 'io.k8s.api.core.v1.TypedObjectReference' },
    ),
  },
  { component: 'io.k8s.api.core.v1.PersistentVolumeClaimSpec' },
);

/** A claim, as StatefulSets carry it in their templates. */
export const persistentVolumeClaim: StructuralSchema = kindObject(
  'io.k8s.api.core.v1.PersistentVolumeClaim',
  'Asks for storage.',
  {
    spec: always(persistentVolumeClaimSpec),
    status: always(foreign('io.k8s.api.core.v1.PersistentVolumeClaimStatus', 'What is known of the claim.')),
  },
);
