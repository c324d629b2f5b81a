import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import type { Mirror, MirroredSlice } from './compile-mirror.ts';
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

/**
 * Compares a mirror with what the target holds. Slices that say the same are not written again. Where nodes move to
 * other slices these are written before the ones that they were in are deleted.
 */
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
  const left: RemoteSlice[] = [];
  for (const { slices } of mirror.domains) {
    const inTheWay = slices.filter(({ name }) => {
      const live = byName.get(name);
      return live !== undefined && !isOwned(live);
    });
    unowned.push(...inTheWay.map(({ name }) => name));
    for (const slice of slices) {
      if (inTheWay.includes(slice)) continue;
      const live = byName.get(slice.name);
      const wanted = remoteSliceObject(slice.spec, { ...source, originVersion: slice.originVersion });
      if (live === undefined || !saysTheSame(live, wanted)) puts.push(wanted);
    }
    // What cannot be written elsewhere stays where it is.
    if (inTheWay.length === 0) left.push(...current.filter((live) => isLeft(live, slices)));
  }
  return { puts, deletes: [...mirror.obsolete, ...left].filter(isOwned), unowned };
}

/** True for a slice of the same side whose nodes are in other slices. */
function isLeft(live: RemoteSlice, slices: readonly MirroredSlice[]): boolean {
  const [first] = slices;
  return (
    live.spec.domain === first?.spec.domain &&
    live.spec.origin.cluster === first.spec.origin.cluster &&
    !slices.some(({ name }) => name === live.metadata.name)
  );
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
