import { z } from 'zod';
import { zKubernetesObject, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { StateFiles } from '../../ports/state-files.ts';

const FILE = 'objects.json';
const SETTLE_MS = 1000;

/** The objects of the last run, so that an agent starts while the API is away. */
export class SavedObjects {
  readonly #files: StateFiles;
  #latest: readonly KubernetesObject[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: StateFiles) {
    this.#files = files;
  }

  /** What was saved last; nothing where there is no such file. */
  async load(): Promise<readonly KubernetesObject[]> {
    return (await this.#files.read(FILE, z.array(zKubernetesObject))) ?? [];
  }

  /** Saves in a while, the latest only. What agents do not look at is left out. */
  save(objects: readonly KubernetesObject[]): void {
    this.#latest = objects;
    this.#timer ??= setTimeout(() => void this.flush(), SETTLE_MS).unref();
  }

  /** Saves now what is still to be saved. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const objects = this.#latest;
    this.#latest = undefined;
    if (objects === undefined) return;
    await this.#files.write(FILE, objects.map(withoutManagedFields)).catch(() => {
      // A full disk must not stop the agent; the next change tries again.
    });
  }
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
