import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { Topology } from '@flatland/shared/topology/topology';
import { keyOf, memberKey, type ElementKey } from './element-key.ts';

/** Objects that are not what was applied, by the elements of the map that they are, or are about. */
export type DriftMarks = ReadonlyMap<ElementKey, readonly DriftedObject[]>;

/** Where each drifted object is shown: one that belongs to nothing on the map any more is its cluster's. */
export function driftMarks(drifted: readonly DriftedObject[], topology: Topology): DriftMarks {
  const marks = new Map<ElementKey, DriftedObject[]>();
  for (const object of drifted)
    for (const key of new Set(elementsOf(object, topology))) {
      const list = marks.get(key);
      if (list) list.push(object);
      else marks.set(key, [object]);
    }
  return marks;
}

/** `2 objects are not as applied`. */
export function driftText(objects: number): string {
  return objects === 1 ? '1 object is not as applied' : `${objects} objects are not as applied`;
}

/** What the map says of an element's drift. */
export function driftOf(marks: DriftMarks, key: ElementKey): { readonly drifted?: number } {
  const objects = marks.get(key);
  return objects === undefined ? {} : { drifted: objects.length };
}

function elementsOf(drifted: DriftedObject, topology: Topology): ElementKey[] {
  const { object, domain = '' } = drifted;
  const own =
    object.kind === 'Membership'
      ? membershipElements(drifted, topology)
      : object.kind === 'Mesh' && Object.hasOwn(topology.meshes, `${object.cluster}/${object.name}`)
        ? [keyOf({ type: 'mesh', id: `${object.cluster}/${object.name}` })]
        : [];
  if (own.length > 0) return own;
  return Object.hasOwn(topology.domains, domain)
    ? [keyOf({ type: 'domain', id: domain })]
    : [keyOf({ type: 'cluster', id: object.cluster })];
}

/** A membership's workloads and edges: as it was applied, and as it is now. */
function membershipElements({ object, domain, workload }: DriftedObject, topology: Topology): ElementKey[] {
  const live = topology.memberships[`${object.cluster}/${object.namespace}/${object.name}`];
  const domains = new Set([domain, live?.domain].filter((name) => name !== undefined));
  const workloads = new Set([...(workload === undefined ? [] : [workload]), ...(live?.workloads ?? [])]);
  return [...workloads]
    .filter((id) => Object.hasOwn(topology.workloads, id))
    .flatMap((id) => [keyOf({ type: 'workload', id }), ...[...domains].map((name) => memberKey(id, name))]);
}
