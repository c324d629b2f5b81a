import { vi } from 'vitest';

/** Waits until a check holds: on an idle machine a moment, on a busy one up to a minute. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 50 });
}
