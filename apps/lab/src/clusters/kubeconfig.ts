import { chmod, rename, writeFile } from 'node:fs/promises';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';

/** How one embedded cluster is reached. `adminToken` is a secret. */
export type ClusterAccess = {
  readonly name: string;
  readonly url: string;
  readonly caCertPem: string;
  readonly adminToken: string;
};

/** Writes a kubeconfig with one context a cluster, readable by its owner only. It appears whole or not at all. */
export async function writeKubeconfig(path: string, clusters: readonly ClusterAccess[]): Promise<void> {
  const text = stableYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name ?? '',
    clusters: clusters.map(({ name, url, caCertPem }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': Buffer.from(caCertPem).toString('base64') },
    })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: `${name}-admin` } })),
    users: clusters.map(({ name, adminToken }) => ({ name: `${name}-admin`, user: { token: adminToken } })),
  });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
