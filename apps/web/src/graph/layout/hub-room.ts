import { sizeOf, type Box } from './geometry.ts';

/** From far away a hub is drawn this wide on the screen, so that it is read and hit. */
const MIN_HUB_PX = 80;
const MAX_HUB_SCALE = 6;

/**
 * How many times its size a hub is drawn at a zoom, with the pills on it, where there is `room` for so many
 * times: at least once.
 */
export function hubScale(zoom: number, room = Infinity): number {
  const wanted = MIN_HUB_PX / (sizeOf({ type: 'domain' }).width * zoom);
  return Math.max(1, Math.min(MAX_HUB_SCALE, room, wanted));
}

/** How many times their size hubs can be drawn before two of them meet, or one meets a cluster. */
export function hubRoom(hubs: readonly Box[], clusters: readonly Box[]): number {
  let room = Infinity;
  for (const [index, hub] of hubs.entries()) {
    for (const other of hubs.slice(index + 1)) room = Math.min(room, timesToMeet(hub, other, true));
    for (const cluster of clusters) room = Math.min(room, timesToMeet(hub, cluster, false));
  }
  return room;
}

/** The times at which a hub that grows about its centre meets a box, which grows with it or stays. */
function timesToMeet(hub: Box, box: Box, grows: boolean): number {
  const apart = (low: 'left' | 'top', size: 'width' | 'height') => {
    const between = Math.abs(hub[low] + hub[size] / 2 - box[low] - box[size] / 2);
    return grows ? (2 * between) / (hub[size] + box[size]) : (2 * between - box[size]) / hub[size];
  };
  return Math.max(apart('left', 'width'), apart('top', 'height'));
}
