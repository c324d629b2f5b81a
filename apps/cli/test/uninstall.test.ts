import { orThrow } from '@flatland/kube/client/error';
import type { KubeObject } from '@flatland/kube/client/object';
import { createObject, deleteObject, getObject, listObjects } from '@flatland/kube/client/objects';
import {
  ClusterRole,
  CustomResourceDefinition,
  Domain,
  Membership,
  Namespace,
  NodePeer,
} from '@flatland/kube/client/resources';
import { domainManifest } from '@flatland/shared/manifest/domain-manifest';
import { membershipManifest } from '@flatland/shared/manifest/membership-manifest';
import { zDomainSpec } from '@flatland/shared/model/domain';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { expect, test, vi } from 'vitest';
import { InstallCluster } from './install-cluster.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOT_FOUND = { error: { kind: 'notFound' } };

test('refuses while domains have members, and deletes nothing', async () => {
  await using cluster = await withMember();
  await expect(cluster.uninstall()).rejects.toMatchObject({
    message: 'east: domains have members: red (1)',
    next: expect.stringContaining('--acknowledge'),
  });
  expect(orThrow(await listObjects(cluster.client, Membership)).items).toHaveLength(1);
  expect(orThrow(await listObjects(cluster.client, Domain)).items).toHaveLength(1);
});

test('takes everything of its own away when that is acknowledged, and nothing of others', async () => {
  await using cluster = await withMember();
  const { client } = cluster;
  const theirs: KubeObject = { metadata: { name: 'flatland-lookalike' }, rules: [] };
  orThrow(await createObject(client, ClusterRole, { object: theirs }));
  await cluster.uninstall({ acknowledge: true });
  expect(await getObject(client, Namespace, { name: SYSTEM_NAMESPACE })).toMatchObject(NOT_FOUND);
  expect(orThrow(await listObjects(client, CustomResourceDefinition)).items).toEqual([]);
  expect(await getObject(client, ClusterRole, { name: 'flatland-agent' })).toMatchObject(NOT_FOUND);
  expect((await getObject(client, ClusterRole, { name: 'flatland-lookalike' })).ok).toBe(true);
  const order = cluster.lines.map((line) => line.replace(/^east: deleted: (\S+) .*/, '$1'));
  expect(order.indexOf('Membership')).toBeLessThan(order.indexOf('Domain'));
  expect(order.indexOf('Domain')).toBeLessThan(order.indexOf('Namespace'));
  expect(order.indexOf('Namespace')).toBeLessThan(order.indexOf('CustomResourceDefinition'));
  cluster.lines.length = 0;
  await cluster.uninstall();
  expect(cluster.lines).toHaveLength(1);
});

test('keeps agents until the nodes are clean', async () => {
  await using cluster = await withMember();
  const { client } = cluster;
  orThrow(await createObject(client, NodePeer, { object: NODE_PEER }));
  const uninstalling = cluster.uninstall({ acknowledge: true });
  await vi.waitFor(
    () => {
      if (!cluster.lines.some((line) => line.includes('waits for 1 objects of nodes')))
        throw new Error('it does not wait');
    },
    { timeout: 15_000 },
  );
  expect((await getObject(client, Namespace, { name: SYSTEM_NAMESPACE })).ok).toBe(true);
  orThrow(await deleteObject(client, NodePeer, { name: NODE_PEER.metadata.name }));
  await uninstalling;
  expect(await getObject(client, Namespace, { name: SYSTEM_NAMESPACE })).toMatchObject(NOT_FOUND);
});

test('names the nodes that nobody cleans up, and leaves them when it is told to', async () => {
  await using cluster = await withMember();
  orThrow(await createObject(cluster.client, NodePeer, { object: NODE_PEER }));
  await expect(cluster.uninstall({ acknowledge: true, timeout: '1' })).rejects.toMatchObject({
    message: `east: nodes are not cleaned up after 1 s: ${NODE_PEER.metadata.name}`,
    next: expect.stringContaining('--leave-nodes'),
  });
  await cluster.uninstall({ acknowledge: true, leaveNodes: true });
  expect(await getObject(cluster.client, Namespace, { name: SYSTEM_NAMESPACE })).toMatchObject(NOT_FOUND);
});

test('deletes no namespace that does not carry the owner label', async () => {
  await using cluster = await InstallCluster.start();
  const object = { metadata: { name: SYSTEM_NAMESPACE } };
  orThrow(await createObject(cluster.client, Namespace, { object }));
  await expect(cluster.uninstall()).rejects.toThrow('does not carry the label');
  expect((await getObject(cluster.client, Namespace, { name: SYSTEM_NAMESPACE })).ok).toBe(true);
});

async function withMember(): Promise<InstallCluster> {
  const cluster = await InstallCluster.start();
  await cluster.withController(() => cluster.install());
  cluster.lines.length = 0;
  const domain = domainManifest('red', RED) as KubeObject;
  orThrow(await createObject(cluster.client, Domain, { object: domain }));
  const web = { domain: 'red', namespace: 'default', kind: 'Deployment', name: 'web' } as const;
  const object = membershipManifest(web) as KubeObject;
  orThrow(await createObject(cluster.client, Membership, { object }));
  return cluster;
}

const RED = zDomainSpec.parse({
  prefixes: ['10.81.0.0/16'],
  clusters: [{ name: 'east', slices: ['10.81.0.0/20'] }],
  home: 'east',
  dnsName: 'red.flatland',
  allowedNamespaces: ['default'],
  owner: 'somebody',
});

const NODE_PEER = {
  metadata: { name: 'red.node-1' },
  spec: {
    domain: 'red',
    node: 'node-1',
    publicKey: `${'A'.repeat(43)}=`,
    candidates: [],
    via: [],
    behindNat: false,
    blocks: [],
    routerAddresses: [],
    underlayMtuBytes: 1500,
    protocolVersions: [1],
  },
};
