import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../io/command-error.ts';
import { run } from '../io/run.ts';

/** Two starts may build at once; the second waits for the first. */
const BUSY = /previous build that didn't exit cleanly|another next build/i;
const MAX_TRIES = 10;
const RETRY_MS = 6000;

/**
 * Builds the exported console where its sources changed since the last build; turbo knows by their
 * content. Rejects with the build's own words.
 */
export async function buildConsole(root: string): Promise<void> {
  const turbo = join(root, 'node_modules/.bin/turbo');
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' };
  for (let tries = 1; ; tries++) {
    const built = await run(
      turbo,
      ['run', 'build', '--cwd', root, '--filter=@flatland/web', '--output-logs=errors-only'],
      env,
    );
    if (built.exitCode === 0) break;
    if (!BUSY.test(built.output) || tries === MAX_TRIES)
      throw new CommandError(
        `the console could not be built:\n${built.output.trim().split('\n').slice(-20).join('\n')}`,
        {
          next: 'See the build with: npm run build',
        },
      );
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  if (!existsSync(join(root, 'apps/web/out/index.html')))
    throw new CommandError('the console’s build left no index.html', {
      next: 'See the build with: npm run build',
    });
}
