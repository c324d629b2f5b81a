import type { PairProbe } from '@flatland/shared/report/console-event';

/** The probe of a pair that was sent last, among what was heard from several sides; others' are left out. */
export function lastProbe(
  pair: { readonly from: string | null; readonly to: string | null },
  heard: readonly (PairProbe | undefined)[],
): PairProbe | undefined {
  return heard
    .filter((probe) => probe !== undefined)
    .filter(({ from, to }) => from === pair.from && to === pair.to)
    .toSorted((a, b) => a.result.atMs - b.result.atMs)
    .at(-1);
}
