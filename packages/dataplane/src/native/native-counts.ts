/** Counters of the addon, by their names. */
import type { DropReason } from '../core/drop-reason.ts';
import type { PeerPathCounts } from '../core/peer/peer-path.ts';
import type { NativeAddon, NativeHandle } from './native-addon.ts';

const N_COUNTERS = 5;

export const EMPTY_COUNTS: PeerPathCounts = { counters: {}, drops: {} };

/** What was counted for a peer since the last time. */
export function countsOf(addon: NativeAddon, handle: NativeHandle, peer: number): PeerPathCounts {
  const counts = new Float64Array(N_COUNTERS + addon.dropReasons.length);
  addon.takeCounters(handle, peer, counts);
  const [rxBytes = 0, txBytes = 0, rxPackets = 0, txPackets = 0, keepalivesReceived = 0] = counts;
  return {
    counters: { rxBytes, txBytes, rxPackets, txPackets, keepalivesReceived },
    drops: named(addon, counts.subarray(N_COUNTERS)),
  };
}

/** What was dropped by a device since the last time. */
export function dropsOf(addon: NativeAddon, handle: NativeHandle): Partial<Record<DropReason, number>> {
  const drops = new Float64Array(addon.dropReasons.length);
  addon.takeDrops(handle, drops);
  return named(addon, drops);
}

function named(addon: NativeAddon, counts: Float64Array): Partial<Record<DropReason, number>> {
  const entries = addon.dropReasons.flatMap((reason, i) => (counts[i]! > 0 ? [[reason, counts[i]!]] : []));
  return Object.fromEntries(entries);
}
