import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { kubeconfigRefusalText } from '@flatland/kube/client/kubeconfig/refusal';
import { CommandError, EXIT } from '../io/command-error.ts';
import { readKubeconfigText } from '../io/kubeconfig-text.ts';

/**
 * The connections of the named contexts of a kubeconfig, which is read by allow-list; of the current or only one where
 * none is named. Throws CommandError where one is not there or cannot be used; the others do not matter.
 */
export function targetConnections(file: string, contexts: readonly string[]): [Connection, ...Connection[]] {
  const read = readKubeconfig(readKubeconfigText(file), { addressPolicy: localAddressPolicy });
  if (!read.ok)
    throw new CommandError(`${file}: ${read.error.map(kubeconfigRefusalText).join('; ')}`, {
      exitCode: EXIT.usage,
    });
  const { contexts: known, currentContext } = read.value;
  const chosen = currentContext ?? (known.length === 1 ? known[0]?.name : undefined);
  const names = contexts.length > 0 ? [...new Set(contexts)] : chosen === undefined ? [] : [chosen];
  const there = { next: `Name contexts of it: ${known.map(({ name }) => name).join(', ')}` };
  if (names.length === 0)
    throw new CommandError(`${file} has no current context`, { ...there, exitCode: EXIT.usage });
  const [first, ...others] = names.map((name): Connection => {
    const found = known.find((context) => context.name === name);
    if (found === undefined)
      throw new CommandError(`${file} has no context ${name}`, { ...there, exitCode: EXIT.usage });
    if (!found.connection.ok)
      throw new CommandError(
        `${file}, context ${name}: ${found.connection.error.map(kubeconfigRefusalText).join('; ')}`,
      );
    return found.connection.value;
  });
  return [first!, ...others];
}

/** Works with a client of each connection, one cluster after the other, and closes it. */
export async function withClients(
  connections: readonly Connection[],
  work: (client: KubeClient) => Promise<void>,
): Promise<void> {
  for (const connection of connections) {
    const client = openKubeClient(connection, {
      addressPolicy: localAddressPolicy,
      userAgent: 'flatland-install',
    });
    try {
      await work(client);
    } finally {
      await client.close();
    }
  }
}
