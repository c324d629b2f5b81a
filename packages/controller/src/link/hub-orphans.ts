import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { HOLD_MS } from '../mirror/hold-losses.ts';
import { hubOf } from '../mirror/remote-slice-object.ts';

/** Decides when slices go that a hub passed on and speaks of no more. */
export class HubOrphans {
  readonly #missingSinceMs = new Map<string, number>();

  /**
   * At once where the link is no hub any more; after ten minutes where the hub passes on others; never because the
   * hub passes on nothing.
   */
  rule(state: {
    readonly hub: string;
    readonly isHub: boolean;
    readonly hubSlices: readonly RemoteSlice[];
    readonly slices: readonly RemoteSlice[];
    readonly passedOn: readonly string[];
    readonly nowMs: number;
  }): { readonly deletes: readonly RemoteSlice[]; readonly nextMs: number } {
    const orphans = state.slices.filter(
      (slice) => hubOf(slice) === state.hub && !state.passedOn.includes(slice.spec.origin.cluster),
    );
    if (!state.isHub) return { deletes: orphans, nextMs: Infinity };
    const names = new Set(orphans.map((slice) => slice.metadata.name));
    for (const name of this.#missingSinceMs.keys()) if (!names.has(name)) this.#missingSinceMs.delete(name);
    if (state.hubSlices.length === 0) return { deletes: [], nextMs: Infinity };
    for (const name of names) {
      if (!this.#missingSinceMs.has(name)) this.#missingSinceMs.set(name, state.nowMs);
    }
    const dueMs = (slice: RemoteSlice) =>
      (this.#missingSinceMs.get(slice.metadata.name) ?? state.nowMs) + HOLD_MS;
    const later = orphans.filter((slice) => dueMs(slice) > state.nowMs).map(dueMs);
    return {
      deletes: orphans.filter((slice) => dueMs(slice) <= state.nowMs),
      nextMs: Math.min(Infinity, ...later),
    };
  }
}
