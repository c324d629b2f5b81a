import type { ContainerConfig } from '../node-runtime.ts';
import { NETNS_DIRECTORY, podNamespace } from './pod-network.ts';

/*
 * Both scripts are constant; what differs comes as arguments: the pod's directory, its host name, the program. The
 * name server's file is bound over the machine's, which may be a link into /run.
 */
const COMMON = `
set -e
directory=$1
host=$2
shift 2
bind_resolv_conf() {
  [ -e /etc/resolv.conf ] || [ -L /etc/resolv.conf ] || return 0
  target=$(readlink -m /etc/resolv.conf)
  case $target in
    /run/*) [ "$1" = own-run ] || return 0; mkdir -p "\${target%/*}"; : >"$target" ;;
  esac
  mount --bind "$directory/resolv.conf" "$target"
}
bind_service_account() {
  [ -d "$directory/serviceaccount" ] || return 0
  mkdir -p /run/secrets/kubernetes.io/serviceaccount
  mount --bind "$directory/serviceaccount" /run/secrets/kubernetes.io/serviceaccount
}
`;

/** A pod with a network of its own sees an empty /run, and nothing of its node's. */
const OWN_NETWORK = `${COMMON}
hostname "$host"
mount -t tmpfs tmpfs /run
bind_resolv_conf own-run
bind_service_account
exec setpriv --pdeathsig KILL -- "$@"
`;

/** A pod of the node's network shares the node's /run, where what it binds is seen by the node. */
const HOST_NETWORK = `${COMMON}
bind_resolv_conf node-run
bind_service_account
exec setpriv --pdeathsig KILL -- "$@"
`;

/**
 * The command that starts a pod's program in its namespaces. It keeps one process id from beginning to end, and ends
 * when the kubelet does.
 */
export function launchCommand(
  pod: Pick<ContainerConfig, 'podUid' | 'hostNetwork' | 'hostname' | 'directory'>,
  program: readonly string[],
): [string, ...string[]] {
  const shell = (script: string) => ['sh', '-c', script, 'sh', pod.directory, pod.hostname, ...program];
  if (pod.hostNetwork) {
    return ['unshare', '--mount', '--propagation', 'unchanged', ...shell(HOST_NETWORK)];
  }
  const namespace = `--net=${NETNS_DIRECTORY}/${podNamespace(pod.podUid)}`;
  return ['nsenter', namespace, 'unshare', '--mount', '--uts', ...shell(OWN_NETWORK)];
}
