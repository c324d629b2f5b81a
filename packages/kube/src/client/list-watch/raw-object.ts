import { isRecord } from '@flatland/shared/is-record';
/** The part of an object that the cache needs, before anybody has parsed the rest. */
export type RawObject = {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly raw: unknown;
};

/** `namespace/name`, or `name` of a cluster-scoped object. */
export function keyOf(ref: { readonly name: string; readonly namespace?: string | undefined }): string {
  return ref.namespace === undefined || ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** Reads key, uid and version of something that should be an object; undefined when it is none. */
export function readRawObject(raw: unknown): RawObject | undefined {
  if (!isRecord(raw) || !isRecord(raw['metadata'])) return undefined;
  const { name, namespace, uid, resourceVersion } = raw['metadata'];
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof resourceVersion !== 'string' || resourceVersion === '') return undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return undefined;
  return { key: keyOf({ name, namespace }), uid: typeof uid === 'string' ? uid : '', resourceVersion, raw };
}
