import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type {
  ContainerConfig,
  ExecSession,
  NodeRuntime,
  RunningContainer,
  Sandbox,
} from '../node-runtime.ts';
import { exitOf, started } from './child-exit.ts';
import type { ImageTable } from './images.ts';
import { launchCommand } from './launch-command.ts';
import { openTerminal } from './open-terminal.ts';
import { addSandbox, deleteSandbox, NETNS_DIRECTORY, sandboxAddress } from './pod-network.ts';
import { sendSignal } from '../../machine/send-signal.ts';

export type KernelRuntimeOptions = {
  readonly images: ImageTable;
  /** The node's address towards its pods. */
  readonly gateway: string;
  /** What every container's environment begins with. */
  readonly environment: Readonly<Record<string, string>>;
  /** The API's socket, for pods of the node's network. */
  readonly apiSocket: string;
};

type KernelContainer = RunningContainer & {
  readonly pid: number;
  readonly environment: Readonly<Record<string, string>>;
};

/** Pods as processes in network and mount namespaces of a node. Lives in the node's own namespaces. */
export class KernelRuntime implements NodeRuntime {
  readonly #options: KernelRuntimeOptions;
  readonly #addresses = new Map<string, string>();

  constructor(options: KernelRuntimeOptions) {
    this.#options = options;
  }

  async ensureSandbox({ podUid, address }: Sandbox): Promise<void> {
    if (this.#addresses.get(podUid) === address) return;
    const live = await sandboxAddress(podUid);
    if (live !== address) {
      if (live !== undefined) await deleteSandbox(podUid);
      await addSandbox(podUid, address, this.#options.gateway);
    }
    this.#addresses.set(podUid, address);
  }

  async removeSandbox(podUid: string): Promise<void> {
    this.#addresses.delete(podUid);
    await deleteSandbox(podUid);
  }

  async listSandboxes(): Promise<string[]> {
    const names = await readdir(NETNS_DIRECTORY).catch(() => []);
    return names.flatMap((name) => (name.startsWith('pod-') ? [name.slice(4)] : [])).sort();
  }

  async startContainer(config: ContainerConfig): Promise<RunningContainer> {
    const environment = {
      ...this.#options.environment,
      ...(config.hostNetwork ? { FLATLAND_API_SOCKET: this.#options.apiSocket } : {}),
      ...config.environment,
    };
    const program =
      config.command.length > 0
        ? [...config.command, ...config.args]
        : [...this.#options.images.programOf(config.image), ...config.args];
    const [command, ...args] = launchCommand(config, program);
    const child = spawn(command, args, {
      cwd: '/',
      env: environment,
      // A group of its own, so that whatever it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await started(child);
    child.stdout.on('data', (chunk: Buffer) => config.onOutput('stdout', chunk));
    child.stderr.on('data', (chunk: Buffer) => config.onOutput('stderr', chunk));
    const container: KernelContainer = {
      id: randomBytes(32).toString('hex'),
      pid: child.pid!,
      environment,
      exited: exitOf(child),
      async stop(graceMs) {
        sendSignal(child.pid!, 'SIGTERM');
        const timer = setTimeout(() => sendSignal(-child.pid!, 'SIGKILL'), graceMs);
        await container.exited;
        clearTimeout(timer);
        sendSignal(-child.pid!, 'SIGKILL');
      },
    };
    return container;
  }

  async exec(
    container: RunningContainer,
    command: readonly string[],
    options: { tty: boolean },
  ): Promise<ExecSession> {
    const { pid, environment } = container as KernelContainer;
    const enter = ['--target', String(pid), '--net', '--mount', '--uts', '--wd=/'];
    const run = ['nsenter', ...enter, '--', 'setpriv', '--pdeathsig', 'KILL', '--', ...command];
    if (options.tty) return openTerminal(run, { TERM: 'xterm', ...environment });
    const child = spawn(run[0]!, run.slice(1), { cwd: '/', env: environment, detached: true });
    await started(child);
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exited: exitOf(child),
      kill: () => sendSignal(-child.pid!, 'SIGKILL'),
    };
  }

  connect({ address, port }: { address: string; port: number }): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true });
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }
}
