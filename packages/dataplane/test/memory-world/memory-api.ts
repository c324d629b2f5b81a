import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterApi, OwnKind, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';

/**
 * One cluster's API in memory, for tests of agents: objects, exclusive creation, watches. Can be taken
 * away, after which writes fail and nobody hears of changes.
 */
export class MemoryApi {
  isAway = false;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watchers = new Set<() => void>();
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
    const look = () => {
      if (this.isAway) return;
      seen = this.list().filter((object) => object.kind !== 'Pod' || nodeOf(object) === node);
      notify();
    };
    return {
      whenReady: Promise.resolve(),
      start: async (onChange) => {
        this.#watchers.add(look);
        look();
        notify = onChange;
      },
      objects: () => seen,
      held: () => [],
      create: async (object) => this.#write(() => this.#create(object)),
      apply: async (object) => this.#write(() => this.#apply(object)),
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
    if (this.#objects.has(keyOf(object))) return { kind: 'exists' };
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
    for (const watcher of this.#watchers) watcher();
    this.#onChange();
  }
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function nodeOf(object: KubernetesObject): unknown {
  return (object['spec'] as { nodeName?: unknown } | undefined)?.nodeName;
}
