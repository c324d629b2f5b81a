import { nodePaths } from './fabric-plan.ts';

const MOUNT_NODE = 'mount --rbind "$1" /run && shift && exec "$@"';

/**
 * The command that runs a program on a node: in its network, with its host name, and with mounts of its own in which
 * `/run` is the node's. It keeps one process id from beginning to end.
 */
export function onNode(node: string, command: readonly string[]): [string, ...string[]] {
  const paths = nodePaths(node);
  return [
    'nsenter',
    `--net=${paths.net}`,
    `--uts=${paths.uts}`,
    'unshare',
    '--mount',
    '--propagation',
    'unchanged',
    'sh',
    '-c',
    MOUNT_NODE,
    'sh',
    paths.run,
    ...command,
  ];
}
