import { systemClock } from '@flatland/kube/client/clock';

/** The time in whole milliseconds since 1970; it never goes back while the process lives. */
export function nowMs(): number {
  return Math.floor(systemClock.nowMs());
}
