import { existsSync, readFileSync } from 'node:fs';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { kubeconfigRefusalText, type KubeconfigRefusal } from '@flatland/kube/client/kubeconfig/refusal';
import type { ClusterApi } from '@flatland/shared/topology/snapshot';
import { zClusterName, type ClusterName } from '@flatland/shared/model/names';

/** A context of the kubeconfig: a cluster to connect to, or why not. */
export type ConfiguredCluster =
  | { readonly ok: true; readonly name: ClusterName; readonly connection: Connection }
  | { readonly ok: false; readonly name: string; readonly why: string };

/**
 * The clusters of a kubeconfig file, read by the allow-list of packages/kube: nothing in it is run. A context
 * that is refused keeps no other from being used. A file that is missing or no kubeconfig gives one refusal.
 */
export function readClusters(file: string): readonly ConfiguredCluster[] {
  if (!existsSync(file))
    return [{ ok: false, name: file, why: 'The kubeconfig does not exist. Name one by FLATLAND_KUBECONFIG' }];
  const read = readKubeconfig(readFileSync(file, 'utf8'), { addressPolicy: localAddressPolicy });
  if (!read.ok) return [{ ok: false, name: file, why: texts(read.error) }];
  return read.value.contexts.map(({ name, connection }): ConfiguredCluster => {
    if (!connection.ok) return { ok: false, name, why: texts(connection.error) };
    const parsed = zClusterName.safeParse(name);
    if (!parsed.success)
      return { ok: false, name, why: `The context’s name ${parsed.error.issues[0]?.message}` };
    return { ok: true, name: parsed.data, connection: connection.value };
  });
}

/**
 * Where a controller of another cluster reaches an API, by what this console knows of it. Undefined where a link could
 * not say it: a CA of the system's, another name than the address, or a socket of this machine.
 */
export function apiForOthers({
  server,
  caPem,
  tlsServerName,
  socketPath,
}: Connection): ClusterApi | undefined {
  if (caPem === undefined || tlsServerName !== undefined || socketPath !== undefined) return undefined;
  // A ClusterLink names a host and a port, no path.
  return new URL(server).pathname === '/'
    ? { server: server.replace(/\/$/, ''), caBundle: caPem }
    : undefined;
}

function texts(refusals: readonly KubeconfigRefusal[]): string {
  return refusals.map(kubeconfigRefusalText).join('; ');
}
