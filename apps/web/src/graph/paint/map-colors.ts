import { N_HUES } from '../model/domain-hue.ts';

/** The theme's colours as the canvas needs them. */
export interface MapColors {
  readonly ground: string;
  readonly card: string;
  readonly cluster: string;
  readonly clusterLine: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly grid: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly focus: string;
  readonly staged: string;
  readonly warn: string;
  readonly warnInk: string;
  readonly fail: string;
  readonly failInk: string;
  readonly hues: readonly string[];
}

export const SANS = '"Geist Variable", ui-sans-serif, system-ui, sans-serif';
export const MONO = '"Geist Mono Variable", ui-monospace, monospace';

/** Reads the colours of the theme that an element is shown in. */
export function readColors(element: Element): MapColors {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim() || '#888888';
  return {
    ground: read('ground'),
    card: read('card'),
    cluster: read('cluster'),
    clusterLine: read('cluster-line'),
    line: read('line'),
    lineStrong: read('line-strong'),
    grid: read('grid'),
    ink: read('ink'),
    ink2: read('ink-2'),
    ink3: read('ink-3'),
    focus: read('focus'),
    staged: read('staged'),
    warn: read('warn'),
    warnInk: read('warn-ink'),
    fail: read('fail'),
    failInk: read('fail-ink'),
    hues: Array.from({ length: N_HUES }, (_, slot) => read(`hue-${slot}`)),
  };
}
