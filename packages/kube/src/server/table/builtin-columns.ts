import { formatAge } from './age.ts';
import type { Column } from './column.ts';

const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

/** The columns of a kind that says nothing else. */
export const DEFAULT_COLUMNS: readonly Column[] = [
  NAME,
  {
    name: 'Age',
    type: 'string',
    format: '',
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created.',
    priority: 0,
    cell: (object, nowMs) => formatAge(object.metadata.creationTimestamp, nowMs),
  },
];
