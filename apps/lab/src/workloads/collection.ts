import type { KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { startListWatch } from '@flatland/kube/client/list-watch/list-watch';
import type { ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { compareResourceVersions } from '@flatland/kube/client/list-watch/resource-version';
import { createObject, mergePatchObject, replaceObject } from '@flatland/kube/client/objects';
import { sendRequest } from '@flatland/kube/client/request';
import { resourcePath } from '@flatland/kube/client/resource';
import type { Resource } from '@flatland/kube/client/resource';
import { ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { controllerOf } from './kinds/meta.ts';
import type { KubeObject } from './kinds/meta.ts';

export type CollectionOptions<T> = {
  readonly fieldSelector?: string;
  /** Called with each object that is new, changed or gone, and its key. */
  readonly onChange: (object: T, change: 'added' | 'updated' | 'deleted') => void;
};

/**
 * The objects of one kind as this process knows them: what the watch told, and on top of it the answers to its own
 * writes. A reconciler that reads here never misses what it has just written, so it makes nothing twice.
 */
export class Collection<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource;
  readonly #watch: ListWatch<T>;
  /** Own writes that the watch has not told yet. */
  readonly #written = new Map<string, T>();
  /** Uids of objects that are gone by an own write, which the watch has not told yet. */
  readonly #gone = new Set<string>();

  constructor(client: KubeClient, resource: Resource, options: CollectionOptions<T>) {
    this.#client = client;
    this.#resource = resource;
    this.#watch = startListWatch<T>(client, resource, {
      ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
      parse: (raw) => ok(raw as T),
      relistMinMs: 500,
      backoffBaseMs: 100,
      backoffMaxMs: 2000,
      onChanges: (changes) => {
        for (const { type, object } of changes) this.#settle(object, type === 'deleted');
        for (const { type, object } of changes) options.onChange(object, type);
      },
    });
  }

  get whenSynced(): Promise<void> {
    return this.#watch.whenSynced;
  }

  get(key: string): T | undefined {
    const object = this.#written.get(key) ?? this.#watch.cache.get(key);
    return object === undefined || this.#gone.has(object.metadata.uid!) ? undefined : object;
  }

  /** All objects, sorted by key. */
  list(): readonly T[] {
    if (this.#written.size === 0 && this.#gone.size === 0) return this.#watch.cache.list();
    const objects = new Map(this.#watch.cache.list().map((object) => [keyOf(object.metadata), object]));
    for (const [key, object] of this.#written) objects.set(key, object);
    return [...objects]
      .filter(([, object]) => !this.#gone.has(object.metadata.uid!))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** The objects that an owner controls, sorted by key. */
  controlledBy(uid: string): T[] {
    return this.list().filter((object) => controllerOf(object)?.uid === uid);
  }

  async create(object: KubeObject): Promise<Result<T, KubeError>> {
    return this.#remember(await createObject<T>(this.#client, this.#resource, { object }));
  }

  /** Replaces the status of an object at the version that was read. */
  async replaceStatus(object: T, status: T['status']): Promise<Result<T, KubeError>> {
    const changed = { ...object, status };
    return this.#remember(
      await replaceObject<T>(this.#client, this.#resource, { object: changed, subresource: 'status' }),
    );
  }

  /** Merge-patches an object, or its status, at the version that was read. */
  async patch(
    object: T,
    patch: Readonly<Record<string, unknown>>,
    subresource?: 'status',
  ): Promise<Result<T, KubeError>> {
    const { name, namespace, resourceVersion } = object.metadata;
    const metadata = { ...(patch['metadata'] as object | undefined), resourceVersion };
    return this.#remember(
      await mergePatchObject<T>(this.#client, this.#resource, {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        patch: { ...patch, metadata },
        ...(subresource === undefined ? {} : { subresource }),
      }),
    );
  }

  /** Deletes exactly this object. One that is gone already counts as deleted. */
  async delete(
    object: T,
    options: { gracePeriodSeconds?: number } = {},
  ): Promise<Result<undefined, KubeError>> {
    const { uid, name, namespace } = object.metadata;
    const path = resourcePath(this.#resource, { name, namespace });
    if (!path.ok) throw new Error(path.error);
    const answer = await sendRequest(this.#client, {
      method: 'DELETE',
      path: path.value,
      idempotency: 'idempotent',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid },
        propagationPolicy: 'Background',
        ...options,
      },
    });
    if (!answer.ok && answer.error.kind !== 'notFound') return answer;
    const left = answer.ok ? (answer.value as T) : undefined;
    if (
      left?.metadata?.uid === uid &&
      left?.metadata.deletionTimestamp !== undefined &&
      options.gracePeriodSeconds !== 0
    ) {
      this.#remember(ok(left));
    } else {
      this.#gone.add(uid!);
    }
    return ok(undefined);
  }

  stop(): void {
    this.#watch.stop();
  }

  #remember(answer: Result<T, KubeError>): Result<T, KubeError> {
    if (!answer.ok) return answer;
    const object = answer.value;
    const key = keyOf(object.metadata);
    const known = this.#watch.cache.get(key);
    if (known === undefined || isNewer(object, known)) this.#written.set(key, object);
    return answer;
  }

  #settle(object: T, deleted: boolean): void {
    const key = keyOf(object.metadata);
    const written = this.#written.get(key);
    if (deleted) {
      this.#gone.delete(object.metadata.uid!);
      if (written?.metadata.uid === object.metadata.uid) this.#written.delete(key);
      return;
    }
    if (written !== undefined && !isNewer(written, object)) this.#written.delete(key);
  }
}

function isNewer(a: KubeObject, b: KubeObject): boolean {
  const order = compareResourceVersions(a.metadata.resourceVersion ?? '', b.metadata.resourceVersion ?? '');
  return order !== undefined && order > 0;
}
