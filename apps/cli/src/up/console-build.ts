import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the exported console is. */
export function consoleDirectory(root: string): string {
  return join(root, 'apps/web/out');
}

/**
 * Builds the exported console where its sources changed since the last build; turbo knows by their
 * content. Rejects with the build's own words.
 */
export async function buildConsole(root: string): Promise<void> {
  const turbo = join(root, 'node_modules/.bin/turbo');
  try {
    await promisify(execFile)(
      turbo,
      ['run', 'build', '--filter=@flatland/web', '--output-logs=errors-only', '--no-daemon'],
      {
        cwd: root,
        env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' },
        maxBuffer: 16 * 1024 * 1024,
      },
    );
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(
      `the console could not be built:\n${`${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n')}`,
      { cause: error },
    );
  }
  if (!existsSync(join(consoleDirectory(root), 'index.html')))
    throw new Error('the console’s build left no index.html');
}
