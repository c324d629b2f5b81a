import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { applyObject, getObject } from '@flatland/kube/client/objects';
import {
  ConfigMap,
  CustomResourceDefinition,
  DaemonSet,
  Domain,
  Namespace,
  Service,
} from '@flatland/kube/client/resources';
import type { Resource } from '@flatland/kube/client/resource';
import { startEmbeddedServer, type EmbeddedServer } from '@flatland/kube/server/start-server';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { dnsService } from '@flatland/shared/manifest/install/dns-service';
import { domainManifest } from '@flatland/shared/manifest/domain-manifest';
import { zDomainSpec } from '@flatland/shared/model/domain';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { wireDns, type DnsOptions } from './dns.ts';

const COREFILE = '.:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n';
let folder: string;
let file: string;
let server: EmbeddedServer;
let client: KubeClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flatland-dns-'));
  file = join(folder, 'kubeconfig');
  server = await startEmbeddedServer({ dataDir: join(folder, 'data'), clusterName: 'east' });
  const authority = Buffer.from(server.caCertPem).toString('base64');
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'east', cluster: { server: server.url, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token: server.adminToken } }],
    contexts: [{ name: 'east', context: { cluster: 'east', user: 'admin' } }],
  });
  await writeFile(file, kubeconfig);
  const read = readKubeconfig(kubeconfig, { addressPolicy: localAddressPolicy });
  const [context] = read.ok ? read.value.contexts : [];
  if (context?.connection.ok !== true) throw new Error('no connection');
  client = openKubeClient(context.connection.value, { addressPolicy: localAddressPolicy });
  for (const crd of customResourceDefinitions()) await apply(CustomResourceDefinition, crd);
  for (const [index, name] of ['red', 'green'].entries()) {
    const prefixes = [`10.${81 + index}.0.0/16`];
    const spec = zDomainSpec.parse({
      prefixes,
      clusters: [{ name: 'east', slices: prefixes }],
      home: 'east',
      dnsName: name === 'green' ? 'mesh.harbor.example' : `${name}.flatland`,
      allowedNamespaces: ['default'],
      owner: 'harbor.example',
    });
    // A kind is served a moment after its definition is there.
    await vi.waitFor(() => apply(Domain, domainManifest(name, spec)), { timeout: 15_000 });
  }
});

afterAll(async () => {
  await client.close();
  await server.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  await nameServer({ hostNetwork: true });
  await corefile(COREFILE);
});

test('without --apply it prints what the Corefile should be, and changes nothing', async () => {
  const printed = await run({});
  expect(printed).toContain('kubectl --context east -n kube-system edit configmap coredns');
  expect(printed).toContain('flatland:53 mesh.harbor.example:53 {');
  expect(await corefileNow()).toBe(COREFILE);
});

test('with --apply the zones are forwarded, a second time nothing changes, and --remove takes them out to the byte', async () => {
  expect(await run({ apply: true })).toContain(
    'coredns in east forwards flatland, mesh.harbor.example as soon as',
  );
  const wired = await corefileNow();
  expect(wired).toContain('forward . 127.0.0.1:7453');
  expect(await run({ apply: true })).toBe('coredns in east forwards flatland, mesh.harbor.example');
  expect(JSON.parse(await run({ json: true }))).toMatchObject({ state: 'wired', corefile: wired });
  await run({ apply: true, remove: true });
  expect(await corefileNow()).toBe(COREFILE);
});

test('a Corefile that is not understood stays, and the block to put in by hand is printed', async () => {
  const strange = `import others/*\n${COREFILE}`;
  await corefile(strange);
  const lines: string[] = [];
  await expect(run({ apply: true }, lines)).rejects.toThrow('Corefile not understood: line 1 imports');
  expect(lines.join('\n')).toContain('forward . 127.0.0.1:7453');
  expect(await corefileNow()).toBe(strange);
});

test('what a Corefile that somebody else keeps has of ours is to be taken out by hand: no block is printed', async () => {
  const strange = `import others/*\n${COREFILE}`;
  await corefile(strange);
  const lines: string[] = [];
  await expect(run({ apply: true, remove: true }, lines)).rejects.toMatchObject({
    next: 'Take what stands between “# flatland: begin” and “# flatland: end” out of it by hand, where it is there',
  });
  expect(lines).toEqual([]);
  expect(await corefileNow()).toBe(strange);
});

test('a name server that no agent knows is not told to', async () => {
  await nameServer({ hostNetwork: false });
  await expect(run({ apply: true })).rejects.toThrow('Name server not found');
  expect(await corefileNow()).toBe(COREFILE);
});

test('a name server that runs as pods asks over the Service, which has to be there first', async () => {
  await nameServer({ hostNetwork: false }, { 'k8s-app': 'kube-dns' });
  await expect(run({ apply: true })).rejects.toMatchObject({
    message: expect.stringContaining('DNS Service missing') as string,
    next: 'Install Flatland on the cluster, and try again',
  });
  expect(await corefileNow()).toBe(COREFILE);
  await apply(Namespace, { metadata: { name: 'flatland-system' } });
  const service = dnsService('flatland-agent');
  await apply(Service, { ...service, spec: { ...(service['spec'] as object), clusterIP: '10.96.7.7' } });
  await run({ apply: true });
  expect(await corefileNow()).toContain('    forward . 10.96.7.7:53\n');
  await run({ apply: true, remove: true });
  expect(await corefileNow()).toBe(COREFILE);
});

test('a context that is not there is named with those that are', async () => {
  await expect(run({ context: 'west' })).rejects.toMatchObject({
    exitCode: 2,
    next: 'Name contexts of it: east',
  });
});

async function run(options: DnsOptions, lines: string[] = []): Promise<string> {
  const io = { env: {}, out: (text: string) => void lines.push(text), err: () => {} };
  await wireDns(io, options, file);
  return lines.join('\n');
}

function corefile(text: string): Promise<void> {
  return apply(ConfigMap, {
    metadata: { name: 'coredns', namespace: 'kube-system' },
    data: { Corefile: text },
  });
}

async function corefileNow(): Promise<string> {
  const ref = { namespace: 'kube-system', name: 'coredns' };
  const map = orThrow(await getObject<{ data: { Corefile: string } }>(client, ConfigMap, ref));
  return map.data.Corefile;
}

function nameServer(more: object, labels: Record<string, string> = {}): Promise<void> {
  const own = { app: 'dns' };
  const containers = [{ name: 'coredns', image: 'example' }];
  return apply(DaemonSet, {
    metadata: { name: 'coredns', namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: own },
      template: { metadata: { labels: { ...own, ...labels } }, spec: { ...more, containers } },
    },
  });
}

async function apply(type: Resource, object: object): Promise<void> {
  orThrow(await applyObject(client, type, manager(object)));
}

function manager(object: object) {
  return { object: object as never, fieldManager: 'example', force: true };
}
