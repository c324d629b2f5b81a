import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../is-record.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { arbitraryIntents } from '../testing/arbitrary-intent.ts';
import { arbitraryWorld } from '../testing/arbitrary-world.ts';
import { snapshotOf } from '../testing/world.ts';
import { buildTopology } from '../topology/build-topology.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import { applyToSnapshot } from './apply-to-snapshot.ts';
import { adoptedManifest, driftOf, findDrift, restoredManifest, type AppliedObject } from './drift.ts';
import { managedAfter, managedFields } from './managed-fields.ts';
import { objectKey } from './object-key.ts';
import { planChange } from './plan-change.ts';

const RUNS = { numRuns: 60 };

/** What a plan applied, and the clusters after it. */
const arbitraryApplied = arbitraryWorld
  .chain((world) => {
    const snapshot = snapshotOf(world);
    return arbitraryIntents(buildTopology(snapshot)).map((intents) => {
      const { steps } = planChange({ snapshot, intents });
      const applied = steps.flatMap((step): AppliedObject[] =>
        step.manifest === undefined || step.token !== undefined
          ? []
          : [{ ...IN_PAST, id: step.id, object: step.object, manifest: step.manifest }],
      );
      return { applied, after: applyToSnapshot(snapshot, steps) };
    });
  })
  .filter(({ applied }) => applied.length > 0);
const IN_PAST = { leftToOthers: [], changeSet: 'c', appliedAtMs: 0 };

/** Besides, an object that was applied, and what changes one of its fields or takes it away. */
const arbitraryEdit = fc
  .tuple(arbitraryApplied, fc.nat(), fc.nat(), fc.boolean())
  .map(([{ applied, after }, which, place, gone]) => {
    const target = applied[which % applied.length]!;
    const paths = leaves(target.manifest);
    const path = paths[place % paths.length]!;
    const edit = (live: KubernetesObject) => withLeaf(live, path, gone) as KubernetesObject;
    return { applied, after, target, edit };
  });

describe('drift', { timeout: 180_000 }, () => {
  it('is none right after applying, in whatever order objects are listed', () => {
    fc.assert(
      fc.property(arbitraryApplied, ({ applied, after }) => {
        expect(found(applied, after)).toEqual([]);
        expect(found(applied.toReversed(), reversed(after))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('is found where any applied field is changed or taken away, and nowhere else', () => {
    fc.assert(
      fc.property(arbitraryEdit, ({ applied, after, target, edit }) => {
        const drift = found(applied, editObject(after, target.id, edit));
        expect(drift.map(({ id, how }) => [id, how])).toEqual([[target.id, 'edited']]);
        expect(drift[0]!.paths.length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('is none where somebody adds to a list that was applied without elements (seed -1189594301)', () => {
    fc.assert(
      fc.property(arbitraryApplied, ({ applied, after }) => {
        for (const target of applied) {
          const spec = target.manifest['spec'] as { readonly allowedNamespaces?: readonly string[] };
          if (spec.allowedNamespaces?.length !== 0) continue;
          const path = ['spec', 'allowedNamespaces'];
          const edit = (live: KubernetesObject) => withLeaf(live, path, false) as KubernetesObject;
          expect(found(applied, editObject(after, target.id, edit))).toEqual([]);
        }
      }),
      { seed: -1189594301, numRuns: 60 },
    );
  });

  it('is none where somebody adds what nobody applied', () => {
    fc.assert(
      fc.property(arbitraryApplied, fc.nat(), ({ applied, after }, which) => {
        const target = applied[which % applied.length]!;
        expect(found(applied, editObject(after, target.id, withAdditions))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('is a deletion where the object is gone, but not where its kind was never read or its cluster is not known', () => {
    fc.assert(
      fc.property(arbitraryApplied, fc.nat(), ({ applied, after }, which) => {
        const target = applied[which % applied.length]!;
        const without = editObject(after, target.id, () => undefined);
        expect(found(applied, without).map(({ id, how }) => [id, how])).toEqual([[target.id, 'deleted']]);
        const unread = (cluster: string, kind: string) =>
          cluster !== target.object.cluster || kind !== target.object.kind;
        expect(found(applied, without, unread)).toEqual([]);
        const elsewhere = {
          clusters: without.clusters.filter(({ cluster }) => cluster !== target.object.cluster),
        };
        expect(found(applied, elsewhere)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('ends by adopting, and by restoring', () => {
    fc.assert(
      fc.property(arbitraryEdit, ({ after, target, edit }) => {
        const live = withAdditions(edit(liveOf(after, target)));
        expect(driftOf(target, live)).toBeDefined();
        const adopted = { ...target, manifest: adoptedManifest(target, live) };
        expect(driftOf(adopted, live)).toBeUndefined();
        const restored = managedAfter(live, restoredManifest(target, live));
        expect(driftOf(target, restored)).toBeUndefined();
        expect(managedFields(restored)['spec']).toMatchObject({ addedBySomebody: 'theirs' });
      }),
      RUNS,
    );
  });
});

function found(
  applied: readonly AppliedObject[],
  snapshot: Snapshot,
  hasRead: (cluster: string, kind: string) => boolean = () => true,
) {
  return findDrift({ applied, snapshot, hasRead, underWay: new Set(), nowMs: 1e9 });
}

function liveOf(snapshot: Snapshot, { id }: AppliedObject): KubernetesObject {
  const all = snapshot.clusters.flatMap(({ cluster, objects }) =>
    objects.filter((object) => objectKey(cluster, object) === id),
  );
  return all[0]!;
}

function editObject(
  snapshot: Snapshot,
  id: string,
  edit: (object: KubernetesObject) => KubernetesObject | undefined,
): Snapshot {
  return {
    clusters: snapshot.clusters.map((cluster) => ({
      ...cluster,
      objects: cluster.objects.flatMap((object) =>
        objectKey(cluster.cluster, object) === id ? (edit(object) ?? []) : [object],
      ),
    })),
  };
}

function reversed({ clusters }: Snapshot): Snapshot {
  return {
    clusters: clusters.map((cluster) => ({ ...cluster, objects: cluster.objects.toReversed() })).toReversed(),
  };
}

function withAdditions(object: KubernetesObject): KubernetesObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'bob.example/team': 'network' },
      annotations: { ...object.metadata.annotations, 'bob.example/note': 'mine' },
    },
    spec: { ...(object['spec'] as object), addedBySomebody: 'theirs' },
    status: { memberCount: 7 },
  };
}

type Path = readonly (string | number)[];

/** Where the leaves of labels and spec are; a list of scalars is a leaf itself, but one without any holds nothing to change. */
function leaves(manifest: KubernetesObject): Path[] {
  const below = (value: unknown, path: Path): Path[] =>
    isRecord(value) && Object.keys(value).length > 0
      ? Object.keys(value).flatMap((key) => below(value[key], [...path, key]))
      : Array.isArray(value) && value.length > 0 && value.every(isRecord)
        ? value.flatMap((item, index) => below(item, [...path, index]))
        : Array.isArray(value) && value.length === 0
          ? []
          : [path];
  return [
    ...below(manifest.metadata.labels ?? {}, ['metadata', 'labels']),
    ...below(manifest['spec'], ['spec']),
  ];
}

/** The value without a leaf, or with another value there. */
function withLeaf(value: unknown, [key, ...rest]: Path, gone: boolean): unknown {
  if (key === undefined) return Array.isArray(value) ? ['edited'] : 'edited';
  const container = value as Record<string | number, unknown>;
  const copy: Record<string | number, unknown> = (
    Array.isArray(value) ? [...value] : { ...container }
  ) as never;
  if (gone && rest.length === 0) delete copy[key];
  else copy[key] = withLeaf(container[key], rest, gone);
  return copy;
}
