import type { StoredRecord } from './record.ts';
import { tableKey } from './record.ts';

/** The committed objects of one resource, in the order that lists have. */
export class ResourceTable {
  readonly #records = new Map<string, StoredRecord>();
  #sortedKeys: string[] | undefined;

  get size(): number {
    return this.#records.size;
  }

  get(namespace: string, name: string): StoredRecord | undefined {
    return this.#records.get(tableKey(namespace, name));
  }

  set(record: StoredRecord): void {
    const key = tableKey(record.namespace, record.name);
    if (!this.#records.has(key) && this.#sortedKeys) {
      this.#sortedKeys.splice(lowerBound(this.#sortedKeys, key), 0, key);
    }
    this.#records.set(key, record);
  }

  delete(namespace: string, name: string): void {
    const key = tableKey(namespace, name);
    if (!this.#records.delete(key) || !this.#sortedKeys) return;
    this.#sortedKeys.splice(lowerBound(this.#sortedKeys, key), 1);
  }

  /** All records, or one namespace's, sorted. */
  list(namespace?: string): StoredRecord[] {
    this.#sortedKeys ??= [...this.#records.keys()].sort();
    const keys = this.#sortedKeys;
    if (namespace === undefined) return keys.map((key) => this.#records.get(key)!);
    const prefix = `${namespace}/`;
    const found: StoredRecord[] = [];
    for (let index = lowerBound(keys, prefix); index < keys.length; index++) {
      const key = keys[index]!;
      if (!key.startsWith(prefix)) break;
      found.push(this.#records.get(key)!);
    }
    return found;
  }
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
