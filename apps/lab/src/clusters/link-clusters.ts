import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mergePatchObject } from '@flatland/kube/client/objects';
import { ClusterLink, Secret } from '@flatland/kube/client/resources';
import { createToken } from '@flatland/kube/client/service-account-token';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  SYSTEM_NAMESPACE,
} from '@flatland/shared/model/kubernetes-object';
import { createMissing } from './apply-objects.ts';

/** How a cluster is reached by the others, and by the lab itself. */
export type LinkEnd = {
  readonly name: string;
  readonly url: string;
  readonly caCertPem: string;
  readonly client: KubeClient;
};

/** Life of a link's token, in seconds. Every start of the lab writes a new one, and so does every day of a long run. */
const TOKEN_SECONDS = 7 * 86_400;

/** Links every cluster with every other, each reading what the other has. Links that exist stay as they are. */
export async function createLinks(ends: readonly LinkEnd[]): Promise<void> {
  await forEachPair(ends, async (from, to) => {
    const labels = { [OWNER_LABEL]: OWNER_LABEL_VALUE };
    await createMissing(from.client, [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secretName(to), namespace: SYSTEM_NAMESPACE, labels },
        type: 'Opaque',
        data: await secretData(to),
      },
      {
        apiVersion: FLATLAND_API_VERSION,
        kind: 'ClusterLink',
        metadata: { name: to.name, labels },
        spec: {
          cluster: to.name,
          server: to.url,
          caBundle: to.caCertPem,
          mode: 'pull',
          secretName: secretName(to),
          hub: false,
        },
      },
    ]);
  });
}

/** Gives the lab's links that still exist the clusters' current addresses, and new tokens. */
export async function refreshLinks(ends: readonly LinkEnd[]): Promise<void> {
  await forEachPair(ends, async (from, to) => {
    const spec = { server: to.url, caBundle: to.caCertPem };
    const link = await mergePatchObject(from.client, ClusterLink, { name: to.name, patch: { spec } });
    if (!link.ok && link.error.kind === 'notFound') return;
    orThrow(link);
    const secret = await mergePatchObject(from.client, Secret, {
      name: secretName(to),
      namespace: SYSTEM_NAMESPACE,
      patch: { data: await secretData(to) },
    });
    if (!secret.ok && secret.error.kind !== 'notFound') orThrow(secret);
  });
}

async function secretData(to: LinkEnd): Promise<{ token: string }> {
  const account = { name: 'flatland-link', namespace: SYSTEM_NAMESPACE };
  const { token } = orThrow(await createToken(to.client, account, { expirationSeconds: TOKEN_SECONDS }));
  return { token: Buffer.from(token.reveal()).toString('base64') };
}

function secretName(to: LinkEnd): string {
  return `link-${to.name}`;
}

async function forEachPair(
  ends: readonly LinkEnd[],
  work: (from: LinkEnd, to: LinkEnd) => Promise<void>,
): Promise<void> {
  await Promise.all(ends.flatMap((from) => ends.filter((to) => to !== from).map((to) => work(from, to))));
}
