import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { zProgressLine, type ProgressLine } from '@flatland/shared/report/progress-line';

/** A process of the stack, as `flatland up` starts and watches it. */
export interface StackChild {
  readonly name: string;
  readonly pid: number | undefined;
  /** How it ended, once it has. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Asks it to end, and ends it by force where it does not. */
  stop(): Promise<void>;
}

export interface StackChildOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Progress lines of its stdout. */
  readonly onProgress: (line: ProgressLine) => void;
  /** Whatever else it prints. */
  readonly onText: (text: string) => void;
}

/** How long a process may take to end by itself. */
const STOP_TIMEOUT_MS = 10_000;

/** Starts a process of the stack in a process group of its own, so that Ctrl-C reaches it only through `stop`. */
export function startChild(options: StackChildOptions): StackChild {
  const child = spawn(options.program, options.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const progress = parseProgress(line);
    if (progress) options.onProgress(progress);
    else options.onText(line);
  });
  createInterface({ input: child.stderr }).on('line', options.onText);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      options.onText(error.message);
      resolve({ code: 1, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { name: options.name, pid: child.pid, ended, stop: () => stop(child, ended) };
}

function parseProgress(line: string): ProgressLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return zProgressLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
