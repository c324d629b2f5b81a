import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { diffFields } from './diff-fields.ts';
import { apiFieldOf, isFieldAtOrBelow } from './field-path.ts';
import { fieldOwners } from './field-owners.ts';
import { managedAfter, managedFields } from './managed-fields.ts';

/** One field of an object that several want: as it was reviewed, as it is, as the change wants it. */
export interface ContestedField {
  /** As in a diff: `spec.mtuBytes`. */
  readonly path: string;
  /** As the API names it in a conflict: `.spec.mtuBytes`. */
  readonly field: string;
  /** Absent where the object has no such field. */
  readonly base?: unknown;
  readonly theirs?: unknown;
  readonly ours?: unknown;
  /** Field managers that own it now, but the console; sorted. */
  readonly managers: readonly string[];
  /** True where the change writes another value than the one that somebody put there: a person must choose. */
  readonly contested: boolean;
}

/** What a three-way comparison is made from. */
export interface ThreeWayInput {
  /** The object as it was when the change was reviewed; undefined where there was none. */
  readonly base: KubernetesObject | undefined;
  /** The live object, with its `metadata.managedFields`. */
  readonly live: KubernetesObject;
  /** What the change applies. */
  readonly manifest: KubernetesObject;
  /** Whose fields are ours. */
  readonly ownManager: string;
}

/**
 * Every field in which reviewed, live and wanted are not all the same, sorted by path. A field that somebody changed and
 * that the change does not mention stays as they made it, so it is shown and not contested.
 */
export function threeWay({ base, live, manifest, ownManager }: ThreeWayInput): ContestedField[] {
  const was = base && managedFields(base);
  const is = managedFields(live);
  const wanted = managedAfter(live, manifest);
  const theirs = new Map(diffFields(was, is).map((change) => [change.path, change]));
  const ours = new Map(diffFields(is, wanted).map((change) => [change.path, change]));
  const owners = fieldOwners(live, ownManager);
  return [...new Set([...theirs.keys(), ...ours.keys()])].toSorted().flatMap((path) => {
    const [their, our] = [theirs.get(path), ours.get(path)];
    const field = apiFieldOf(path);
    const managers = [
      ...new Set(
        owners.flatMap(({ manager, field: owned }) =>
          isFieldAtOrBelow(owned, field) || isFieldAtOrBelow(field, owned) ? manager : [],
        ),
      ),
    ].toSorted();
    // What is in the live object and not in the manifest is never written: it stays.
    const isWritten = our !== undefined && our.op !== 'remove';
    const contested = isWritten && (their !== undefined || managers.length > 0);
    if (their === undefined && !contested) return [];
    const liveValue = their === undefined ? our?.before : their.after;
    const baseValue = their === undefined ? liveValue : their.before;
    const ourValue = our === undefined || !isWritten ? liveValue : our.after;
    return [
      {
        path,
        field,
        ...(baseValue !== undefined && { base: baseValue }),
        ...(liveValue !== undefined && { theirs: liveValue }),
        ...(ourValue !== undefined && { ours: ourValue }),
        managers,
        contested,
      },
    ];
  });
}
