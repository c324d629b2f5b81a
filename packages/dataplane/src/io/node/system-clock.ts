/** The machine's time. */
import type { ClockPort } from '../../ports/clock.ts';

/** Longest wait that a timer of Node takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: ClockPort = {
  nowMs: () => performance.timeOrigin + performance.now(),

  at(deadlineMs, callback) {
    const wait = Math.ceil(deadlineMs - systemClock.nowMs());
    if (wait <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(
      () => {
        if (systemClock.nowMs() >= deadlineMs) callback();
        else cancelNext = systemClock.at(deadlineMs, callback);
      },
      Math.min(wait, MAX_DELAY_MS),
    );
    let cancelNext = () => clearTimeout(timer);
    return () => cancelNext();
  },
};
