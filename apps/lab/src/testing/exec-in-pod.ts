import { WebSocket } from 'ws';
import type { ClusterAccess } from '../clusters/kubeconfig.ts';

/** Runs a command in a pod through the API server, as `kubectl exec` does. */
export function execInPod(
  access: ClusterAccess,
  pod: { namespace: string; name: string; container: string },
  command: readonly string[],
  options: { tty?: boolean } = {},
): Promise<{ exitCode: number; output: string }> {
  const query = new URLSearchParams([
    ['container', pod.container],
    ['stdout', 'true'],
    ...(options.tty === true
      ? [['tty', 'true'] as [string, string], ['stdin', 'true'] as [string, string]]
      : []),
    ...(options.tty === true ? [] : [['stderr', 'true'] as [string, string]]),
    ...command.map((word): [string, string] => ['command', word]),
  ]);
  const url = `${access.url}/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/exec?${query.toString()}`;
  const socket = new WebSocket(url.replace(/^https/, 'wss'), ['v5.channel.k8s.io'], {
    ca: access.caCertPem,
    headers: { authorization: `Bearer ${access.adminToken}` },
  });
  let output = '';
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`exec ended without a status: ${output}`)));
    socket.on('message', (message: Buffer) => {
      const text = message.subarray(1).toString();
      if (message[0] === 1 || message[0] === 2) output += text;
      if (message[0] !== 3) return;
      const status = JSON.parse(text) as { status: string; details?: { causes?: { message: string }[] } };
      resolve({
        exitCode: status.status === 'Success' ? 0 : Number(status.details?.causes?.[0]?.message ?? 1),
        output,
      });
    });
  });
}
