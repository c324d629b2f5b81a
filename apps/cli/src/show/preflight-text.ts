import { PREFLIGHT_CHECKS, type PreflightLine, type PreflightState } from '@flatland/shared/preflight/line';
import pc from 'picocolors';

const PAINT: Readonly<Record<PreflightState, (text: string) => string>> = {
  ok: pc.green,
  warning: pc.yellow,
  failed: pc.red,
  unknown: pc.cyan,
};
const STATE_WIDTH = Math.max(...Object.keys(PAINT).map((state) => state.length));
const TITLE_WIDTH = Math.max(...Object.values(PREFLIGHT_CHECKS).map((title) => title.length));

/** A preflight as text: a line for each finding, and below it what to do. */
export function preflightText(lines: readonly PreflightLine[]): string {
  const indent = ' '.repeat(STATE_WIDTH + TITLE_WIDTH + 4);
  return lines
    .flatMap(({ check, state, text, next }) => [
      `${PAINT[state](state.padEnd(STATE_WIDTH))}  ${PREFLIGHT_CHECKS[check].padEnd(TITLE_WIDTH)}  ${text}`,
      ...(next === '' ? [] : [`${indent}${pc.dim(next)}`]),
    ])
    .join('\n');
}
