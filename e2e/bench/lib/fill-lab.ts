import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { createObject } from '@flatland/kube/client/objects';
import { Deployment, Membership } from '@flatland/kube/client/resources';
import type { Stack } from '../../src/stack.ts';

const CLUSTERS = ['aws-east', 'gke-west', 'onprem-fra'];
const DOMAINS = ['red', 'green'];
const AT_ONCE = 12;

/**
 * Adds workloads to the lab's clusters, dealt to clusters and to domains in turn: Deployments without pods, each
 * with a Membership, in namespace shop.
 */
export async function fillLab(stack: Stack, nWorkloads: number): Promise<void> {
  const read = readKubeconfig(readFileSync(join(stack.dataDir, 'kubeconfig'), 'utf8'), {
    addressPolicy: localAddressPolicy,
  });
  if (!read.ok) throw new Error('the kubeconfig cannot be read');
  const clients = CLUSTERS.map((cluster) => {
    const context = read.value.contexts.find(({ name }) => name === cluster);
    if (context?.connection.ok !== true) throw new Error(`the kubeconfig does not reach ${cluster}`);
    return openKubeClient(context.connection.value, { addressPolicy: localAddressPolicy });
  });
  let next = 0;
  const work = async () => {
    for (let index = next++; index < nWorkloads; index = next++)
      await create(clients[index % clients.length]!, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function create(client: KubeClient, index: number): Promise<void> {
  const name = `load-${String(index).padStart(5, '0')}`;
  const domain = DOMAINS[index % DOMAINS.length]!;
  const labels = { app: name };
  const metadata = { name, namespace: 'shop', labels };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'none', image: 'none' }] } };
  const deployment = { metadata, spec: { replicas: 0, selector: { matchLabels: labels }, template } };
  const membership = {
    metadata: { name: `${domain}.deployment.${name}`, namespace: 'shop' },
    spec: { domain, workload: { kind: 'Deployment', name } },
  };
  for (const [type, object] of [
    [Deployment, deployment],
    [Membership, membership],
  ] as const) {
    const created = await createObject(client, type, { object });
    if (!created.ok) throw new Error(`${name}: ${created.error.message}`);
  }
}
