import { readFile } from 'node:fs/promises';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { given } from '../clusters/given.ts';

/** A client of each cluster by its name, where starting kubectl for each call would cost more than the call. Throws where the kubeconfig is not to be read. */
export async function openClients(): Promise<Map<string, KubeClient>> {
  const options = { addressPolicy: localAddressPolicy, userAgent: 'flatland-e2e' };
  const read = readKubeconfig(await readFile(given.kubeconfig, 'utf8'), options);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return new Map(
    read.value.contexts.map(({ name, connection }) => {
      if (!connection.ok) throw new Error(JSON.stringify(connection.error));
      return [name, openKubeClient(connection.value, options)];
    }),
  );
}
