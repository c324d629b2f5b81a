import type { Result } from '@flatland/shared/result';
import { err } from '@flatland/shared/result';
import { readRawObject } from './raw-object.ts';
import type { RawObject } from './raw-object.ts';
import { compareResourceVersions, isOlder } from './resource-version.ts';

/** What became different in the cache. A replaced object (another uid) is a deletion and an addition. */
export type Change<T> =
  | { readonly type: 'added'; readonly key: string; readonly object: T }
  | { readonly type: 'updated'; readonly key: string; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly key: string; readonly object: T };

/** An object that the server has and that `parse` refused. Its last good version, if any, stays in the cache. */
export type Rejected = { readonly key: string; readonly resourceVersion: string; readonly message: string };

export type Parse<T> = (raw: unknown) => Result<T, string>;

export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** What readers see of the cache. */
export type ReadonlyObjectCache<T> = Pick<ObjectCache<T>, 'get' | 'list' | 'byIndex' | 'rejected' | 'size'>;

type Entry<T> = {
  readonly uid: string;
  resourceVersion: string;
  object: T | undefined;
  rejected: string | undefined;
};

/** The objects of one collection as the server last told them, with indexes. Every change keeps it whole. */
export class ObjectCache<T> {
  readonly #parse: Parse<T>;
  readonly #indexers: Indexers<T>;
  readonly #entries = new Map<string, Entry<T>>();
  /** Versions at which keys were deleted, so that a late event brings nothing back. Emptied by each list. */
  readonly #tombstones = new Map<string, string>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  #sorted: readonly T[] | undefined;

  constructor(options: { parse: Parse<T>; indexers?: Indexers<T> }) {
    this.#parse = options.parse;
    this.#indexers = options.indexers ?? {};
    for (const name of Object.keys(this.#indexers)) this.#indexes.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.object;
  }

  /** All objects, sorted by key. The array is the same until something changes. */
  list(): readonly T[] {
    this.#sorted ??= [...this.#entries]
      .filter(([, entry]) => entry.object !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => entry.object as T);
    return this.#sorted;
  }

  /** The objects for which the indexer `name` gave `value`, sorted by key. */
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no indexer ${name}`);
    const keys = [...(index.get(value) ?? [])].sort();
    return keys.map((key) => this.#entries.get(key)?.object as T);
  }

  /** What the server has and `parse` refused, sorted by key. */
  rejected(): readonly Rejected[] {
    return [...this.#entries]
      .flatMap(([key, { resourceVersion, rejected }]) =>
        rejected === undefined ? [] : [{ key, resourceVersion, message: rejected }],
      )
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  get size(): number {
    return this.list().length;
  }

  /** True where one of a complete list's objects is older than it was when it was last seen, as after a restore. */
  holdsNewer(items: readonly unknown[]): boolean {
    // The first list, which may be long, is not read for it.
    if (this.#entries.size === 0) return false;
    return items.some((item) => {
      const raw = readRawObject(item);
      if (raw === undefined) return false;
      const known = this.#entries.get(raw.key);
      return known !== undefined && isOlder(raw.resourceVersion, known.resourceVersion);
    });
  }

  /** Takes over a complete list. What is not in it is gone. */
  replace(items: readonly unknown[]): Change<T>[] {
    const listed = new Map<string, RawObject>();
    for (const item of items) {
      const raw = readRawObject(item);
      if (raw !== undefined) listed.set(raw.key, raw);
    }
    this.#tombstones.clear();
    const changes: Change<T>[] = [];
    for (const key of [...this.#entries.keys()].sort()) {
      if (!listed.has(key)) changes.push(...this.#drop(key));
    }
    for (const raw of listed.values()) changes.push(...this.#put(raw));
    return changes;
  }

  /** Takes over an added or modified object. One that is older than what is known changes nothing. */
  upsert(raw: RawObject): Change<T>[] {
    const known = this.#entries.get(raw.key)?.resourceVersion ?? this.#tombstones.get(raw.key);
    if (known !== undefined && isOlderOrSame(raw.resourceVersion, known)) return [];
    this.#tombstones.delete(raw.key);
    return this.#put(raw);
  }

  /** Takes away a deleted object. A deletion that is older than what is known changes nothing. */
  remove(raw: RawObject): Change<T>[] {
    const known = this.#entries.get(raw.key)?.resourceVersion ?? this.#tombstones.get(raw.key);
    if (known !== undefined && isOlder(raw.resourceVersion, known)) return [];
    this.#tombstones.set(raw.key, raw.resourceVersion);
    return this.#drop(raw.key);
  }

  #put(raw: RawObject): Change<T>[] {
    const { key, uid, resourceVersion } = raw;
    const before = this.#entries.get(key);
    if (before !== undefined && before.uid !== uid) return [...this.#drop(key), ...this.#put(raw)];
    if (before?.resourceVersion === resourceVersion) return [];
    const parsed = this.#parseSafely(raw.raw);
    if (!parsed.ok) {
      this.#entries.set(key, { uid, resourceVersion, object: before?.object, rejected: parsed.error });
      return [];
    }
    const object = parsed.value;
    const previous = before?.object;
    if (previous !== undefined) this.#unindex(key, previous);
    this.#entries.set(key, { uid, resourceVersion, object, rejected: undefined });
    this.#index(key, object);
    this.#sorted = undefined;
    return previous === undefined
      ? [{ type: 'added', key, object }]
      : [{ type: 'updated', key, object, previous }];
  }

  #drop(key: string): Change<T>[] {
    const object = this.#entries.get(key)?.object;
    this.#entries.delete(key);
    if (object === undefined) return [];
    this.#unindex(key, object);
    this.#sorted = undefined;
    return [{ type: 'deleted', key, object }];
  }

  #parseSafely(raw: unknown): Result<T, string> {
    try {
      return this.#parse(raw);
    } catch (error) {
      return err(error instanceof Error ? error.message : 'the object could not be read');
    }
  }

  #index(key: string, object: T): void {
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const index = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = index?.get(value);
        if (keys === undefined) index?.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const index = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = index?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index?.delete(value);
      }
    }
  }
}

function isOlderOrSame(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order <= 0;
}
