import { execFile } from 'node:child_process';

/** What a command said. `exitCode` is -1 where it could not be started or was ended. */
export interface CommandOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a program with an argument array, never a shell, and feeds it `input`. Never throws. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { readonly input?: string } = {},
): Promise<CommandOutput> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, env: ENVIRONMENT },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ exitCode: 0, stdout, stderr });
        const exitCode = typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, stdout, stderr: stderr === '' ? error.message : stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Nothing of the agent's own environment reaches a child. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
