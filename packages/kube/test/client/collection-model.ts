/** One recorded change of the collection. */
export type Recorded = {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
};

export type StoredObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Record<string, string>;
  };
  readonly [field: string]: unknown;
};

/** The server's side of one collection: objects, a history that can be compacted, one version counter. */
export class CollectionModel {
  readonly objects = new Map<string, StoredObject>();
  history: Recorded[] = [];
  version = 1;
  /** Versions below this are gone. */
  compactedVersion = 0;
  #nUids = 0;
  /** The objects at `compactedVersion`. */
  #compacted: readonly StoredObject[] = [];

  put(name: string, fields: Record<string, unknown> = {}): StoredObject {
    const before = this.objects.get(name);
    this.version += 1;
    const uid = before?.metadata.uid ?? `uid-${(this.#nUids += 1)}`;
    const object: StoredObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...fields,
      metadata: { name, namespace: 'default', uid, resourceVersion: String(this.version) },
    };
    this.objects.set(name, object);
    this.#record(before === undefined ? 'ADDED' : 'MODIFIED', object);
    return object;
  }

  delete(name: string): boolean {
    const before = this.objects.get(name);
    if (before === undefined) return false;
    this.version += 1;
    this.objects.delete(name);
    this.#record('DELETED', {
      ...before,
      metadata: { ...before.metadata, resourceVersion: String(this.version) },
    });
    return true;
  }

  /** Forgets the history up to now: watches from before are answered with 410. */
  compact(): void {
    this.compactedVersion = this.version;
    this.history = [];
    this.#compacted = this.sorted();
  }

  /** Goes back to a version whose history is still there, as from a backup; the next changes count from there. */
  restore(version: number): void {
    this.history = this.history.filter((recorded) => recorded.version <= version);
    this.version = version;
    this.objects.clear();
    for (const object of this.#compacted) this.objects.set(object.metadata.name, object);
    for (const { type, object } of this.history)
      if (type === 'DELETED') this.objects.delete(object.metadata.name);
      else this.objects.set(object.metadata.name, object);
  }

  sorted(): StoredObject[] {
    return [...this.objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  #record(type: Recorded['type'], object: StoredObject): void {
    this.history.push({ version: this.version, type, object });
  }
}
