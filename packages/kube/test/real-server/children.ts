import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export type Child = ChildProcess;

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Programs that run until they are stopped, and never longer than this process. */
export class Children {
  readonly #directory: string;
  readonly #all: Child[] = [];
  readonly #killAll = () => this.#all.forEach((child) => child.kill('SIGKILL'));
  readonly #endWith = (signal: NodeJS.Signals) => {
    this.#killAll();
    this.#forget();
    process.kill(process.pid, signal);
  };

  /** Each program writes `NAME.log` into the directory. */
  constructor(directory: string) {
    this.#directory = directory;
    process.once('exit', this.#killAll);
    for (const signal of SIGNALS) process.once(signal, this.#endWith);
  }

  start(name: string, command: string, args: readonly string[]): Child {
    const log = openSync(join(this.#directory, `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: this.#directory, stdio: ['ignore', log, log] });
    closeSync(log);
    // Whoever waits for it to be ready sees that it is not.
    child.on('error', () => {});
    this.#all.push(child);
    return child;
  }

  async stop(child: Child): Promise<void> {
    if (!isRunning(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Stops all, the newest first. */
  async close(): Promise<void> {
    for (const child of this.#all.toReversed()) await this.stop(child);
    this.#forget();
  }

  #forget(): void {
    process.off('exit', this.#killAll);
    for (const signal of SIGNALS) process.off(signal, this.#endWith);
  }
}

export function isRunning({ exitCode, signalCode, pid }: Child): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
