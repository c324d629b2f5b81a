import type { TopologyPatch } from '@flatland/shared/report/console-event';
import type { Topology } from '@flatland/shared/topology/topology';
import { sameJson } from './same-json.ts';

type Elements = Readonly<Record<string, unknown>>;

/** What turns one topology into another: elements that are new or different, `null` for those that are gone. */
export function diffTopology(before: Topology, after: Topology): TopologyPatch | undefined {
  const patch: Record<string, Elements> = {};
  for (const collection of Object.keys(after) as (keyof Topology)[]) {
    const changed = diffElements(before[collection], after[collection]);
    if (changed !== undefined) patch[collection] = changed;
  }
  return Object.keys(patch).length === 0 ? undefined : (patch as TopologyPatch);
}

function diffElements(before: Elements, after: Elements): Elements | undefined {
  if (before === after) return undefined;
  const changed: Record<string, unknown> = {};
  for (const id of Object.keys(before)) if (!Object.hasOwn(after, id)) changed[id] = null;
  for (const [id, element] of Object.entries(after)) {
    if (!Object.hasOwn(before, id) || !sameJson(before[id], element)) changed[id] = element;
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}
