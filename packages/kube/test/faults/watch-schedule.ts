import fc from 'fast-check';
import { WATCH_FAULTS } from '../../src/testing/faulty-proxy/fault.ts';
import type { WatchFault } from '../../src/testing/faulty-proxy/fault.ts';

/** One thing that happens to a collection, or between it and who watches it. */
export type Happening =
  | { readonly kind: 'put' | 'delete'; readonly name: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'spoil'; readonly fault: WatchFault['kind'] }
  | { readonly kind: 'cut'; readonly how: 'reset' | 'silence'; readonly ms: number }
  | { readonly kind: 'compact' }
  | { readonly kind: 'throw' };

export interface Schedule {
  readonly seed: number;
  /** Share of calls, and of watches, that the proxy breaks by chance. */
  readonly callShare: number;
  readonly watchShare: number;
  readonly happenings: readonly Happening[];
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const name = fc.constantFrom(...NAMES);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('put' as const), name }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('spoil' as const), fault: fc.constantFrom(...WATCH_FAULTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      how: fc.constantFrom('reset' as const, 'silence' as const),
      ms: fc.integer({ min: 1, max: 150 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant('compact' as const) }),
      fc.record({ kind: fc.constant('throw' as const) }),
    ),
  },
);

/** Schedules of up to forty happenings. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer(),
  callShare: fc.constantFrom(0, 0, 0.2),
  watchShare: fc.constantFrom(0, 0.3),
  happenings: fc.array(happening, { minLength: 5, maxLength: 40, size: 'max' }),
});
