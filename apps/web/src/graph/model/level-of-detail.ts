/** How much of the map is drawn at a zoom. */
export type Detail = 'far' | 'dots' | 'names' | 'close';

/** Above this number of visible nodes the table opens first. */
export const TABLE_FIRST_ABOVE = 200;

/**
 * `far`: clusters, hubs and counted edges. `dots`: workloads without text. `names`: names and state.
 * `close`: addresses and instances.
 */
export function detailAt(zoom: number): Detail {
  if (zoom < 0.3) return 'far';
  if (zoom < 0.5) return 'dots';
  return zoom < 1.2 ? 'names' : 'close';
}
