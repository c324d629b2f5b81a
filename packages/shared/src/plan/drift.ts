import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { CHANGE_SET_ANNOTATION } from '../model/kubernetes-object.ts';
import { text } from '../topology/facts/json.ts';
import { parseWorkloadId, workloadId } from '../topology/ids.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import type { ObjectRef, WorkloadId } from '../topology/topology.ts';
import { fieldOwners } from './field-owners.ts';
import { isFieldAtOrBelow, parseFieldPath, withField } from './field-path.ts';
import { gitOwner, type GitEngine } from './git-owner.ts';
import { managedFields } from './managed-fields.ts';
import { objectKey } from './object-key.ts';
import { threeWay } from './three-way.ts';

/** What a change set applied last to one object that it did not delete: what people want of it. */
export interface AppliedObject {
  /** `objectKey` of the object. */
  readonly id: string;
  readonly object: ObjectRef;
  readonly manifest: KubernetesObject;
  /** Fields, as the API names them, that a person left to others when it was applied. */
  readonly leftToOthers: readonly string[];
  readonly changeSet: string;
  readonly appliedAtMs: number;
}

/** An object that is not what was applied. */
export interface DriftedObject {
  readonly id: string;
  readonly object: ObjectRef;
  readonly how: 'edited' | 'deleted';
  /** Paths of the applied fields that somebody changed; empty where the object is gone. */
  readonly paths: readonly string[];
  /** The domain that the applied object is, or is about. */
  readonly domain?: string;
  /** The one workload that the applied Membership is about. */
  readonly workload?: WorkloadId;
  readonly changeSet: string;
  readonly appliedAtMs: number;
  /** Who keeps the live object as Git says. */
  readonly git?: GitEngine;
}

/** One field that is not as it was applied, and who made it so. */
export interface DriftedField {
  readonly path: string;
  /** Absent where it was not applied: somebody added it. */
  readonly applied?: unknown;
  /** Absent where the live object has it no more. */
  readonly live?: unknown;
  /** Managers that own it now but the console, by `metadata.managedFields`; none is recorded of a field that is gone. */
  readonly by: readonly FieldWriter[];
  /** False for what others added beside the applied fields: it is no drift. */
  readonly drifted: boolean;
}

/** A field manager, and when it last wrote, as the API says (RFC 3339). */
export interface FieldWriter {
  readonly manager: string;
  readonly time?: string;
}

/** How many milliseconds a cluster's watch has to show what was just applied. */
export const SETTLE_MS = 3000;

/** How many objects one change set adopts or restores at most. */
export const MOST_AT_ONCE = 100;

/** What drift is looked for in. */
export interface DriftInput {
  readonly applied: Iterable<AppliedObject>;
  readonly snapshot: Snapshot;
  /** Whether all objects of a kind were read from a cluster: what was never read is not gone. */
  readonly hasRead: (cluster: string, kind: string) => boolean;
  /** Ids of objects that a change set is about to write. */
  readonly underWay: ReadonlySet<string>;
  readonly nowMs: number;
  /** Judges one object. @default driftOf */
  readonly judge?: typeof driftOf;
}

/** Judges as `driftOf` does, but objects that are the same as the last time only once. */
export function rememberingDriftOf(): typeof driftOf {
  const judged = new Map<
    string,
    { applied: AppliedObject; live: unknown; drift: DriftedObject | undefined }
  >();
  return (applied, live) => {
    const last = judged.get(applied.id);
    if (last?.applied === applied && last.live === live) return last.drift;
    const drift = driftOf(applied, live);
    judged.set(applied.id, { applied, live, drift });
    return drift;
  };
}

/** The objects that are not what was applied, sorted by id. An object that is about to change, or just has, is not judged. */
export function findDrift(input: DriftInput): DriftedObject[] {
  const { snapshot, hasRead, underWay, nowMs, judge = driftOf } = input;
  const applied = [...input.applied];
  const kinds = new Set(applied.map(({ object }) => object.kind));
  const live = new Map(
    snapshot.clusters.flatMap(({ cluster, objects }) =>
      objects.flatMap((object) =>
        kinds.has(object.kind) ? [[objectKey(cluster, object), object] as const] : [],
      ),
    ),
  );
  const clusters = new Set<string>(snapshot.clusters.map(({ cluster }) => cluster));
  return applied
    .flatMap((wanted) => {
      const { cluster, kind } = wanted.object;
      const seen = live.get(wanted.id);
      if (!clusters.has(cluster) || !hasRead(cluster, kind) || underWay.has(wanted.id)) return [];
      return mayBeOld(wanted, seen, nowMs) ? [] : (judge(wanted, seen) ?? []);
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** True where the watch may still show the object as it was before it was applied. */
function mayBeOld(
  { changeSet, appliedAtMs }: AppliedObject,
  seen: KubernetesObject | undefined,
  nowMs: number,
): boolean {
  return nowMs < appliedAtMs + SETTLE_MS && seen?.metadata.annotations?.[CHANGE_SET_ANNOTATION] !== changeSet;
}

/** How one object differs from what was applied; undefined where it does not. */
export function driftOf(
  applied: AppliedObject,
  live: KubernetesObject | undefined,
): DriftedObject | undefined {
  const { id, object, manifest, changeSet, appliedAtMs } = applied;
  const paths = live ? fieldsOf(applied, live).flatMap(({ path, drifted }) => (drifted ? path : [])) : [];
  if (live !== undefined && paths.length === 0) return undefined;
  const domain = object.kind === 'Domain' ? object.name : text(manifest, '', 'spec', 'domain');
  const workload = workloadOf(applied);
  const git = live && gitOwner(live);
  return {
    id,
    object,
    how: live ? 'edited' : 'deleted',
    paths,
    ...(domain !== '' && { domain }),
    ...(workload !== undefined && { workload }),
    changeSet,
    appliedAtMs,
    ...(git !== undefined && { git }),
  };
}

function workloadOf({ object, manifest }: AppliedObject): WorkloadId | undefined {
  const [kind, name] = ['kind', 'name'].map((field) => text(manifest, '', 'spec', 'workload', field));
  const ref = parseWorkloadId([object.cluster, object.namespace, kind, name].join('/'));
  return ref && workloadId(ref);
}

/** Every field in which an object differs from what was applied, with who wrote it: what drifted, and what others added. */
export function driftedFields(
  applied: AppliedObject,
  live: KubernetesObject,
  ownManager: string,
): DriftedField[] {
  const owners = fieldOwners(live, ownManager);
  return fieldsOf(applied, live).map(({ path, field, applied: was, live: is, drifted }) => {
    // Who owns the list that an element is gone from need not be who took it away.
    const writers =
      is === undefined
        ? []
        : owners.filter(
            (owner) => isFieldAtOrBelow(owner.field, field) || isFieldAtOrBelow(field, owner.field),
          );
    const by = new Map(writers.map(({ manager, time }) => [manager, { manager, ...(time && { time }) }]));
    return {
      path,
      ...(was !== undefined && { applied: was }),
      ...(is !== undefined && { live: is }),
      by: [...by.values()].toSorted((a, b) => (a.manager < b.manager ? -1 : 1)),
      drifted,
    };
  });
}

/**
 * What the applied object becomes where a person adopts the live one: the live spec, and of the labels and annotations
 * those that were applied. Planning it again gives nothing.
 */
export function adoptedManifest({ manifest }: AppliedObject, live: KubernetesObject): KubernetesObject {
  const pick = (of: 'labels' | 'annotations') =>
    Object.fromEntries(
      Object.entries(live.metadata[of] ?? {}).filter(([key]) =>
        Object.hasOwn(manifest.metadata[of] ?? {}, key),
      ),
    );
  return managedFields({
    ...manifest,
    metadata: { ...manifest.metadata, labels: pick('labels'), annotations: pick('annotations') },
    spec: live['spec'],
  });
}

/** What puts the applied object back: its fields as they were applied, and whatever others added to its spec as it is. */
export function restoredManifest(
  applied: AppliedObject,
  live: KubernetesObject | undefined,
): KubernetesObject {
  if (live === undefined) return applied.manifest;
  return fieldsOf(applied, live).reduce((manifest, { path, drifted, live: is }) => {
    const parts = parseFieldPath(path);
    const stays = !drifted && is !== undefined && path.startsWith('spec.');
    return stays && parts.ok ? withField(manifest, parts.value, is) : manifest;
  }, applied.manifest);
}

interface FieldDifference {
  readonly path: string;
  readonly field: string;
  readonly applied: unknown;
  readonly live: unknown;
  readonly drifted: boolean;
}

function fieldsOf({ manifest, leftToOthers }: AppliedObject, live: KubernetesObject): FieldDifference[] {
  return threeWay({ base: manifest, live, manifest, ownManager: '' }).map(
    ({ path, field, base, theirs, contested }) => {
      const isLeft = leftToOthers.some(
        (left) => isFieldAtOrBelow(field, left) || isFieldAtOrBelow(left, field),
      );
      return { path, field, applied: base, live: theirs, drifted: contested && !isLeft };
    },
  );
}
