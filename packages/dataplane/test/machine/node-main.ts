/**
 * A node of a kernel world: runs in network and mount namespaces of its own, with a forwarder process and
 * an agent, and does what the test asks over the IPC channel. Its API is the test's.
 *
 *     node node-main.ts CLUSTER NODE DATA_DIRECTORY
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import type { ProbeRequest } from '@flatland/shared/report/report';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterApi, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';
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

const [cluster = '', node = '', dataDirectory = ''] = process.argv.slice(2);
const SOCKET = '/run/flatland/forwarder.sock';
const log = processLog(process.env);
let objects: readonly KubernetesObject[] = [];
let notify: () => void = () => {};
let nextId = 1;
const waiting = new Map<number, (outcome: WriteOutcome) => void>();
let forwarder: ChildProcess;
let agent: RunningAgent;
let wireguard: DeviceControl;

const api: ClusterApi = {
  whenReady: new Promise((resolve) => {
    process.on('message', (message: ToNode) => {
      if (message.type === 'written') waiting.get(message.id)?.(message.outcome);
      if (message.type === 'call') void call(message);
      if (message.type !== 'objects') return;
      objects = message.objects;
      resolve();
      notify();
    });
  }),
  start: async (onChange) => void (notify = onChange),
  objects: () => objects,
  held: () => [],
  create: (object) => write({ verb: 'create', object }),
  apply: (object) => write({ verb: 'apply', object }),
  remove: (kind, name) => write({ verb: 'remove', kind, name }),
  stop: async () => void (notify = () => {}),
};

const methods: Record<string, (...args: never[]) => Promise<unknown>> = {
  async addPod(podUid: string) {
    await inNamespace(undefined, ['ip', 'netns', 'add', `pod-${podUid}`]);
    await inNamespace(`pod-${podUid}`, ['ip', 'link', 'set', 'lo', 'up']);
  },
  removePod: (podUid: string) => inNamespace(undefined, ['ip', 'netns', 'del', `pod-${podUid}`]),
  ping: (podUid: string, to: string, timeoutMs: number) => pingFrom(`pod-${podUid}`, to, { timeoutMs }),
  sendForged: (podUid: string, forged: Parameters<typeof sendForgedFrom>[1]) =>
    sendForgedFrom(`pod-${podUid}`, forged),
  run: (namespace: string | null, command: string[]) => inNamespace(namespace ?? undefined, command),
  report: () => agent.report(),
  probe: (request: ProbeRequest) => agent.probe(request),
  isReady: async () => agent.isReady(),
  async restartAgent() {
    await agent.stop();
    wireguard.close();
    await start();
  },
  async restartForwarder() {
    const gone = new Promise((resolve) => forwarder.once('close', resolve));
    forwarder.kill('SIGKILL');
    await gone;
    await startForwarder();
  },
  async isClean() {
    const names = await readdir('/run/netns');
    return !names.some((name) => name.startsWith('fl-')) && (await wireguard.listDevices()).length === 0;
  },
};

process.on('disconnect', () => process.exit(0));
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
for (const directory of ['/run/netns', '/run/flatland']) mkdirSync(directory);
await startForwarder();
await start();
send({ type: 'started' });

async function start(): Promise<void> {
  const pods = namedPodRuntime();
  wireguard = new DeviceControl(forwarderBackend(new ForwarderClient(SOCKET)));
  agent = await startAgent(
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
    { cluster: cluster as ClusterName, node: node as NodeName, dataDirectory },
  );
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
