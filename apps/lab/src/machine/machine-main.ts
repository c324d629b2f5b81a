/**
 * The machine's own process: builds the network between the nodes, then runs a kubelet in each node's namespaces and
 * starts it again when it ends. Configured by the first line of its standard input; ends, and with it everything in
 * the machine, when its standard input does.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeletConfig } from '../kubelet/process/kubelet-config.ts';
import { readConfig } from '../kubelet/process/read-config.ts';
import { buildFabric } from './build-fabric.ts';
import { onNode } from './enter-node.ts';
import type { MachineConfig, MachineEvent } from './machine-config.ts';
import { runCommand } from './run-command.ts';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';

const KUBELET = fileURLToPath(new URL('../kubelet/process/kubelet-main.ts', import.meta.url));
const RESTART_MS = 500;
/** Longest wait for kubelets that end by themselves. */
const STOP_MS = 4000;

const kubelets = new Map<string, ChildProcess>();
let stopping = false;

const configured = readConfig<MachineConfig>(
  () => process.exit(0),
  () => void stop(),
);
try {
  // The data directory is the working directory: the configuration comes later than the network can be built.
  await mountRun();
  await buildFabric(LAB_CLUSTERS, process.cwd());
  tell({ event: 'built' });
  const config = await configured;
  for (const { definition, access } of config.clusters) {
    for (const node of definition.nodes) {
      startKubelet(config, {
        node,
        access,
        relays: config.clusters.map((other) => ({
          cluster: other.definition.name,
          port: Number(new URL(other.access.url).port),
        })),
        dataDirectory: config.dataDirectory,
        nodePath: config.nodePath,
      });
    }
  }
} catch (error) {
  tell({ event: 'failed', text: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

async function mountRun(): Promise<void> {
  await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  await mkdir('/run/netns');
  // Terminals of its own, for `exec --tty`; where that is not allowed, there are none.
  await runCommand('mount', ['-t', 'devpts', '-o', 'newinstance,ptmxmode=0666', 'devpts', '/dev/pts']).catch(
    () => {},
  );
}

function startKubelet(config: MachineConfig, kubelet: KubeletConfig): void {
  const { name } = kubelet.node;
  const [command, ...args] = onNode(name, ['setpriv', '--pdeathsig', 'KILL', '--', config.nodePath, KUBELET]);
  const log = createWriteStream(join(config.dataDirectory, 'log', `kubelet-${name}.log`), { mode: 0o600 });
  const child = spawn(command, args, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  kubelets.set(name, child);
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(kubelet)}\n`);
  child.stdout.on('data', (chunk: Buffer) => {
    log.write(chunk);
    if (chunk.toString().startsWith('ready\n')) tell({ event: 'node-ready', node: name });
  });
  child.stderr.pipe(log);
  child.on('exit', (code) => {
    kubelets.delete(name);
    if (stopping) return;
    tell({ event: 'node-ended', node: name, code });
    setTimeout(() => startKubelet(config, kubelet), RESTART_MS);
  });
}

async function stop(): Promise<void> {
  stopping = true;
  const ended = [...kubelets.values()].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of kubelets.values()) child.kill('SIGTERM');
  await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
  process.exit(0);
}

function tell(event: MachineEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
