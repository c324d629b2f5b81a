import { z } from 'zod';
import { zKubernetesObject, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { SavedState } from '../cluster/saved-state.ts';
import type { StateFiles } from '../../ports/state-files.ts';

const FILE = 'objects.json';
const SETTLE_MS = 1000;
const zSavedState = z.object({ objects: z.array(zKubernetesObject), isRestored: z.boolean() });
/** Earlier agents saved the objects alone. */
const zFile = z.union([zSavedState, z.array(zKubernetesObject)]);

/** The cluster as the last run knew it, so that an agent starts while the API is away. */
export class SavedObjects {
  readonly #files: StateFiles;
  #latest: SavedState | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: StateFiles) {
    this.#files = files;
  }

  /** What was saved last; nothing where there is no such file. */
  async load(): Promise<SavedState> {
    const saved = (await this.#files.read(FILE, zFile)) ?? [];
    return 'objects' in saved ? saved : { objects: saved, isRestored: false };
  }

  /** Saves in a while, the latest only. What agents do not look at is left out. */
  save(state: SavedState): void {
    this.#latest = state;
    this.#timer ??= setTimeout(() => void this.flush(), SETTLE_MS).unref();
  }

  /** Saves now what is still to be saved. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const state = this.#latest;
    this.#latest = undefined;
    if (state === undefined) return;
    const objects = state.objects.map(withoutManagedFields);
    await this.#files.write(FILE, { ...state, objects }).catch(() => {
      // A full disk must not stop the agent; the next change tries again.
    });
  }
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
