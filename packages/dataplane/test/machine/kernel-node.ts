import { spawn, type ChildProcess } from 'node:child_process';
import type { ClusterApi, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';
import type { FromNode, NodeWrite, ToNode } from './node-messages.ts';

const NODE_MAIN = new URL('node-main.ts', import.meta.url).pathname;

type CallResult = Extract<FromNode, { type: 'result' }>;

/** The process of one node, with namespaces of its own; it can be one node after the other. */
export class KernelNode {
  /** Number of its place in the underlay, from 1. */
  readonly slot: number;
  /** The API that its agent talks to. */
  api: ClusterApi | undefined;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: CallResult) => void>();
  #nextId = 1;

  private constructor(slot: number, child: ChildProcess) {
    this.slot = slot;
    this.#child = child;
  }

  /** Starts a process with its forwarder; it has no interface in the underlay and no agent yet. */
  static async start(slot: number): Promise<KernelNode> {
    const env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error' };
    const child = spawn('unshare', ['--net', '--mount', process.execPath, NODE_MAIN], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env,
    });
    const node = new KernelNode(slot, child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the node does not start')));
      child.on('message', (message: FromNode) => {
        if (message.type === 'started') resolve();
        else node.#take(message);
      });
    });
    return node;
  }

  pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Asks the process to do something. */
  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      this.#send({ type: 'call', id, method, args });
    });
  }

  /** Tells its agent the objects of its API. */
  tellObjects(): void {
    if (this.api !== undefined) this.#send({ type: 'objects', objects: this.api.objects() });
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #take(message: Exclude<FromNode, { type: 'started' }>): void {
    if (message.type === 'result') return this.#waiting.get(message.id)?.(message);
    const { id } = message;
    void write(this.api, message.write).then((outcome) => this.#send({ type: 'written', id, outcome }));
  }

  #send(message: ToNode): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

async function write(api: ClusterApi | undefined, wanted: NodeWrite): Promise<WriteOutcome> {
  if (api === undefined) return { kind: 'unavailable', message: 'the node is nobody’s' };
  switch (wanted.verb) {
    case 'create':
      return api.create(wanted.object);
    case 'apply':
      return api.apply(wanted.object);
    case 'remove':
      return api.remove(wanted.kind, wanted.name);
  }
}
