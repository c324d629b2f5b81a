import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import { execInPod } from '@flatland/kube/client/pod-exec';
import { Pod } from '@flatland/kube/client/resources';
import { readConnection } from '../api/clusters.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import type { CommandIo } from '../io/command-io.ts';

/** Where a command's bytes go. */
export interface ExecOutput {
  readonly stdout: (chunk: Uint8Array) => void;
  readonly stderr: (chunk: Uint8Array) => void;
}

/**
 * `flatland exec CLUSTER/NAMESPACE/POD -- CMD`: runs a program of this machine inside a pod's network
 * namespace. POD may be a workload's name: its first pod is taken. Gives the command's own exit code.
 */
export async function exec(
  io: CommandIo,
  target: string,
  options: { readonly command: readonly string[]; readonly output: ExecOutput },
): Promise<number> {
  const [cluster, namespace, name, rest] = target.split('/');
  if (!cluster || !namespace || !name || rest !== undefined || options.command.length === 0)
    throw new CommandError('write it as: flatland exec CLUSTER/NAMESPACE/POD -- COMMAND', {
      exitCode: EXIT.usage,
    });
  const connection = readConnection(io.env, cluster);
  const pod = await findPod(connection, namespace, name);
  const result = await execInPod(
    connection,
    { namespace, pod, command: options.command },
    { ...options.output, addressPolicy: localAddressPolicy },
  );
  if (!result.ok) throw new CommandError(result.message);
  return result.exitCode;
}

async function findPod(connection: Connection, namespace: string, name: string): Promise<string> {
  const client = openKubeClient(connection, { addressPolicy: localAddressPolicy });
  try {
    const pods = await listObjects(client, Pod, { namespace });
    if (!pods.ok) throw new CommandError(pods.error.message);
    const names = pods.value.items.map((pod) => pod.metadata.name).toSorted();
    const found =
      names.find((candidate) => candidate === name) ?? names.find((candidate) => belongsTo(candidate, name));
    if (found === undefined)
      throw new CommandError(`there is no pod ${name} in ${namespace} of ${connection.cluster}`, {
        next: names.length > 0 ? `There are: ${names.join(', ')}` : undefined,
      });
    return found;
  } finally {
    await client.close();
  }
}

/** Pods of a Deployment carry two more words, those of a StatefulSet or DaemonSet one. A trailing … stands for them. */
function belongsTo(pod: string, name: string): boolean {
  const stem = name.replace(/-?(…|\.\.\.|\*)$/, '');
  const suffix = pod.startsWith(`${stem}-`) ? pod.slice(stem.length + 1) : undefined;
  return suffix !== undefined && suffix.split('-').length <= 2;
}
