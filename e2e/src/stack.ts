import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { run, type RunResult } from './run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/flatland.js');
const START_TIMEOUT_MS = 170_000;
const STOP_TIMEOUT_MS = 20_000;

/** A whole stack as `npm start` starts it, with a data directory of its own. */
export interface Stack {
  readonly dataDir: string;
  /** The one-time link that the start printed. */
  readonly link: string;
  /** Everything that the start printed so far. */
  output(): string;
  /** Runs `flatland …` against this stack. */
  flatland(...args: string[]): Promise<RunResult>;
  /** Runs `flatland …` over another data directory. */
  elsewhere(otherDataDir: string, ...args: string[]): Promise<RunResult>;
  /** Starts `flatland …` against this stack, for as long as it takes. */
  start(...args: string[]): ChildProcessByStdio<null, Readable, Readable>;
  /** Runs stock kubectl with the stack's kubeconfig. */
  kubectl(...args: string[]): Promise<RunResult>;
  /** Ctrl-C, and waits for the end. The data stays. */
  stop(): Promise<void>;
  /** Starts again over the same data. */
  restart(): Promise<Stack>;
  /** Stops, and removes the data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StackOptions {
  /** Started over again; made new where there is none. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default the machine's kubectl, with the kubeconfig that the lab writes */
  readonly kubectl?: { readonly program: string; readonly kubeconfig: string };
}

/** Starts the stack and waits for its link. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'fl-')));
  const env = { FLATLAND_PORT: '7400', ...process.env, FLATLAND_DATA: dataDir, ...options.env };
  const kubectl = options.kubectl ?? { program: 'kubectl', kubeconfig: join(dataDir, 'kubeconfig') };
  const start = (...args: string[]) =>
    spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const elsewhere = (otherDataDir: string, ...args: string[]) =>
    run(process.execPath, [CLI, ...args], { cwd: ROOT, env: { ...env, FLATLAND_DATA: otherDataDir } });
  const child = start('up');
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  const output = () => chunks.join('');
  const link = await waitForLink(child, output);
  const stop = () => interrupt(child);
  return {
    dataDir,
    link,
    output,
    flatland: (...args) => elsewhere(dataDir, ...args),
    elsewhere,
    start,
    kubectl: (...args) =>
      run(kubectl.program, ['--kubeconfig', kubectl.kubeconfig, ...args], { cwd: ROOT, env }),
    stop,
    restart: async () => {
      await stop();
      return startStack({ ...options, dataDir });
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function waitForLink(child: ChildProcess, output: () => string): Promise<string> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const link = /http:\/\/127\.0\.0\.1:\d+\/login\?token=[\w-]+/.exec(output())?.[0];
    if (link !== undefined) return link;
    if (child.exitCode !== null) throw new Error(`the stack ended with ${child.exitCode}:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGTERM');
  throw new Error(`the stack did not start in ${START_TIMEOUT_MS} ms:\n${output()}`);
}

async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
