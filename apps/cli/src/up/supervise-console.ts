import { CANNOT_START } from '@flatland/bff/launch';
import type { ProgressOutput } from './progress-output.ts';
import type { StackChild } from './child-process.ts';

/** How long the console may have lived for its end to count as the first. */
const STABLE_MS = 30_000;
const MAX_QUICK_ENDS = 5;
const RESTART_DELAY_MS = 500;

/**
 * Keeps the console's backend running: starts it again when it dies, and says so. Neither members nor
 * pods depend on it. A clean end (somebody stopped it) is left as it is, and so is a console that says it cannot start.
 */
export async function superviseConsole(deps: {
  readonly start: () => StackChild;
  readonly stopping: () => boolean;
  readonly output: ProgressOutput;
  readonly nowMs: () => number;
}): Promise<'stopped' | 'failed'> {
  for (let quickEnds = 0; quickEnds < MAX_QUICK_ENDS;) {
    const startedAtMs = deps.nowMs();
    const { code, signal } = await deps.start().ended;
    if (deps.stopping()) return 'stopped';
    if (code === 0) {
      deps.output.warning('console stopped; members keep talking', 'start it again with: npm start');
      return 'stopped';
    }
    if (code === CANNOT_START) break;
    quickEnds = deps.nowMs() - startedAtMs < STABLE_MS ? quickEnds + 1 : 1;
    deps.output.warning(`console ended (${signal ?? `exit code ${code}`}); starting it again`);
    await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS));
  }
  deps.output.failed(
    'the console does not stay up; members keep talking',
    'see the lines above, then start again',
  );
  return 'failed';
}
