import type { StructuralSchema } from '../../structural-schema.ts';
import { bool, int64, list, listMap, mapOf, object, setOf, text, time } from '../shape.ts';

/** `metadata.managedFields[]`, whose shape server-side apply writes. */
export const managedFieldsEntry: StructuralSchema = object(
  'What one manager owns of the object.',
  {
    manager: text('Name of the workflow that manages these fields.'),
    operation: text('How the manager came to own them: Apply or Update.'),
    apiVersion: text('Version in which the fields are named.'),
    time: time('When the entry was added or its fields changed.'),
    fieldsType: text('Format of the fields; only FieldsV1 exists.'),
    fieldsV1: {
      type: 'object',
      preserveUnknownFields: true,
      description: 'The fields, as a tree of path elements.',
      component: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
    },
    subresource: text('Subresource through which the fields were written; empty for the object itself.'),
  },
  { component: 'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry' },
);

export const ownerReference: StructuralSchema = object(
  'An object that this one depends on; it is deleted after its owners.',
  {
    apiVersion: text('API version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner.'),
    uid: text('UID of the owner.'),
    controller: bool('Whether the owner is the managing controller.'),
    blockOwnerDeletion: bool('Whether the owner must wait for this object in a foreground deletion.'),
  },
  {
    required: ['apiVersion', 'kind', 'name', 'uid'],
    mapType: 'atomic',
    component: 'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  },
);

/** `metadata` of every object. */
export const objectMeta: StructuralSchema = object(
  "Standard object's metadata.",
  {
    name: text('Name, unique within a namespace and kind.'),
    generateName: text('Prefix of a name that the server completes when no name is given.'),
    namespace: text('Namespace of the object.'),
    selfLink: text('Deprecated; no longer filled.'),
    uid: text('Identity of this object in time and space, set by the server.'),
    resourceVersion: text('Opaque version of the object, for optimistic concurrency and watches.'),
    generation: int64('Number of the desired state; grows when the spec changes.'),
    creationTimestamp: time('When the server made the object.'),
    deletionTimestamp: time('When the object was asked to be deleted; it goes once its finalizers have.'),
    deletionGracePeriodSeconds: int64('Seconds that the object may take to end gracefully.'),
    labels: mapOf(text(''), 'Keys and values that select and organize objects.'),
    annotations: mapOf(text(''), 'Keys and values of tools, not used for selection.'),
    ownerReferences: listMap(['uid'], ownerReference, {
      description: 'Objects that this object depends on.',
    }),
    finalizers: setOf(text(''), 'Must be empty before the object is removed.', { patchStrategy: 'merge' }),
    managedFields: list(managedFieldsEntry, 'Which manager owns which fields.'),
  },
  { component: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
);
