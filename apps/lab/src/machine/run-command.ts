import { spawn } from 'node:child_process';
import { searchPath } from './programs.ts';

/** How much of the end of what a failed program printed is told beside its error. */
const PRINTED_CHARACTERS = 400;

/** A program of the machine that did not do what it was asked. */
export class CommandError extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: readonly string[], exitCode: number | null, said: { stdout: string; stderr: string }) {
    const { stdout, stderr } = said;
    const texts = [stderr.trim(), stdout.trim().slice(-PRINTED_CHARACTERS)].filter((text) => text !== '');
    super(`${abbreviate(command)} ended with ${exitCode ?? 'a signal'}: ${texts.join('\n') || 'no message'}`);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/**
 * Runs a program from an argument array, without a shell, and gives what it printed. Throws CommandError where it
 * ends with another exit code than 0, and the system's error where it cannot be started.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: searchPath(process.env['PATH']) },
      timeout: options.timeoutMs ?? 20_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      if (exitCode === 0) return resolve(Buffer.concat(stdout).toString());
      const said = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      reject(new CommandError([program, ...args], exitCode, said));
    });
    if (options.input !== undefined) {
      // A program that ended early closes its input; its exit code says why.
      child.stdin!.on('error', () => {});
      child.stdin!.end(options.input);
    }
  });
}

/** Arguments in one line; a script among them is not for people. */
function abbreviate(command: readonly string[]): string {
  return command.map((word) => (word.includes('\n') || word.length > 80 ? '...' : word)).join(' ');
}
