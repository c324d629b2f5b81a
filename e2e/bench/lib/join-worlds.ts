import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { takeDown } from '../../clusters/down.ts';
import { installFlatland, uninstallFlatland } from '../../clusters/flatland.ts';
import { given, settings } from '../../clusters/given.ts';
import { findMachine } from '../../clusters/machine.ts';
import { readRecords } from '../../clusters/processes.ts';
import { kubectl } from '../../clusters/sample.ts';
import { bringUp, isUp } from '../../clusters/up.ts';
import { followProgram, startInPod, type PodProgram } from '../../src/pod-program.ts';
import { startStack, type Stack } from '../../src/stack.ts';
import { resetClusters, startEmpty } from '../../src/worlds/kubernetes.ts';

/** Where joins of one running pod are measured. */
export interface JoinWorld extends AsyncDisposable {
  readonly name: 'lab' | 'kubernetes';
  /** Of 95 joins in a hundred. */
  readonly budgetMs: number;
  readonly stack: Stack;
  /** Starts a program of this machine in the pod's network. */
  startInPod(command: readonly string[]): PodProgram;
}

/** Starts the world that `FLATLAND_WORLD` says, the lab or two real clusters, for a pod `CLUSTER/NAMESPACE/DEPLOYMENT`. */
export function startJoinWorld(pod: string): Promise<JoinWorld> {
  return process.env['FLATLAND_WORLD'] === 'kubernetes' ? startOnClusters(pod) : startInLab(pod);
}

async function startInLab(pod: string): Promise<JoinWorld> {
  const stack = await startStack({ env: { FLATLAND_DATAPATH: 'kernel', FLATLAND_PORT: '0' } });
  return {
    name: 'lab',
    budgetMs: 300,
    stack,
    startInPod: (command) => startInPod(stack, pod, command),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function startOnClusters(pod: string): Promise<JoinWorld> {
  const wasUp = await isUp(settings.directory);
  await bringUp(settings, console.log);
  const takeAway = () => (wasUp ? uninstallFlatland(given) : takeDown(settings.directory));
  try {
    await installFlatland(given);
    const network = await networkOf(pod);
    await resetClusters();
    const stack = await startEmpty({ FLATLAND_KUBECONFIG: given.kubeconfig, FLATLAND_PORT: '0' });
    return {
      name: 'kubernetes',
      budgetMs: 1000,
      stack,
      startInPod: (command) =>
        followProgram(
          spawn('nsenter', [`--net=${network}`, ...command], { stdio: ['ignore', 'pipe', 'pipe'] }),
          `${command.join(' ')} in ${pod}`,
        ),
      [Symbol.asyncDispose]: async () => {
        await stack[Symbol.asyncDispose]();
        await takeAway();
      },
    };
  } catch (error) {
    await takeAway();
    throw error;
  }
}

/** Where this machine finds the network namespace of a Deployment's only pod. Throws where it has none. */
async function networkOf(pod: string): Promise<string> {
  const [cluster = '', namespace = '', app = ''] = pod.split('/');
  const path = '{.items[0].spec.nodeName} {.items[0].status.podIP}';
  const get = ['-n', namespace, 'get', 'pods', '-l', `app=${app}`, '-o', `jsonpath=${path}`];
  const [node = '', address = ''] = (await kubectl(given, cluster, get)).split(' ');
  const machine = await findMachine(settings.directory, node);
  const holder = (await readRecords(settings.directory)).get(node)!;
  for (const name of (await machine.run(['ls', '/run/netns'])).split('\n').filter(Boolean)) {
    const addresses = await machine.run(['ip', '-n', name, '-o', 'addr', 'show']);
    if (addresses.includes(` ${address}/`)) return join('/proc', String(holder.pid), 'root/run/netns', name);
  }
  throw new Error(`no network namespace of ${node} has ${pod}’s address ${address}`);
}
