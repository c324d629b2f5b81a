import type { ExecSession } from '../node-runtime.ts';

/** Runs a command on a terminal of its own. */
export function openTerminal(command: readonly string[], _environment: Readonly<Record<string, string>>): ExecSession {
  throw new Error(`no terminal can be had for ${command.join(' ')}; run it without --tty`);
}
