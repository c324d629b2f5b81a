import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, deleteObject } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  ConfigMap,
  CustomResourceDefinition,
  Domain,
  Membership,
  Node,
} from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { startEmbeddedServer, type EmbeddedServer } from '@flatland/kube/server/start-server';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { domainObject, membershipObject } from '../testing/objects.ts';
import { KubeCluster } from './kube-cluster.ts';
import { keyOf } from './object-store.ts';
import type { SavedState } from './saved-state.ts';

const SOON = { timeout: 30_000, interval: 50 };
const LOG = { debug() {}, info() {}, warn() {}, error() {} };
const OLD = domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } });
const LATE = domainObject('late', { prefixes: ['10.91.0.0/16'], clusters: { east: ['10.91.0.0/20'] } });
const LATE_MEMBERSHIP = membershipObject('default', 'late', 'cart');
const EVERYTHING = ['Domain late', 'Domain red', `Membership ${keyOf(LATE_MEMBERSHIP)}`];

let folder: string;
let server: EmbeddedServer;
let client: KubeClient;
let saved: SavedState;
const running: KubeCluster[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flatland-kube-cluster-'));
  server = await startEmbeddedServer({ dataDir: join(folder, 'data'), clusterName: 'east' });
  client = clientOf(server);
  saved = { objects: [], isRestored: false };
  for (const crd of customResourceDefinitions()) await apply(CustomResourceDefinition, crd);
  await vi.waitFor(() => apply(Domain, OLD), SOON);
});

afterEach(async () => {
  for (const cluster of running.splice(0)) await cluster.stop();
  await client.close();
  await server.close();
  await rm(folder, { recursive: true });
});

test('an API that goes back takes nothing away that was made since, until that is said again', async () => {
  const cluster = await start();
  await vi.waitFor(() => expect(keys(cluster)).toEqual(['Domain red']), SOON);
  await backUpAndGoOn(cluster);

  await whileAway(restore);
  const again = await expectEverythingHeld(cluster);

  await apply(Domain, LATE);
  await apply(Membership, LATE_MEMBERSHIP);
  for (const one of [cluster, again]) await vi.waitFor(() => expect(one.held()).toEqual([]), SOON);
  orThrow(await deleteObject(client, Domain, { name: 'late' }));
  for (const one of [cluster, again])
    await vi.waitFor(() => expect(keys(one)).not.toContain('Domain late'), SOON);
}, 120_000);

test('an API that goes back, and writes more than what was made since before it is seen again, takes nothing away', async () => {
  await apply(Node, nodeOf(0));
  const cluster = await start();
  await vi.waitFor(() => expect(keys(cluster)).toEqual(['Domain red']), SOON);
  await backUpAndGoOn(cluster);
  for (let i = 1; i <= 40; i++) await apply(Node, nodeOf(i));
  await vi.waitFor(() => expect(numberOfNode(cluster)).toBe('40'), SOON);

  await whileAway(async (data, backup) => {
    await restore(data, backup);
    const elsewhere = await startEmbeddedServer({ dataDir: data, clusterName: 'east' });
    const there = clientOf(elsewhere);
    for (let i = 1; i <= 20; i++) await apply(ConfigMap, noteOf(i), there);
    await there.close();
    await elsewhere.close();
  });
  // By now what was saved is no newer than the API that went back.
  await vi.waitFor(() => expect(numberOfNode(cluster)).toBe('0'), SOON);
  await expectEverythingHeld(cluster);
}, 120_000);

/** Copies the API's state, and then makes what that lacks. */
async function backUpAndGoOn(cluster: KubeCluster): Promise<void> {
  await whileAway((data, backup) => cp(data, backup, { recursive: true }));
  await apply(Domain, LATE);
  await apply(Membership, LATE_MEMBERSHIP);
  await vi.waitFor(() => expect(keys(cluster)).toEqual(EVERYTHING), SOON);
}

async function restore(data: string, backup: string): Promise<void> {
  await rm(data, { recursive: true });
  await cp(backup, data, { recursive: true });
}

/** What the backup lacked is held by the view that saw it, and by one that starts from what was saved: that one. */
async function expectEverythingHeld(cluster: KubeCluster): Promise<KubeCluster> {
  await vi.waitFor(
    () => expect(cluster.held().map(({ reason }) => reason)).toEqual(['restored-held', 'restored-held']),
    SOON,
  );
  expect(keys(cluster)).toEqual(EVERYTHING);
  const again = await start();
  await vi.waitFor(() => expect(again.held()).toHaveLength(2), SOON);
  expect(keys(again)).toEqual(EVERYTHING);
  return again;
}

/** An agent's view of the cluster, which begins with what the one before saved last. */
async function start(): Promise<KubeCluster> {
  const before = saved;
  const cluster = new KubeCluster({
    client,
    node: 'east-1',
    log: LOG,
    nowMs: () => performance.now(),
    saved: {
      load: () => Promise.resolve(before),
      save: (state) => {
        saved = state;
      },
    },
  });
  running.push(cluster);
  await cluster.start(() => {});
  await cluster.whenReady;
  return cluster;
}

/** A node that differs by its number. */
function nodeOf(number: number): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'east-1', labels: { number: String(number) } },
  } as KubernetesObject;
}

function numberOfNode(cluster: KubeCluster): string | undefined {
  return cluster.objects().find(({ kind }) => kind === 'Node')?.metadata.labels?.['number'];
}

function noteOf(number: number): KubernetesObject {
  const metadata = { name: `note-${number}`, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubernetesObject;
}

function clientOf({ url: text, adminToken, caCertPem }: EmbeddedServer): KubeClient {
  const url = parseServerUrl(text);
  if (!url.ok) throw new Error(url.error);
  const credential = { kind: 'token', token: sensitive(adminToken) } as const;
  const connection = { cluster: 'east', server: url.value, caPem: caCertPem, credential };
  return openKubeClient(connection, { addressPolicy: localAddressPolicy });
}

async function whileAway(work: (data: string, backup: string) => Promise<void>): Promise<void> {
  const { port } = server;
  await server.close();
  await work(join(folder, 'data'), join(folder, 'backup'));
  server = await startEmbeddedServer({ dataDir: join(folder, 'data'), clusterName: 'east', port });
}

function keys(cluster: KubeCluster): string[] {
  return cluster
    .objects()
    .filter(({ kind }) => kind === 'Domain' || kind === 'Membership')
    .map((object) => `${object.kind} ${keyOf(object)}`);
}

async function apply(type: Resource, object: KubernetesObject, to = client): Promise<void> {
  const { metadata, ...rest } = object;
  const { name, namespace, labels } = metadata;
  const bare = { ...rest, metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) } };
  orThrow(await applyObject(to, type, { object: bare as never, fieldManager: 'test', force: true }));
}
