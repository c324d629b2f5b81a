import type { Duplex, Readable, Writable } from 'node:stream';

/** How a node holds its pods: real processes in namespaces, or objects in memory. One suite for both. */
export interface NodeRuntime {
  /** Makes a pod's sandbox, or leaves it as it is where it is right. Not called for pods of the node's own network. */
  ensureSandbox(sandbox: Sandbox): Promise<void>;
  /** Takes a sandbox away, if it is there. */
  removeSandbox(podUid: string): Promise<void>;
  /** Uids of the pods that have a sandbox. */
  listSandboxes(): Promise<string[]>;
  /** Starts a program. Throws ContainerStartError where the image or its start is wrong. */
  startContainer(container: ContainerConfig): Promise<RunningContainer>;
  /** Runs a command beside a running container. Throws where it cannot be started. */
  exec(
    container: RunningContainer,
    command: readonly string[],
    options: { tty: boolean },
  ): Promise<ExecSession>;
  /** Opens a TCP connection to a port of a pod. Rejects where nothing listens. */
  connect(target: { podUid: string; hostNetwork: boolean; address: string; port: number }): Promise<Duplex>;
}

export type Sandbox = { readonly podUid: string; readonly address: string };

export type ContainerConfig = {
  readonly podUid: string;
  readonly hostNetwork: boolean;
  readonly hostname: string;
  /** The pod's address, the node's own where `hostNetwork`. */
  readonly address: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Directory of the pod's files: `resolv.conf`, and `serviceaccount/` where it has a token. */
  readonly directory: string;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
};

export type ExitStatus = { readonly exitCode: number; readonly signal?: number };

export interface RunningContainer {
  readonly id: string;
  readonly exited: Promise<ExitStatus>;
  /** Asks to end, and after a while makes it end. Resolves when it has. */
  stop(graceMs: number): Promise<void>;
}

export interface ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Undefined with a terminal, which has one output. */
  readonly stderr: Readable | undefined;
  readonly exited: Promise<ExitStatus>;
  resize?(size: { columns: number; rows: number }): void;
  kill(): void;
}

/** A container that cannot be started, with the reason as Kubernetes words it (`ErrImagePull`). */
export class ContainerStartError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'ContainerStartError';
    this.reason = reason;
  }
}
