/**
 * A node of a kernel world: runs in network and mount namespaces of its own, with a forwarder process and
 * an agent, and does what the test asks over the IPC channel. Its API is the test's. Which node of which
 * cluster it is, it is told, and can be told again.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import type { ProbeRequest } from '@flatland/shared/report/report';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterApi, OwnKind, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';
import { startAgent, type RunningAgent } from '../../src/agent/start-agent.ts';
import { DeviceControl } from '../../src/agent/wireguard/device-control.ts';
import { forwarderBackend } from '../../src/agent/wireguard/forwarder-backend.ts';
import { LinuxHostNetwork } from '../../src/io/linux/linux-host-network.ts';
import { linuxNamespaceSockets } from '../../src/io/linux/linux-namespace-sockets.ts';
import { namedPodRuntime } from '../../src/io/linux/named-pod-runtime.ts';
import { systemClock } from '../../src/io/node/system-clock.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { ForwarderClient } from '../../src/wireguard/forwarder-client.ts';
import { processLog } from '../../src/wireguard/process-log.ts';
import type { FromNode, NodeWrite, ToNode } from './node-messages.ts';
import { inNamespace, pingFrom, sendForgedFrom } from './pod-commands.ts';

const SOCKET = '/run/flatland/forwarder.sock';
const log = processLog(process.env);
let nextId = 1;
const waiting = new Map<number, (outcome: WriteOutcome) => void>();
let forwarder: ChildProcess;
/** Whose node this is, while it is somebody's. */
let self: Self | undefined;

interface Self {
  readonly cluster: ClusterName;
  readonly node: NodeName;
  readonly dataDirectory: string;
  readonly api: TestApi;
  wireguard: DeviceControl;
  agent: RunningAgent;
}

/** The test's API, as far as it has told of it. */
class TestApi implements ClusterApi {
  readonly whenReady: Promise<void>;
  #objects: readonly KubernetesObject[] = [];
  #ready: () => void = () => {};
  #notify: () => void = () => {};

  constructor() {
    this.whenReady = new Promise((resolve) => (this.#ready = resolve));
  }

  tell(objects: readonly KubernetesObject[]): void {
    this.#objects = objects;
    this.#ready();
    this.#notify();
  }

  async start(onChange: () => void): Promise<void> {
    this.#notify = onChange;
  }

  objects(): readonly KubernetesObject[] {
    return this.#objects;
  }

  held(): [] {
    return [];
  }

  create(object: KubernetesObject): Promise<WriteOutcome> {
    return write({ verb: 'create', object });
  }

  apply(object: KubernetesObject): Promise<WriteOutcome> {
    return write({ verb: 'apply', object });
  }

  remove(kind: OwnKind, name: string): Promise<WriteOutcome> {
    return write({ verb: 'remove', kind, name });
  }

  async stop(): Promise<void> {
    this.#notify = () => {};
  }
}

const methods: Record<string, (...args: never[]) => Promise<unknown>> = {
  async become(cluster: ClusterName, node: NodeName, dataDirectory: string) {
    const api = new TestApi();
    self = { cluster, node, dataDirectory, api, ...(await start({ cluster, node, dataDirectory, api })) };
  },
  /** Stops being anybody's node: takes away all that the agent, the forwarder and the test made. */
  async leave() {
    const { agent, wireguard } = is();
    self = undefined;
    await agent.stop();
    for (const domain of await wireguard.listDevices()) await wireguard.removeDevice(domain);
    wireguard.close();
    for (const name of await readdir('/run/netns'))
      await inNamespace(undefined, ['ip', 'netns', 'del', name]);
  },
  async addPod(podUid: string) {
    await inNamespace(undefined, ['ip', 'netns', 'add', `pod-${podUid}`]);
    await inNamespace(`pod-${podUid}`, ['ip', 'link', 'set', 'lo', 'up']);
  },
  removePod: (podUid: string) => inNamespace(undefined, ['ip', 'netns', 'del', `pod-${podUid}`]),
  ping: (podUid: string, to: string, timeoutMs: number, bytes: number | null) =>
    pingFrom(`pod-${podUid}`, to, { timeoutMs, ...(bytes !== null && { bytes }) }),
  sendForged: (podUid: string, forged: Parameters<typeof sendForgedFrom>[1]) =>
    sendForgedFrom(`pod-${podUid}`, forged),
  run: (namespace: string | null, command: string[]) => inNamespace(namespace ?? undefined, command),
  report: () => is().agent.report(),
  probe: (request: ProbeRequest) => is().agent.probe(request),
  isReady: async () => is().agent.isReady(),
  async restartAgent() {
    const node = is();
    await node.agent.stop();
    node.wireguard.close();
    Object.assign(node, await start(node));
  },
  async restartForwarder() {
    await killForwarder();
    await startForwarder();
  },
  /** Ends everything and starts it again, with or without what is on disk. */
  async reboot(keepsKeys: boolean) {
    const node = is();
    await node.agent.stop();
    node.wireguard.close();
    await killForwarder();
    const names = await readdir('/run/netns');
    for (const name of names) await inNamespace(undefined, ['ip', 'netns', 'del', name]);
    for (const name of names)
      if (name.startsWith('pod-')) await methods['addPod']?.(name.slice('pod-'.length) as never);
    if (!keepsKeys) await rm(node.dataDirectory, { recursive: true });
    await startForwarder();
    Object.assign(node, await start(node));
  },
  async isClean() {
    const names = await readdir('/run/netns');
    return !names.some((name) => name.startsWith('fl-')) && (await is().wireguard.listDevices()).length === 0;
  },
};

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToNode) => {
  switch (message.type) {
    case 'written':
      waiting.get(message.id)?.(message.outcome);
      waiting.delete(message.id);
      return;
    case 'call':
      void call(message);
      return;
    case 'objects':
      self?.api.tell(message.objects);
  }
});
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
for (const directory of ['/run/netns', '/run/flatland']) mkdirSync(directory);
await startForwarder();
send({ type: 'started' });

function is(): Self {
  if (self === undefined) throw new Error('this is nobody’s node');
  return self;
}

async function start({ cluster, node, dataDirectory, api }: Omit<Self, 'agent' | 'wireguard'>) {
  const pods = namedPodRuntime();
  const wireguard = new DeviceControl(forwarderBackend(new ForwarderClient(SOCKET)));
  const agent = await startAgent(
    {
      cluster: api,
      network: new LinuxHostNetwork({ pods, nowMs: () => systemClock.nowMs() }),
      wireguard,
      pods,
      sockets: linuxNamespaceSockets({ pods }),
      clock: systemClock,
      random: systemRandom,
      crypto: nodeWireguardCrypto,
      log,
    },
    { cluster, node, dataDirectory },
  );
  return { agent, wireguard };
}

async function killForwarder(): Promise<void> {
  const gone = new Promise((resolve) => forwarder.once('close', resolve));
  forwarder.kill('SIGKILL');
  await gone;
}

async function startForwarder(): Promise<void> {
  const main = new URL('../../src/wireguard/forwarder-main.ts', import.meta.url).pathname;
  const args = [main, '--control', SOCKET, '--uapi-directory', '/run/wireguard'];
  // It ends when this process does.
  const command = ['--pdeathsig', 'KILL', '--', process.execPath, ...args];
  forwarder = spawn('setpriv', command, { stdio: 'inherit' });
  const client = new ForwarderClient(SOCKET);
  for (let i = 0; i < 500; i++) {
    if ((await client.health()).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the forwarder does not start');
}

function write(wanted: NodeWrite): Promise<WriteOutcome> {
  const id = nextId++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    send({ type: 'write', id, write: wanted });
  });
}

async function call({ id, method, args }: Extract<ToNode, { type: 'call' }>): Promise<void> {
  try {
    send({ type: 'result', id, value: await methods[method]?.(...(args as never[])) });
  } catch (error) {
    send({
      type: 'result',
      id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

function send(message: FromNode): void {
  process.send?.(message);
}
