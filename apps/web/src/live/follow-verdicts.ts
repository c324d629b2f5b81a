import { sameTunnels } from '@flatland/shared/reachability/tunnels';
import type { LiveState } from './live-state.ts';
import { useLive } from './live-store.ts';

/** Changes are gathered for this long: an apply makes many. */
const GATHER_MS = 250;

/** True where verdicts may be others than before: objects changed, or a way between nodes. */
export function mayChangeVerdicts(live: LiveState, before: LiveState): boolean {
  if (live.topology !== before.topology) return true;
  if (live.reports === before.reports) return false;
  return Object.entries(live.reports).some(([key, report]) => !sameTunnels(before.reports[key], report));
}

/** Calls back soon after verdicts may have changed. Returns how to end it. */
export function followVerdicts(onChange: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = useLive.subscribe((live, before) => {
    if (timer !== undefined || !mayChangeVerdicts(live, before)) return;
    timer = setTimeout(() => {
      timer = undefined;
      onChange();
    }, GATHER_MS);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
