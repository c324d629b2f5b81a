import type { ElementRef, WorkloadId } from '@flatland/shared/topology/topology';

/** Key of a node or edge of the graph: `type:id`. Also the value of `sel` in URLs. */
export type ElementKey = string;

const PREFIX = 'membership:';
const TYPES = new Set<string>([
  'cluster',
  'namespace',
  'node',
  'workload',
  'domain',
  'membership',
  'mesh',
  'partner',
]);

/** Key of the node that draws an element. */
export function keyOf(ref: ElementRef): ElementKey {
  return `${ref.type}:${ref.id}`;
}

/** The element that a key names; undefined for edges that draw no element, and for text that is no key. */
export function refOf(key: ElementKey): ElementRef | undefined {
  const colon = key.indexOf(':');
  const type = key.slice(0, colon);
  const id = key.slice(colon + 1);
  if (colon < 1 || id === '' || !TYPES.has(type)) return undefined;
  return { type, id } as ElementRef;
}

/** Key of the edge between a workload and a domain's hub. */
export function memberKey(workload: WorkloadId, domain: string): ElementKey {
  return `membership:${workload}|${domain}`;
}

/** The two ends of a membership edge's key; undefined where it is another key. */
export function memberOf(key: ElementKey): { workload: WorkloadId; domain: string } | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const bar = key.lastIndexOf('|');
  if (bar < 0) return undefined;
  return { workload: key.slice(PREFIX.length, bar), domain: key.slice(bar + 1) };
}

/** Parts of a workload's id, for labels. */
export function workloadParts(id: WorkloadId): {
  cluster: string;
  namespace: string;
  kind: string;
  name: string;
} {
  const [cluster = '', namespace = '', kind = '', name = ''] = id.split('/');
  return { cluster, namespace, kind, name };
}

/** Short label of any key, for live regions and menus. */
export function labelOf(key: ElementKey): string {
  const member = memberOf(key);
  if (member) return `${workloadParts(member.workload).name} in ${member.domain}`;
  const ref = refOf(key);
  if (!ref) return key;
  return ref.id.split('/').at(-1) ?? ref.id;
}
