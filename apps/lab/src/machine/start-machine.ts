import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DataDirectory } from '../data-directory.ts';
import { bundlePrograms } from './bundle-programs.ts';
import type { MachineConfig, MachineEvent } from './machine-config.ts';
import { searchPath } from './programs.ts';
import { unshareArguments } from './unshare-arguments.ts';

export type Machine = {
  /** Resolves when the network between the nodes stands. Rejects where it cannot be built. */
  readonly built: Promise<void>;
  /** Starts the nodes. Resolves when all of them are ready. */
  startNodes(config: MachineConfig): Promise<void>;
  /** Ends the containers, then the machine and everything in it. */
  stop(): Promise<void>;
};

export type MachineOptions = {
  readonly directory: DataDirectory;
  readonly asRoot: boolean;
  readonly nodePath: string;
  /** Called when the machine ended and nobody asked it to. */
  readonly onLost: (text: string) => void;
  readonly onEvent?: (event: MachineEvent) => void;
};

const MACHINE = fileURLToPath(new URL('machine-main.ts', import.meta.url));
const STOP_MS = 6000;

/* The first process of the PID namespace takes in orphans and reaps them, which Node does not. */
const FIRST_PROCESS = '"$@"; exit $?';

/** Starts the private machine. When this process ends, however it ends, the machine does too. */
export function startMachine(options: MachineOptions): Machine {
  const log = createWriteStream(join(options.directory.logs, 'machine.log'), { mode: 0o600 });
  const child = spawn(
    'unshare',
    [...unshareArguments(options.asRoot), 'sh', '-c', FIRST_PROCESS, 'sh', options.nodePath, MACHINE],
    {
      cwd: options.directory.root,
      env: {
        ...process.env,
        PATH: searchPath(process.env['PATH']),
        NODE_COMPILE_CACHE: options.directory.compileCache,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const bundled = bundlePrograms(options.nodePath);
  // Told by `startNodes`.
  bundled.catch(() => {});
  let stopping = false;
  let configured = false;
  let failure: string | undefined;
  const ready = new Set<string>();
  const waits = new Set<() => void>();
  const listeners = new Set<(event: MachineEvent) => void>();
  child.stdin.on('error', () => {});
  child.stderr.pipe(log);
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.on('exit', () => resolve());
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.write(`${line}\n`);
    const event = JSON.parse(line) as MachineEvent;
    if (event.event === 'node-ready') ready.add(event.node);
    if (event.event === 'failed') failure = event.text;
    options.onEvent?.(event);
    for (const listener of listeners) listener(event);
    for (const wait of waits) wait();
  });
  const ended = exited.then((): never => {
    throw new Error(failure ?? `the machine ended; see ${join(options.directory.logs, 'machine.log')}`);
  });
  ended.catch((error: Error) => {
    if (!stopping) options.onLost(error.message);
  });
  const when = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      const wait = () => {
        if (!isTrue()) return;
        waits.delete(wait);
        resolve();
      };
      waits.add(wait);
      wait();
    });
  const built = new Promise<void>((resolve) => {
    listeners.add((event) => {
      if (event.event === 'built') resolve();
    });
  });
  return {
    built: Promise.race([built, ended]),
    async startNodes(config) {
      const nodes = config.clusters.flatMap(({ definition }) => definition.nodes);
      await bundled;
      if (stopping) return;
      child.stdin.write(`${JSON.stringify(config)}\n`);
      configured = true;
      await Promise.race([when(() => nodes.every(({ name }) => ready.has(name))), ended]);
    },
    async stop() {
      if (stopping) return exited;
      stopping = true;
      child.stdin.write(configured ? 'stop\n' : '{}\nstop\n');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
      log.end();
    },
  };
}
