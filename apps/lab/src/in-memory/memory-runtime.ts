import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { inClusterConnection } from '@flatland/kube/client/in-cluster';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { MemoryForwarder } from '@flatland/dataplane/io/memory/host-network-wireguard';
import type { MemoryNode } from '@flatland/dataplane/io/memory/host-network-node';
import type { Logger } from 'pino';
import { join } from 'node:path';
import { ContainerStartError } from '../kubelet/node-runtime.ts';
import type {
  ContainerConfig,
  ExecSession,
  ExitStatus,
  NodeRuntime,
  RunningContainer,
  Sandbox,
} from '../kubelet/node-runtime.ts';
import { agentProgram } from './agent-program.ts';
import { controllerProgram } from './controller-program.ts';
import type { DomainNames } from './domain-names.ts';
import { forwarderProgram } from './forwarder-program.ts';
import { memoryPod } from './memory-pod.ts';
import type { MemoryProgram, RunningProgram } from './memory-program.ts';
import { runSimulated } from './simulated-commands.ts';
import { toAddress } from './memory-underlay.ts';
import { workloadProgram } from './workload-program.ts';

const PROGRAMS: Readonly<Record<string, MemoryProgram>> = {
  'flatland.dev/agent': agentProgram,
  'flatland.dev/controller': controllerProgram,
  'flatland.dev/forwarder': forwarderProgram,
  'flatland.dev/mesh-stand-in': workloadProgram,
  'flatland.dev/sample-workload': workloadProgram,
};

export type MemoryRuntimeOptions = {
  readonly cluster: string;
  readonly node: MemoryNode;
  readonly forwarder: MemoryForwarder;
  readonly names: DomainNames;
  /** The API server's socket. */
  readonly apiSocket: string;
  readonly log: Logger;
  readonly nowMs: () => number;
};

type MemoryContainer = RunningContainer & { readonly podUid: string; readonly program: RunningProgram };

/** Pods as objects of this process over an in-memory node. */
export class MemoryRuntime implements NodeRuntime {
  readonly #options: MemoryRuntimeOptions;
  readonly #containers = new Map<string, Set<MemoryContainer>>();

  constructor(options: MemoryRuntimeOptions) {
    this.#options = options;
  }

  async ensureSandbox({ podUid, address }: Sandbox): Promise<void> {
    const { node } = this.#options;
    if (node.pod(podUid) !== undefined) return;
    node.addPod(podUid);
    // The cluster's own pod network is not simulated: nothing is reached through it.
    node.setInterfaces(podUid, [
      { name: 'eth0', addresses: [toAddress(address)], prefixes: [], mtuBytes: 1500 },
    ]);
  }

  async removeSandbox(podUid: string): Promise<void> {
    this.#options.node.removePod(podUid);
  }

  async listSandboxes(): Promise<string[]> {
    return this.#options.node.podUids();
  }

  async startContainer(config: ContainerConfig): Promise<RunningContainer> {
    const { cluster, node, forwarder, names, log } = this.#options;
    const name = config.image.replace(/[:@].*$/, '');
    const start = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
    if (start === undefined) {
      throw new ContainerStartError('ErrImagePull', `the lab has no image ${config.image}`);
    }
    if (config.command.length > 0) {
      throw new ContainerStartError(
        'RunContainerError',
        'the datapath is simulated: a pod cannot have a command',
      );
    }
    const program = await start({
      node,
      forwarder,
      cluster,
      container: config,
      pod: memoryPod(node, config.podUid, names),
      openClient: () => this.#openClient(config),
      log: log.child({ container: config.name, pod: config.hostname }),
      say: (line) => config.onOutput('stdout', Buffer.from(`${line}\n`)),
    });
    let end: (status: ExitStatus) => void = () => {};
    const exited = new Promise<ExitStatus>((resolve) => (end = resolve));
    const own = this.#containers.get(config.podUid) ?? new Set();
    this.#containers.set(config.podUid, own);
    const container: MemoryContainer = {
      id: randomUUID().replaceAll('-', ''),
      podUid: config.podUid,
      program,
      exited,
      async stop() {
        if (!own.delete(container)) return;
        await program.stop();
        end({ exitCode: 0 });
      },
    };
    own.add(container);
    return container;
  }

  async exec(
    container: RunningContainer,
    command: readonly string[],
    _options: { tty: boolean },
  ): Promise<ExecSession> {
    const { node, names, nowMs } = this.#options;
    const stdout = new PassThrough();
    let isOver = false;
    const exited = runSimulated(command, {
      pod: memoryPod(node, (container as MemoryContainer).podUid, names),
      write: (text) => stdout.write(text),
      isOver: () => isOver,
      nowMs,
    }).then((exitCode) => {
      stdout.end();
      return { exitCode };
    });
    return {
      stdin: new PassThrough().resume(),
      stdout,
      stderr: undefined,
      exited,
      kill: () => {
        isOver = true;
      },
    };
  }

  async connect({ podUid, port }: { podUid: string; port: number }): Promise<Duplex> {
    for (const { program } of this.#containers.get(podUid) ?? []) {
      const stream = program.connect?.(port);
      if (stream !== undefined) return stream;
    }
    throw new Error(`connect ECONNREFUSED: nothing listens on port ${port}`);
  }

  async #openClient({ environment, directory }: ContainerConfig) {
    const connection = await inClusterConnection({
      cluster: this.#options.cluster,
      env: { ...environment, FLATLAND_API_SOCKET: this.#options.apiSocket },
      directory: join(directory, 'serviceaccount'),
    });
    if (!connection.ok) throw new Error(connection.error);
    return openKubeClient(connection.value, { userAgent: 'flatland-lab' });
  }
}
