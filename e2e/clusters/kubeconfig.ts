import { readFile, rename, writeFile } from 'node:fs/promises';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { CertificateFiles } from './certificates.ts';

/** One context: an API server, its authority, and who one is there. */
export interface KubeconfigContext {
  readonly name: string;
  /** URL of the API server. */
  readonly server: string;
  readonly ca: CertificateFiles;
  readonly client: CertificateFiles;
}

/**
 * Writes a kubeconfig with everything inline: no files, no programs. Readable by its owner only; it appears whole or
 * not at all.
 */
export async function writeKubeconfig(path: string, contexts: readonly KubeconfigContext[]): Promise<void> {
  const read = await Promise.all(
    contexts.map(async ({ name, server, ca, client }) => ({
      name,
      cluster: { server, 'certificate-authority-data': await base64(ca.certificate) },
      user: {
        'client-certificate-data': await base64(client.certificate),
        'client-key-data': await base64(client.key),
      },
    })),
  );
  const text = stableYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contexts[0]?.name ?? '',
    clusters: read.map(({ name, cluster }) => ({ name, cluster })),
    contexts: read.map(({ name }) => ({ name, context: { cluster: name, user: `${name}-admin` } })),
    users: read.map(({ name, user }) => ({ name: `${name}-admin`, user })),
  });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function base64(path: string): Promise<string> {
  return (await readFile(path)).toString('base64');
}
