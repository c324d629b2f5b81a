import pc from 'picocolors';
import type { ProgressLine } from '@flatland/shared/report/progress-line';

/** Prints what the processes of the stack say, one line a step, each with the time since the start. */
export interface ProgressOutput {
  step(text: string): void;
  warning(text: string, next?: string): void;
  failed(text: string, next?: string): void;
  line(line: ProgressLine): void;
}

/** Writes progress for people: `  12.3 s  lab: 3 clusters, 6 nodes`. */
export function progressOutput(write: (text: string) => void, elapsedMs: () => number): ProgressOutput {
  const at = () => pc.dim(`${(elapsedMs() / 1000).toFixed(1).padStart(6)} s`);
  const then = (next: string | undefined) => (next === undefined ? '' : pc.dim(` · ${next}`));
  const output: ProgressOutput = {
    step: (text) => write(`${at()}  ${text}\n`),
    warning: (text, next) => write(`${at()}  ${pc.yellow(text)}${then(next)}\n`),
    failed: (text, next) => write(`${at()}  ${pc.red(text)}${then(next)}\n`),
    line(line) {
      switch (line.event) {
        case 'step':
          return output.step(line.text);
        case 'warning':
          return output.warning(line.text, line.next);
        case 'failed':
          return output.failed(line.text, line.next);
        case 'api':
        case 'ready':
        case 'link':
          return undefined;
      }
    },
  };
  return output;
}
