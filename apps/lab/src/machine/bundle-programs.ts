import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.ts';

const BUNDLER = fileURLToPath(new URL('../../../../scripts/bundle-programs.ts', import.meta.url));
const TIMEOUT_MS = 120_000;

/** Bundles this checkout's programs as they are now, which the pods of Flatland start. Rejects with what is wrong. */
export async function bundlePrograms(nodePath: string): Promise<void> {
  await runCommand(nodePath, [BUNDLER], { timeoutMs: TIMEOUT_MS });
}
