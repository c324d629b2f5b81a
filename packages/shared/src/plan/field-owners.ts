import { isRecord } from '../is-record.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';

/** A field and one of its managers. */
export interface FieldOwner {
  readonly manager: string;
  /** As the API writes it: `.spec.clusters[name="aws-east"].slices`. */
  readonly field: string;
  /** When the manager last changed what it owns, as the API says (RFC 3339). */
  readonly time?: string;
}

/**
 * Who owns which leaf of an object, by its `metadata.managedFields` (FieldsV1), but one manager's own. What is said of
 * the status is left out.
 */
export function fieldOwners(object: KubernetesObject, ownManager: string): FieldOwner[] {
  const entries: unknown = object.metadata['managedFields'];
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    if (!isRecord(entry) || (entry['subresource'] ?? '') !== '') return [];
    const { manager, fieldsV1, time } = entry;
    if (typeof manager !== 'string' || manager === ownManager || !isRecord(fieldsV1)) return [];
    return leaves(fieldsV1, '').map((field) => ({
      manager,
      field,
      ...(typeof time === 'string' && { time }),
    }));
  });
}

function leaves(fields: Record<string, unknown>, above: string): string[] {
  return Object.entries(fields).flatMap(([key, below]) => {
    if (key === '.') return [];
    const field = `${above}${partOf(key)}`;
    const deeper = isRecord(below) ? leaves(below, field) : [];
    return deeper.length > 0 ? deeper : [field];
  });
}

/** `f:spec` is a name, `k:{…}` an element by its keys, `v:…` one of a set, `i:0` one by its place. */
function partOf(key: string): string {
  const text = key.slice(2);
  if (key.startsWith('f:')) return `.${text}`;
  if (key.startsWith('v:')) return `[=${text}]`;
  if (key.startsWith('i:')) return `[${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
