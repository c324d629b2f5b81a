import { difference, fieldSetOf, type FieldSet } from '../field-set/field-set.ts';
import { fieldElement } from '../field-set/path-element.ts';

const metadata = fieldElement('metadata');

/** Fields that the server owns; no manager ever does. */
const neverManaged = fieldSetOf(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [metadata],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [metadata, fieldElement(name)]),
);

/** Takes out of a set what is never managed. */
export function stripMetadata(set: FieldSet): FieldSet {
  return difference(set, neverManaged);
}
