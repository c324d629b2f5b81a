import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { createLinks, type LinkEnd } from '@flatland/lab/clusters/link-clusters';
import { runCommand } from '@flatland/lab/machine/run-command';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { FLATLAND_IMAGE } from './flatland-image.ts';
import { CLUSTERS } from './layout.ts';

const FLATLAND = fileURLToPath(new URL('../../apps/cli/bin/flatland.js', import.meta.url));
const TIMEOUT_MS = 900_000;

interface Given {
  readonly kubeconfig: string;
}

/**
 * Installs Flatland on every cluster by its own command, or brings it to another image, and links the clusters. The nodes have the
 * image already. Gives what the command said.
 */
export async function installFlatland(
  given: Given,
  {
    image = FLATLAND_IMAGE,
    flags = [],
  }: { readonly image?: string; readonly flags?: readonly string[] } = {},
): Promise<string> {
  const said = await Promise.all(
    CLUSTERS.map(({ name, natAddress }) => {
      const nat = natAddress === undefined ? [] : ['--behind-nat'];
      return flatland(given, ['install', name, '--image', image, ...nat, ...flags]);
    }),
  );
  const ends = await linkEnds(given.kubeconfig);
  try {
    await createLinks(ends);
  } finally {
    await Promise.all(ends.map(({ client }) => client.close()));
  }
  return said.join('');
}

/** Takes domains, and then Flatland, away from every cluster. What its agents made in nodes goes with the domains. */
export async function uninstallFlatland(given: Given): Promise<void> {
  await Promise.all(CLUSTERS.map(({ name }) => flatland(given, ['uninstall', name, '--acknowledge'])));
}

function flatland({ kubeconfig }: Given, words: readonly string[]): Promise<string> {
  const args = [FLATLAND, ...words, '--kubeconfig', kubeconfig];
  return runCommand(process.execPath, args, { timeoutMs: TIMEOUT_MS });
}

async function linkEnds(kubeconfig: string): Promise<LinkEnd[]> {
  const read = readKubeconfig(await readFile(kubeconfig, 'utf8'), { addressPolicy: localAddressPolicy });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.contexts.map(({ name, connection }) => {
    if (!connection.ok) throw new Error(JSON.stringify(connection.error));
    const { server, caPem = '' } = connection.value;
    const options = { addressPolicy: localAddressPolicy, userAgent: 'flatland-e2e' };
    return { name, url: server, caCertPem: caPem, client: openKubeClient(connection.value, options) };
  });
}
