import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { readEnvironment } from '@flatland/bff/environment';
import { CommandError, EXIT } from '../io/command-error.ts';
import type { CommandIo } from '../io/command-io.ts';
import { dataDirectory, kubeconfigPath, WORKSPACE_ROOT } from '../io/paths.ts';
import { startChild, type StackChild } from './child-process.ts';
import { buildConsole } from './console-build.ts';
import { consoleCommand } from './console-command.ts';
import { buildNativePath } from './native-build.ts';
import { progressOutput, type ProgressOutput } from './progress-output.ts';
import { takeStartLock } from './start-lock.ts';
import { superviseConsole } from './supervise-console.ts';

/**
 * `flatland up`, what `npm start` runs: builds the console where needed, starts the lab and the
 * console's backend, prints a line a step and last the one-time link; stops both at Ctrl-C.
 */
export async function up(io: CommandIo): Promise<void> {
  const output = progressOutput(
    (text) => void process.stdout.write(text),
    () => performance.now(),
  );
  checkEnvironment(io.env);
  const dataDir = dataDirectory(io.env);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const taken = takeStartLock(dataDir, process.pid);
  if (!taken.ok)
    throw new CommandError(`a stack runs already over ${dataDir} (process ${taken.pid})`, {
      next: 'Open it with: npx flatland open',
    });
  const stop = stopSignal();
  const children: StackChild[] = [];
  try {
    await runStack({ io, output, dataDir, children, stop });
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    taken.lock.release();
  }
}

/** Says at once what the console would say once everything else runs. */
function checkEnvironment(env: NodeJS.ProcessEnv): void {
  try {
    readEnvironment(env);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { exitCode: EXIT.usage });
  }
}

interface StackDeps {
  readonly io: CommandIo;
  readonly output: ProgressOutput;
  readonly dataDir: string;
  readonly children: StackChild[];
  readonly stop: StopSignal;
}

async function runStack(deps: StackDeps): Promise<void> {
  const { io, output, stop, children } = deps;
  const built = buildConsole(WORKSPACE_ROOT).then(() => output.step('console built'));
  const lab = io.env['FLATLAND_LAB'] === 'off' ? undefined : startLab(deps);
  // Forwarders that start before it is done wait for it.
  if (lab !== undefined) void buildNativePath(WORKSPACE_ROOT).catch(ignore);
  const labReady = lab?.ready ?? Promise.resolve();
  // Whichever fails first ends the start; the others' failures are then told by nobody.
  for (const waited of [built, labReady, lab?.served]) waited?.catch(ignore);
  await Promise.race([Promise.all([built, lab?.served]), stop.asked]);
  if (stop.isAsked()) return;
  const linked = Promise.withResolvers<string>();
  let port: string | undefined;
  const console = superviseConsole({
    output,
    stopping: stop.isAsked,
    nowMs: () => performance.now(),
    start: () => {
      const child = startConsole(deps, port, (url) => {
        port = new URL(url).port;
        linked.resolve(url);
      });
      children.push(child);
      return child;
    },
  });
  void Promise.all([linked.promise, labReady]).then(([url]) => {
    if (!stop.isAsked()) showLink(url);
  }, ignore);
  const labEnded = lab?.child.ended.then((end) => {
    if (!stop.isAsked())
      throw new CommandError(`the lab ended (${end.signal ?? `exit code ${end.code}`})`, {
        next: 'See the lines above, then run npm start again',
      });
  });
  const consoleEnded = console.then((end) => {
    if (end === 'failed' && (lab === undefined || port === undefined))
      throw new CommandError('the console could not start', {
        next: 'See the lines above, then run npm start again',
      });
    return lab === undefined ? undefined : stop.asked;
  });
  await Promise.race([stop.asked, consoleEnded, ...(labEnded ? [labEnded] : [])]);
  output.step('stopping');
}

function startLab({ output, dataDir, children, io }: StackDeps): {
  readonly child: StackChild;
  /** The API servers answer. */
  readonly served: Promise<void>;
  /** Nodes, pods and domains are as they were asked for. */
  readonly ready: Promise<void>;
} {
  const served = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const child = startChild({
    name: 'lab',
    program: process.execPath,
    args: [join(WORKSPACE_ROOT, 'apps/lab/src/main.ts')],
    env: { FLATLAND_DATA: dataDir, FLATLAND_END_WITH_PARENT: '1', ...compileCache(io, dataDir) },
    onText: (text) => output.warning(`lab: ${text}`),
    onProgress: (line) => {
      output.line(line);
      if (line.event === 'api') served.resolve();
      if (line.event === 'ready') ready.resolve();
    },
  });
  children.push(child);
  const failed = child.ended.then((): never => {
    throw new CommandError('the lab could not start', { next: 'See the lines above' });
  });
  return {
    child,
    served: Promise.race([served.promise, failed]),
    ready: Promise.race([ready.promise, failed]),
  };
}

function startConsole(
  { io, output, dataDir }: StackDeps,
  port: string | undefined,
  onLink: (url: string) => void,
): StackChild {
  const command = consoleCommand({ dataDir, kubeconfig: kubeconfigPath(io.env), port });
  return startChild({
    name: 'console',
    program: process.execPath,
    args: command.args,
    env: { ...command.env, ...compileCache(io, dataDir) },
    onText: (text) => output.warning(`console: ${text}`),
    onProgress: (line) => {
      output.line(line);
      if (line.event === 'link') onLink(line.url);
    },
  });
}

/** Node keeps what it compiled, so that a second start costs less. */
function compileCache(io: CommandIo, dataDir: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: io.env['NODE_COMPILE_CACHE'] ?? join(dataDir, 'compile-cache') };
}

function showLink(url: string): void {
  process.stdout.write(`\nOpen the console (this link works once):\n\n  ${url}\n`);
}

/** The lab's end is told where it is waited for. */
function ignore(): void {}

interface StopSignal {
  readonly asked: Promise<void>;
  readonly isAsked: () => boolean;
}

function stopSignal(): StopSignal {
  let isAsked = false;
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        isAsked = true;
        resolve();
      });
  });
  return { asked, isAsked: () => isAsked };
}
