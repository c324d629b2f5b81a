import type { TopologyPatch } from '@flatland/shared/report/console-event';
import type { Topology } from '@flatland/shared/topology/topology';

type Elements = Readonly<Record<string, unknown>>;

/** The topology that a client has after a patch. */
export function applyTopologyPatch(topology: Topology, patch: TopologyPatch): Topology {
  const result: Record<string, Elements> = { ...topology };
  for (const [collection, changed] of Object.entries(patch)) {
    const elements: Record<string, unknown> = { ...topology[collection as keyof Topology] };
    for (const [id, element] of Object.entries(changed as Elements)) {
      if (element === null) delete elements[id];
      else elements[id] = element;
    }
    result[collection] = elements;
  }
  return result as unknown as Topology;
}
