import { readdir } from 'node:fs/promises';
import { CommandError, runCommand } from '../../machine/run-command.ts';

/** Where named network namespaces are bound on a node. */
export const NETNS_DIRECTORY = '/run/netns';

const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Name under NETNS_DIRECTORY of a pod's network namespace, where the agent finds it. */
export function podNamespace(podUid: string): string {
  if (!UID.test(podUid)) throw new Error(`${JSON.stringify(podUid)} is no pod uid`);
  return `pod-${podUid}`;
}

/**
 * Makes a pod's network namespace, joined to the node by a veth pair and routed, without a bridge: everything that a
 * pod sends passes the node's own rules. `gateway` is an address of the node.
 */
export async function addSandbox(podUid: string, address: string, gateway: string): Promise<void> {
  const namespace = podNamespace(podUid);
  const port = portName(podUid);
  await batch(
    [],
    [
      `netns add ${namespace}`,
      `link add ${port} type veth peer name eth0 netns ${namespace}`,
      `link set ${port} up`,
      `route add ${address}/32 dev ${port} src ${gateway}`,
    ],
  );
  await batch(
    ['-n', namespace],
    [
      'link set lo up',
      `addr add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway}/32 dev eth0`,
      `route add default via ${gateway}`,
    ],
  );
}

/** Takes a pod's network namespace and interface away, as far as they are there. */
export async function deleteSandbox(podUid: string): Promise<void> {
  const namespace = podNamespace(podUid);
  if (!(await readdir(NETNS_DIRECTORY).catch((): string[] => [])).includes(namespace)) return;
  // Whoever still has the namespace open keeps it, and the interface in it, alive.
  await runCommand('ip', ['link', 'delete', portName(podUid)]).catch(ignoreMissing);
  await runCommand('ip', ['netns', 'delete', namespace]).catch(ignoreMissing);
}

/** The address that a pod's namespace has; undefined where there is no such namespace, empty where it has none. */
export async function sandboxAddress(podUid: string): Promise<string | undefined> {
  const namespace = podNamespace(podUid);
  if (!(await readdir(NETNS_DIRECTORY).catch((): string[] => [])).includes(namespace)) return undefined;
  try {
    const text = await runCommand('ip', ['-n', namespace, '-json', '-4', 'addr', 'show', 'dev', 'eth0']);
    const links = JSON.parse(text) as { addr_info?: { local?: string }[] }[];
    return links[0]?.addr_info?.[0]?.local ?? '';
  } catch (error) {
    if (error instanceof CommandError) return '';
    throw error;
  }
}

/** An interface name of at most 15 characters; uids are random, so their beginnings differ. */
function portName(podUid: string): string {
  return `veth${podUid.replaceAll('-', '').slice(0, 11)}`;
}

async function batch(options: readonly string[], lines: readonly string[]): Promise<void> {
  await runCommand('ip', [...options, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
}
