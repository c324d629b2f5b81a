/** Takes over what a data path beside the core has counted. */
import { DROP_REASONS } from '../drop-reason.ts';
import type { DropCounters } from '../peer/drop-counters.ts';
import type { Peer } from '../peer/peer.ts';
import type { PeerPath } from '../peer/peer-path.ts';
import type { PeerCounters } from '../peer/peer-counters.ts';
import type { DeviceState } from './device-state.ts';

/** Brings the counters of a device and all its peers up to date. */
export function absorbCounts(device: DeviceState): void {
  if (device.path === undefined) return;
  addDrops(device.drops, device.path.takeDrops());
  for (const [path, peer] of device.peersByPath) absorbPeer(peer, path);
}

/** Brings the counters of a peer up to date. Its drops are among those of the device already. */
export function absorbPeer(peer: Peer, path: PeerPath): void {
  const { counters, drops } = path.takeCounts();
  for (const [name, count] of Object.entries(counters)) peer.counters[name as keyof PeerCounters] += count;
  addDrops(peer.drops, drops);
}

function addDrops(to: DropCounters, drops: ReturnType<DropCounters['toRecord']>): void {
  for (const reason of DROP_REASONS) {
    const count = drops[reason];
    if (count !== undefined) to.add(reason, count);
  }
}
