import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { ContainerStartError } from '../node-runtime.ts';
import type { ExitStatus } from '../node-runtime.ts';

/** Resolves when a program runs. Rejects with ContainerStartError where it cannot be started. */
export function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new ContainerStartError('RunContainerError', error.message)));
  });
}

/** Exit code as a shell gives it: 128 and the signal's number where a signal ended it. */
export function exitOf(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('exit', (code, name) => {
      if (code !== null) return resolve({ exitCode: code });
      const number = constants.signals[name ?? 'SIGKILL'];
      resolve({ exitCode: 128 + number, signal: number });
    });
  });
}
