import type { KubeObject } from '../model/kube-object.ts';

/** Where an object is kept: its resource (`pods`, `deployments.apps`), namespace ('' at cluster scope) and name. */
export interface StorageKey {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object as committed, with its JSON made once for disk, lists and watches. */
export interface StoredRecord extends StorageKey {
  readonly revision: number;
  readonly object: KubeObject;
  readonly json: string;
}

/** One change, in the order of the server's one revision sequence. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly atMs: number;
  /** The state after the change; of a deletion, the last state under the deletion's revision. */
  readonly record: StoredRecord;
  /** The state before the change; absent for ADDED. */
  readonly previous?: StoredRecord;
}

/** Makes the record of an object at a revision, with `metadata.resourceVersion` set. The argument is not changed. */
export function makeRecord(key: StorageKey, revision: number, object: KubeObject): StoredRecord {
  const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  return { ...pickKey(key), revision, object: versioned, json: JSON.stringify(versioned) };
}

/** Reads a record back from its JSON. */
export function parseRecord(key: StorageKey, json: string): StoredRecord {
  const object = JSON.parse(json) as KubeObject;
  return { ...pickKey(key), revision: Number(object.metadata.resourceVersion), object, json };
}

/** The order of lists: by the bytes of `namespace/name`, as etcd's keys have it. */
export function tableKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function pickKey({ resource, namespace, name }: StorageKey): StorageKey {
  return { resource, namespace, name };
}
