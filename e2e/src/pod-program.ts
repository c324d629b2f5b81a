import type { ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Stack } from './stack.ts';

/** A program that runs in a pod, and tells by lines. */
export interface PodProgram {
  /** The newest line, once there is one that the predicate takes. Rejects where the program ends before. */
  line(wanted: (line: string) => boolean): Promise<string>;
  /** The newest line. */
  last(): string | undefined;
  readonly ended: Promise<{ readonly exitCode: number; readonly lines: readonly string[] }>;
  stop(): void;
}

/** Starts a program inside a pod of the lab by `flatland exec`, for as long as it takes. */
export function startInPod(stack: Stack, pod: string, command: readonly string[]): PodProgram {
  return followProgram(stack.start('exec', pod, '--', ...command), `${command.join(' ')} in ${pod}`);
}

/** Follows a started program; `what` it is says who reports its end. */
export function followProgram(
  child: ChildProcessByStdio<null, Readable, Readable>,
  what: string,
): PodProgram {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const watcher of watchers) watcher();
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = new Promise<{ exitCode: number; lines: string[] }>((resolve) =>
    child.once('close', (code) => resolve({ exitCode: code ?? 1, lines })),
  );
  return {
    ended,
    last: () => lines.at(-1),
    stop: () => void child.kill('SIGTERM'),
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.findLast(wanted);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        void ended.then(({ exitCode }) => {
          look();
          reject(new Error(`${what} ended with ${exitCode}: ${complaint}`));
        });
        look();
      }),
  };
}
