import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mintLinkToken, putLinkToken } from '@flatland/kube/client/link-token';
import { mergePatchObject } from '@flatland/kube/client/objects';
import { ClusterLink } from '@flatland/kube/client/resources';
import { linkManifest } from '@flatland/shared/manifest/link-manifest';
import { LINK_TOKEN_SECONDS } from '@flatland/shared/model/cluster-link';
import type { ClusterName } from '@flatland/shared/model/names';
import { createMissing, LAB_MANAGER } from './apply-objects.ts';

/** How a cluster is reached by the others, and by the lab itself. */
export type LinkEnd = {
  readonly name: string;
  readonly url: string;
  readonly caCertPem: string;
  readonly client: KubeClient;
};

/** Links every cluster with every other, each reading what the other has. Links that exist stay as they are. */
export async function createLinks(ends: readonly LinkEnd[]): Promise<void> {
  await forEachPair(ends, async (from, to) => {
    await giveToken(from, to);
    await createMissing(from.client, [linkTo(to)]);
  });
}

/**
 * Gives the lab's links that still exist the clusters' current addresses, and new tokens: the last ones may have
 * expired while the lab was away. While it runs, the controllers renew them.
 */
export async function refreshLinks(ends: readonly LinkEnd[]): Promise<void> {
  await forEachPair(ends, async (from, to) => {
    const { server, caBundle, secretName, secretKey } = linkTo(to).spec;
    const patch = { spec: { server, caBundle, secretName, secretKey } };
    const link = await mergePatchObject(from.client, ClusterLink, { name: to.name, patch });
    if (!link.ok && link.error.kind === 'notFound') return;
    orThrow(link);
    await giveToken(from, to);
  });
}

function linkTo(to: LinkEnd) {
  const cluster = to.name as ClusterName;
  return linkManifest({ cluster, server: to.url, caBundle: to.caCertPem, mode: 'pull', hub: false });
}

async function giveToken(from: LinkEnd, to: LinkEnd): Promise<void> {
  const { token } = orThrow(await mintLinkToken(to.client, LINK_TOKEN_SECONDS));
  orThrow(await putLinkToken(from.client, token, { key: to.name, fieldManager: LAB_MANAGER }));
}

async function forEachPair(
  ends: readonly LinkEnd[],
  work: (from: LinkEnd, to: LinkEnd) => Promise<void>,
): Promise<void> {
  await Promise.all(ends.flatMap((from) => ends.filter((to) => to !== from).map((to) => work(from, to))));
}
