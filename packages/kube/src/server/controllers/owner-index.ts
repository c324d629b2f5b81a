import type { StorageKey, StoredRecord, StoreEvent } from '../storage/record.ts';

/** Who says it is owned by whom: from an owner's uid to the keys of its dependents. Follows the store's events. */
export class OwnerIndex {
  readonly #dependents = new Map<string, Map<string, StorageKey>>();

  notice({ type, record, previous }: StoreEvent): void {
    if (previous) this.#remove(previous);
    if (type !== 'DELETED') this.add(record);
  }

  add(record: StoredRecord): void {
    for (const { uid } of record.object.metadata.ownerReferences ?? []) {
      let keys = this.#dependents.get(uid);
      if (!keys) this.#dependents.set(uid, (keys = new Map()));
      keys.set(keyText(record), record);
    }
  }

  /** Sorted, so that the order of deletions does not hang on the order of creations. */
  dependentsOf(uid: string): StorageKey[] {
    const keys = this.#dependents.get(uid) ?? new Map<string, StorageKey>();
    return [...keys].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, key]) => key);
  }

  #remove(record: StoredRecord): void {
    for (const { uid } of record.object.metadata.ownerReferences ?? []) {
      const keys = this.#dependents.get(uid);
      keys?.delete(keyText(record));
      if (keys?.size === 0) this.#dependents.delete(uid);
    }
  }
}

function keyText({ resource, namespace, name }: StorageKey): string {
  return `${resource}/${namespace}/${name}`;
}
