import { readFileSync } from 'node:fs';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { kubeconfigRefusalText } from '@flatland/kube/client/kubeconfig/refusal';
import { CommandError } from '../io/command-error.ts';
import { kubeconfigPath } from '../io/paths.ts';

/** The clusters that the kubeconfig reaches, by name. Throws where the file cannot be read or a context is refused. */
export function readConnections(env: NodeJS.ProcessEnv): Map<string, Connection> {
  const path = kubeconfigPath(env);
  const kubeconfig = readKubeconfig(readText(path), { addressPolicy: localAddressPolicy });
  if (!kubeconfig.ok)
    throw new CommandError(`${path}: ${kubeconfig.error.map(kubeconfigRefusalText).join('; ')}`);
  return new Map(
    kubeconfig.value.contexts.map(({ name, connection }) => {
      if (!connection.ok)
        throw new CommandError(
          `${path}, context ${name}: ${connection.error.map(kubeconfigRefusalText).join('; ')}`,
        );
      return [name, connection.value];
    }),
  );
}

/** The connection to one cluster. */
export function readConnection(env: NodeJS.ProcessEnv, cluster: string): Connection {
  const connections = readConnections(env);
  const found = connections.get(cluster);
  if (found === undefined)
    throw new CommandError(`no cluster is called ${cluster}`, {
      next: `There are: ${[...connections.keys()].toSorted().join(', ')}`,
    });
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
      next: 'Start the lab with: npm start',
    });
  }
}
