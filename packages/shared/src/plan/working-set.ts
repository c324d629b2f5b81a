import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import type { Refusal } from '../reason/reasons.ts';
import type { ClusterApi, Snapshot } from '../topology/snapshot.ts';
import type { Topology } from '../topology/topology.ts';
import { objectKey } from './object-key.ts';

/** What should become of one object: its manifest, or nothing where it is to be deleted. */
export interface Edit {
  readonly cluster: ClusterName;
  readonly object: KubernetesObject;
  readonly remove: boolean;
}

/**
 * Live objects of Flatland's kinds with the edits so far over them, so that a later intent builds on
 * an earlier one. Collects what refuses the plan.
 */
export interface WorkingSet {
  readonly topology: Topology;
  readonly edits: ReadonlyMap<string, Edit>;
  readonly refusals: readonly Refusal[];
  /** The object as it would be after the edits so far. */
  current(cluster: string, kind: string, name: string, namespace?: string): KubernetesObject | undefined;
  /** The live object of the same key. */
  live(cluster: string, object: KubernetesObject): KubernetesObject | undefined;
  /** Where a cluster's API is for others, where that is known. */
  api(cluster: string): ClusterApi | undefined;
  /** ClusterLinks of a cluster as they would be after the edits so far. */
  links(cluster: string): readonly KubernetesObject[];
  /** Links that get a new token although they stay as they are: `[cluster, name of the ClusterLink]`. */
  readonly renewals: readonly (readonly [ClusterName, string])[];
  renew(cluster: ClusterName, link: string): void;
  put(cluster: ClusterName, manifest: KubernetesObject): void;
  remove(cluster: ClusterName, object: KubernetesObject): void;
  refuse(refusal: Refusal): void;
}

/** Kinds that a plan may write. */
export const PLANNED_KINDS: ReadonlySet<string> = new Set([
  'AdmissionPolicy',
  'ClusterLink',
  'Domain',
  'Membership',
  'Mesh',
  'TrustDomain',
]);

/** A working set over a snapshot, without edits. */
export function createWorkingSet(snapshot: Snapshot, topology: Topology): WorkingSet {
  const live = new Map<string, KubernetesObject>();
  for (const { cluster, objects } of snapshot.clusters)
    for (const object of objects)
      if (PLANNED_KINDS.has(object.kind)) live.set(objectKey(cluster, object), object);
  const liveLinks = [...live].flatMap(([key, object]) => (object.kind === 'ClusterLink' ? [key] : []));
  const edits = new Map<string, Edit>();
  const apis = new Map<string, ClusterApi | undefined>(
    snapshot.clusters.map(({ cluster, api }) => [cluster, api]),
  );
  const renewals: [ClusterName, string][] = [];
  const refusals: Refusal[] = [];
  return {
    topology,
    edits,
    refusals,
    current(cluster, kind, name, namespace) {
      const key = [cluster, kind, namespace ?? '', name].join(' ');
      const edit = edits.get(key);
      return edit ? (edit.remove ? undefined : edit.object) : live.get(key);
    },
    api: (cluster) => apis.get(cluster),
    links(cluster) {
      const keys = new Set(
        [...liveLinks, ...edits.keys()].filter((key) => key.startsWith(`${cluster} ClusterLink `)),
      );
      return [...keys].flatMap((key) => {
        const edit = edits.get(key);
        return edit?.remove ? [] : (edit?.object ?? live.get(key) ?? []);
      });
    },
    renewals,
    renew: (cluster, link) => void renewals.push([cluster, link]),
    live: (cluster, object) => live.get(objectKey(cluster, object)),
    put: (cluster, manifest) =>
      void edits.set(objectKey(cluster, manifest), { cluster, object: manifest, remove: false }),
    remove: (cluster, object) =>
      void edits.set(objectKey(cluster, object), { cluster, object, remove: true }),
    refuse: (refusal) => void refusals.push(refusal),
  };
}
