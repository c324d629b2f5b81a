import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import type { Mirror } from './compile-mirror.ts';
import { sameJson } from './same-json.ts';
import { hubOf, isOwned, originVersionOf, remoteSliceObject } from './remote-slice-object.ts';

/** What has to be written for a target to hold a mirror. */
export interface MirrorWrites {
  /** In the order of writing. */
  readonly puts: readonly RemoteSlice[];
  readonly deletes: readonly RemoteSlice[];
  /** Names that objects which are not Flatland's stand in the way of. */
  readonly unowned: readonly string[];
}

/** Compares a mirror with what the target holds. Slices that say the same are not written again. */
export function diffMirror(
  mirror: Mirror,
  current: readonly RemoteSlice[],
  source: {
    readonly hub?: string | undefined;
    readonly owner?: { readonly name: string; readonly uid: string } | undefined;
  },
): MirrorWrites {
  const byName = new Map(current.map((slice) => [slice.metadata.name, slice]));
  const puts: RemoteSlice[] = [];
  const unowned: string[] = [];
  for (const { name, spec, originVersion } of mirror.domains) {
    const live = byName.get(name);
    if (live !== undefined && !isOwned(live)) {
      unowned.push(name);
      continue;
    }
    const wanted = remoteSliceObject(spec, { ...source, originVersion });
    if (live === undefined || !saysTheSame(live, wanted)) puts.push(wanted);
  }
  return { puts, deletes: mirror.obsolete.filter(isOwned), unowned };
}

function saysTheSame(live: RemoteSlice, wanted: RemoteSlice): boolean {
  return (
    sameJson(live.spec, wanted.spec) &&
    hubOf(live) === hubOf(wanted) &&
    originVersionOf(live) !== '' &&
    owners(wanted).every((uid) => owners(live).includes(uid))
  );
}

function owners(slice: RemoteSlice): string[] {
  return (slice.metadata.ownerReferences ?? []).map((owner) => owner.uid);
}
