import type { NodeName } from '@flatland/shared/model/names';
import { HOLD_MS, HOLD_ONE_IN } from '../mirror/hold-losses.ts';
import { isOwned } from '../mirror/remote-slice-object.ts';

/** An object that belongs to a node of the own cluster. */
export interface NodesObject {
  readonly kind: 'AddressBlock' | 'MemberSlice' | 'NodePeer';
  readonly metadata: {
    readonly name: string;
    readonly uid?: string | undefined;
    readonly labels?: Record<string, string> | undefined;
  };
  readonly spec: { readonly node: NodeName };
}

/** How long a node must be gone before what it left is deleted: a released address rests at least ten minutes. */
export const REST_MS = HOLD_MS;
/** The same where more than a fifth of the nodes vanished. */
export const LONG_REST_MS = 2 * HOLD_MS;

export interface Garbage {
  /** Sorted by kind and name. */
  readonly deletes: readonly NodesObject[];
  readonly missingSinceMs: ReadonlyMap<NodeName, number>;
  /** When to look again; Infinity for never. */
  readonly nextMs: number;
}

/**
 * What nodes that are gone have left behind, once they have been gone long enough. Only what carries Flatland's
 * owner label, and nothing while the list of nodes is empty.
 */
export function compileGarbage(input: {
  readonly nodes: readonly NodeName[];
  readonly objects: readonly NodesObject[];
  readonly missingSinceMs: ReadonlyMap<NodeName, number>;
  readonly nowMs: number;
}): Garbage {
  const { nodes, nowMs } = input;
  const present = new Set(nodes);
  const orphans = input.objects.filter((object) => isOwned(object) && !present.has(object.spec.node));
  if (nodes.length === 0 || orphans.length === 0)
    return { deletes: [], missingSinceMs: new Map(), nextMs: Infinity };
  const missing = [...new Set(orphans.map((object) => object.spec.node))].toSorted();
  const missingSinceMs = new Map(missing.map((node) => [node, input.missingSinceMs.get(node) ?? nowMs]));
  const tooMany = missing.length * HOLD_ONE_IN > present.size + missing.length;
  const dueMs = (node: NodeName) => (missingSinceMs.get(node) ?? nowMs) + (tooMany ? LONG_REST_MS : REST_MS);
  return {
    deletes: orphans.filter((object) => dueMs(object.spec.node) <= nowMs).toSorted(byKindAndName),
    missingSinceMs,
    nextMs: Math.min(Infinity, ...missing.map(dueMs).filter((atMs) => atMs > nowMs)),
  };
}

function byKindAndName(a: NodesObject, b: NodesObject): number {
  return `${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1;
}
