import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterApi, OwnKind, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';

/**
 * One cluster's API in memory, for tests of agents: objects, exclusive creation, watches. Can be taken
 * away, after which writes fail and nobody hears of changes.
 */
export class MemoryApi {
  isAway = false;
  /** When watchers hear of a change: at once, unless a test puts it off. What an agent wrote itself it knows at once. */
  deliver: (tell: () => void) => void = (tell) => tell();
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watchers = new Set<(objects: readonly KubernetesObject[]) => void>();
  readonly #onChange: () => void;
  #version = 0;

  /** `onChange` hears of every change at once. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  list(kind?: string): KubernetesObject[] {
    const all = [...this.#objects.values()];
    return kind === undefined ? all : all.filter((object) => object.kind === kind);
  }

  get(kind: string, name: string): KubernetesObject | undefined {
    return this.list(kind).find((object) => object.metadata.name === name);
  }

  put(...objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#set(object);
    this.#changed();
  }

  drop(kind: string, name: string): void {
    for (const [key, object] of this.#objects)
      if (object.kind === kind && object.metadata.name === name) this.#objects.delete(key);
    this.#changed();
  }

  /** The API as the agent of a node sees it. */
  forNode(node: string): ClusterApi {
    let seen: readonly KubernetesObject[] = [];
    let notify = () => {};
    const look = (objects: readonly KubernetesObject[]) => {
      if (this.isAway) return;
      seen = objects.filter((object) => object.kind !== 'Pod' || nodeOf(object) === node);
      notify();
    };
    const written = (outcome: WriteOutcome, { kind, metadata }: KubernetesObject) => {
      const object = this.get(kind, metadata.name);
      if (outcome.kind !== 'done' || object === undefined || seen.includes(object)) return outcome;
      seen = [...seen.filter((other) => keyOf(other) !== keyOf(object)), object];
      return outcome;
    };
    return {
      whenReady: Promise.resolve(),
      start: async (onChange) => {
        this.#watchers.add(look);
        look(this.list());
        notify = onChange;
      },
      objects: () => seen,
      held: () => [],
      create: async (object) =>
        written(
          this.#write(() => this.#create(object)),
          object,
        ),
      apply: async (object) =>
        written(
          this.#write(() => this.#apply(object)),
          object,
        ),
      remove: async (kind: OwnKind, name) =>
        this.#write(() => {
          this.drop(kind, name);
          return { kind: 'done' };
        }),
      stop: async () => void this.#watchers.delete(look),
    };
  }

  /** Lets watchers hear of what they missed. */
  comeBack(): void {
    this.isAway = false;
    this.#changed();
  }

  #write(write: () => WriteOutcome): WriteOutcome {
    return this.isAway ? { kind: 'unavailable', message: 'away' } : write();
  }

  #create(object: KubernetesObject): WriteOutcome {
    const known = this.#objects.get(keyOf(object));
    // As the agent's own client has it: what is its own already is as good as made.
    if (known !== undefined) return { kind: isOfSameNode(known, object) ? 'done' : 'exists' };
    this.put(object);
    return { kind: 'done' };
  }

  #apply(object: KubernetesObject): WriteOutcome {
    const before = this.#objects.get(keyOf(object));
    if (JSON.stringify(before?.['spec']) !== JSON.stringify(object['spec'])) this.put(object);
    return { kind: 'done' };
  }

  #set(object: KubernetesObject): void {
    const metadata = {
      uid: `uid-${keyOf(object)}`,
      ...object.metadata,
      resourceVersion: String(++this.#version),
    };
    this.#objects.set(keyOf(object), { ...object, metadata });
  }

  #changed(): void {
    if (this.isAway) return;
    const objects = this.list();
    for (const watcher of this.#watchers) this.deliver(() => watcher(objects));
    this.#onChange();
  }
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function nodeOf(object: KubernetesObject): unknown {
  return (object['spec'] as { nodeName?: unknown } | undefined)?.nodeName;
}

function isOfSameNode(a: KubernetesObject, b: KubernetesObject): boolean {
  const node = (object: KubernetesObject) => (object['spec'] as { node?: unknown } | undefined)?.node;
  return node(a) === node(b);
}
