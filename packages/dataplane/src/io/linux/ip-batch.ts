import { runCommand } from './run-command.ts';

/** Lines of a batch that `ip` refused, by their index, with its message. */
export type BatchFailures = ReadonlyMap<number, string>;

/**
 * Runs lines of `ip -batch` in a network namespace, in one process; a line that fails leaves the
 * others alone. Throws where the namespace cannot be entered at all.
 */
export async function ipBatch(namespacePath: string, lines: readonly string[]): Promise<BatchFailures> {
  if (lines.length === 0) return new Map();
  const output = await inNamespaceCommand(
    namespacePath,
    ['ip', '-force', '-batch', '-'],
    `${lines.join('\n')}\n`,
  );
  if (output.exitCode === 0) return new Map();
  const failures = parseBatchFailures(output.stderr);
  if (failures.size === 0) throw new Error(`ip in ${namespacePath}: ${output.stderr.trim()}`);
  return failures;
}

/** Several `ip -json` listings of one family in one process: one array for each line. */
export async function ipListings(
  namespacePath: string,
  family: 4 | 6,
  lines: readonly string[],
): Promise<unknown[][]> {
  const output = await inNamespaceCommand(
    namespacePath,
    ['ip', `-${family}`, '-json', '-details', '-batch', '-'],
    `${lines.join('\n')}\n`,
  );
  if (output.exitCode !== 0) throw new Error(`ip in ${namespacePath}: ${output.stderr.trim()}`);
  return parseListings(output.stdout);
}

/** Runs a program in a network namespace that is named by its path. */
export function inNamespaceCommand(namespacePath: string, command: readonly string[], input: string) {
  return runCommand('nsenter', [`--net=${namespacePath}`, '--', ...command], { input });
}

/** Reads `Command failed -:3` and the message before it. Lines of the batch count from 1 there. */
export function parseBatchFailures(stderr: string): BatchFailures {
  const failures = new Map<number, string>();
  let message = '';
  for (const line of stderr.split('\n')) {
    const failed = /^Command failed -:(\d+)$/.exec(line.trim());
    if (failed === null) {
      message = line.trim() || message;
      continue;
    }
    failures.set(Number(failed[1]) - 1, message || 'failed');
    message = '';
  }
  return failures;
}

/** One JSON array a line; `ip` prints an empty listing as an empty line or `[]`. */
export function parseListings(stdout: string): unknown[][] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => {
      const parsed: unknown = JSON.parse(line);
      return Array.isArray(parsed) ? parsed.filter((entry) => !isEmpty(entry)) : [];
    });
}

function isEmpty(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && Object.keys(entry).length === 0;
}
