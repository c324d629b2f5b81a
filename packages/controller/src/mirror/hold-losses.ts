import type { NodeName } from '@flatland/shared/model/names';

/** How long nodes are kept that vanished too many at once. */
export const HOLD_MS = 600_000;
/** More than one in so many is too many. */
export const HOLD_ONE_IN = 5;

/** When each node that is missing was first missed, in milliseconds. */
export type Departures = ReadonlyMap<NodeName, number>;

export interface HoldInput {
  /** Nodes mirrored so far. */
  readonly mirrored: readonly NodeName[];
  /** Nodes in the origin's complete list. */
  readonly listed: readonly NodeName[];
  /** Whether the origin lists nobody at all, in any domain: such a list deletes nothing. */
  readonly listIsEmpty: boolean;
  readonly departures: Departures;
  readonly nowMs: number;
}

export interface HoldRuling {
  /** Mirrored nodes that stay although they are not listed, sorted. */
  readonly held: readonly NodeName[];
  readonly reason: 'nodes-lost-held' | 'empty-list-held' | undefined;
  readonly departures: Departures;
  /** When to rule again; Infinity for never. */
  readonly nextMs: number;
}

/**
 * Rules which vanished nodes stay mirrored. All that vanished within ten minutes count as one loss, however many
 * events they came in; more than a fifth of the nodes known in that time is held until each has been missing for
 * ten minutes. An empty list holds everything for as long as it is empty.
 */
export function holdLosses(input: HoldInput): HoldRuling {
  const { mirrored, nowMs } = input;
  const listed = new Set(input.listed);
  const missing = mirrored.filter((node) => !listed.has(node)).toSorted();
  if (input.listIsEmpty) {
    const reason = missing.length > 0 ? 'empty-list-held' : undefined;
    return { held: missing, reason, departures: new Map(), nextMs: Infinity };
  }
  const departures = new Map<NodeName, number>();
  for (const node of [...new Set([...input.departures.keys(), ...missing])].toSorted()) {
    const sinceMs = input.departures.get(node) ?? nowMs;
    if (!listed.has(node) && nowMs - sinceMs < HOLD_MS) departures.set(node, sinceMs);
  }
  const nKnown = listed.size + departures.size;
  const tooMany = departures.size * HOLD_ONE_IN > nKnown;
  const held = tooMany ? missing.filter((node) => departures.has(node)) : [];
  return {
    held,
    reason: held.length > 0 ? 'nodes-lost-held' : undefined,
    departures,
    nextMs: Math.min(Infinity, ...held.map((node) => (departures.get(node) ?? nowMs) + HOLD_MS)),
  };
}
