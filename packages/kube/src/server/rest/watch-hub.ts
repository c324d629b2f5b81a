import type { StoredRecord, StoreEvent } from '../storage/record.ts';
import type { Store } from '../storage/store.ts';

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One open watch. Its methods are called in the order of the revisions and must not throw. */
export interface Watcher {
  /** Storage name of the watched resource. */
  readonly resource: string;
  /** Takes one commit's events of the watched resource. */
  readonly deliver: (events: readonly StoreEvent[]) => void;
  /** Time to tell the client how far it is. */
  readonly bookmark: () => void;
  readonly end: () => void;
}

/** Hands committed events to the watches of their resource. */
export class WatchHub {
  readonly #byResource = new Map<string, Set<Watcher>>();
  readonly #stopListening: () => void;

  constructor(store: Store) {
    this.#stopListening = store.onCommit((events) => this.#publish(events));
  }

  get size(): number {
    let size = 0;
    for (const watchers of this.#byResource.values()) size += watchers.size;
    return size;
  }

  add(watcher: Watcher): void {
    let watchers = this.#byResource.get(watcher.resource);
    if (!watchers) this.#byResource.set(watcher.resource, (watchers = new Set()));
    watchers.add(watcher);
  }

  remove(watcher: Watcher): void {
    const watchers = this.#byResource.get(watcher.resource);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byResource.delete(watcher.resource);
  }

  /** Sends a bookmark to every watch that wants them. */
  bookmarkAll(): void {
    for (const watchers of this.#byResource.values()) for (const watcher of watchers) watcher.bookmark();
  }

  /** Ends the watches of a resource that is served no longer, or all of them. */
  end(resource?: string): void {
    const ending =
      resource === undefined ? [...this.#byResource.values()] : [this.#byResource.get(resource) ?? []];
    for (const watchers of ending) for (const watcher of watchers) watcher.end();
  }

  close(): void {
    this.#stopListening();
    this.end();
  }

  #publish(events: readonly StoreEvent[]): void {
    const grouped = new Map<string, StoreEvent[]>();
    for (const event of events) {
      const { resource } = event.record;
      if (!this.#byResource.has(resource)) continue;
      const group = grouped.get(resource);
      if (group) group.push(event);
      else grouped.set(resource, [event]);
    }
    for (const [resource, group] of grouped) {
      for (const watcher of this.#byResource.get(resource) ?? []) watcher.deliver(group);
    }
  }
}

/** What an event means to a watch that sees only matching objects: entering is ADDED, leaving is DELETED. */
export function seenAs(
  event: StoreEvent,
  matches: (record: StoredRecord) => boolean,
): { type: WatchType; record: StoredRecord } | undefined {
  const { type, record, previous } = event;
  if (type === 'DELETED') return matches(previous!) ? { type, record } : undefined;
  const isIn = matches(record);
  const wasIn = previous !== undefined && matches(previous);
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', record };
  return wasIn ? { type: 'DELETED', record: leaving(previous, event.revision) } : undefined;
}

/** The last matching state, under the revision at which it stopped to match. */
function leaving(previous: StoredRecord, revision: number): StoredRecord {
  const object = {
    ...previous.object,
    metadata: { ...previous.object.metadata, resourceVersion: String(revision) },
  };
  return { ...previous, revision, object, json: JSON.stringify(object) };
}
