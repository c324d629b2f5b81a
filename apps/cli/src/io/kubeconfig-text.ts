import { readFileSync, statSync } from 'node:fs';
import { CommandError, EXIT } from './command-error.ts';

/** What the console takes in one call. */
const MAX_KUBECONFIG_BYTES = 1024 * 1024;

/** The text of a kubeconfig, from a file or, for `-`, from the standard input. */
export function readKubeconfigText(file: string): string {
  try {
    if (file !== '-' && statSync(file).size > MAX_KUBECONFIG_BYTES)
      throw new CommandError(`${file} is larger than 1 MiB`, { exitCode: EXIT.usage });
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
      exitCode: EXIT.usage,
    });
  }
}
