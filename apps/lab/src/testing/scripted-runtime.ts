import { duplexPair, PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { ContainerStartError } from '../kubelet/node-runtime.ts';
import type {
  ContainerConfig,
  ExecSession,
  ExitStatus,
  NodeRuntime,
  RunningContainer,
  Sandbox,
} from '../kubelet/node-runtime.ts';

export type ScriptedContainer = RunningContainer & {
  readonly config: ContainerConfig;
  /** Ends it, as its program would. */
  end(status: ExitStatus): void;
  /** Grace periods with which it was asked to stop. */
  readonly stops: number[];
};

/** A node runtime whose containers do what a test says. Keeps state; nothing runs. */
export class ScriptedRuntime implements NodeRuntime {
  readonly sandboxes = new Map<string, string>();
  readonly containers: ScriptedContainer[] = [];
  /** Whether HTTP probes find an answer. */
  answersProbes = true;

  /** The container of a pod that runs now. */
  running(podName: string): ScriptedContainer | undefined {
    return this.containers.findLast(({ config }) => config.hostname === podName);
  }

  async ensureSandbox({ podUid, address }: Sandbox): Promise<void> {
    this.sandboxes.set(podUid, address);
  }

  async removeSandbox(podUid: string): Promise<void> {
    this.sandboxes.delete(podUid);
  }

  async listSandboxes(): Promise<string[]> {
    return [...this.sandboxes.keys()].sort();
  }

  async startContainer(config: ContainerConfig): Promise<RunningContainer> {
    if (!config.image.startsWith('test/'))
      throw new ContainerStartError('ErrImagePull', `no image ${config.image}`);
    let end: (status: ExitStatus) => void = () => {};
    const exited = new Promise<ExitStatus>((resolve) => (end = resolve));
    const stops: number[] = [];
    const container: ScriptedContainer = {
      id: `c${this.containers.length}`,
      config,
      exited,
      end,
      stops,
      async stop(graceMs) {
        stops.push(graceMs);
        end({ exitCode: 0 });
      },
    };
    this.containers.push(container);
    config.onOutput('stdout', Buffer.from(`started ${config.name}\n`));
    return container;
  }

  async exec(_container: RunningContainer, command: readonly string[]): Promise<ExecSession> {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdout.write(`${command.join(' ')}\n`);
    let end: (status: ExitStatus) => void = () => {};
    const exited = new Promise<ExitStatus>((resolve) => (end = resolve));
    stdin.on('data', (chunk: Buffer) => stdout.write(chunk));
    stdin.on('end', () => {
      stderr.end('done\n');
      stdout.end();
      end({ exitCode: command[0] === 'false' ? 1 : 0 });
    });
    return { stdin, stdout, stderr, exited, kill: () => stdin.end() };
  }

  async connect(): Promise<Duplex> {
    if (!this.answersProbes) throw new Error('connect ECONNREFUSED');
    const [near, far] = duplexPair();
    far.once('data', () => far.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n'));
    return near;
  }
}
