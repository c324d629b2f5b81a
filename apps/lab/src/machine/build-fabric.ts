import { mkdir, writeFile } from 'node:fs/promises';
import type { ClusterDefinition } from '../clusters/cluster-definition.ts';
import { nodePaths, planFabric } from './fabric-plan.ts';
import type { NamespacePlan } from './fabric-plan.ts';
import { runCommand } from './run-command.ts';

/**
 * Makes the namespaces of nodes and routers and the network between them. Runs inside the machine, once, whose own
 * `/run` must be an empty private tmpfs. `dataDirectory` shows up on each node as `/run/lab`.
 */
export async function buildFabric(
  clusters: readonly ClusterDefinition[],
  dataDirectory: string,
): Promise<void> {
  const plan = planFabric(clusters);
  await Promise.all([
    ...plan.routers.map(({ namespace }) => runCommand('ip', ['netns', 'add', namespace])),
    ...plan.nodes.map(({ node }) => makeNodeNamespaces(node, dataDirectory)),
  ]);
  await program([], plan.backbone);
  for (const router of plan.routers) await program([`--net=/run/netns/${router.namespace}`], router);
  await Promise.all(plan.nodes.map((node) => program([`--net=${nodePaths(node.node).net}`], node)));
}

/*
 * A node's /run is a tmpfs with shared propagation: network namespaces of pods that are bound in it by the kubelet,
 * or by an agent from a mount namespace of its own, are seen by all of the node and by the machine. /run/secrets is
 * the exception, since each pod has its own.
 */
async function makeNodeNamespaces(node: string, dataDirectory: string): Promise<void> {
  const paths = nodePaths(node);
  await mkdir(paths.run, { recursive: true });
  await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', paths.run]);
  await runCommand('mount', ['--make-shared', paths.run]);
  await Promise.all(['lab', 'netns', 'secrets'].map((name) => mkdir(`${paths.run}/${name}`)));
  await runCommand('mount', ['--bind', dataDirectory, `${paths.run}/lab`]);
  await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', `${paths.run}/secrets`]);
  await runCommand('mount', ['--make-private', `${paths.run}/secrets`]);
  await Promise.all([paths.net, paths.uts].map((path) => writeFile(path, '')));
  await runCommand('unshare', [`--net=${paths.net}`, `--uts=${paths.uts}`, 'hostname', node]);
}

const FORWARD =
  'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding || true';

async function program(enter: readonly string[], plan: NamespacePlan): Promise<void> {
  const run = (command: readonly string[], input?: string) => {
    const [name, ...args] = enter.length === 0 ? command : ['nsenter', ...enter, ...command];
    return runCommand(name!, args, input === undefined ? {} : { input });
  };
  await run(['sh', '-c', FORWARD]);
  await run(['ip', '-batch', '-'], plan.ip.join('\n') + '\n');
  if (plan.nft !== '') await run(['nft', '-f', '-'], plan.nft);
}
