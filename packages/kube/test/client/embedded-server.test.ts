import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok } from '@flatland/shared/result';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { reviewOwnAccess } from '../../src/client/access-review.ts';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { orThrow } from '../../src/client/error.ts';
import { inClusterConnection } from '../../src/client/in-cluster.ts';
import { openKubeClient } from '../../src/client/kube-client.ts';
import { startListWatch } from '../../src/client/list-watch/list-watch.ts';
import type { KubeObject } from '../../src/client/object.ts';
import { applyObject, deleteObject, getObject, listObjects } from '../../src/client/objects.ts';
import { ConfigMap, Namespace, ServiceAccount } from '../../src/client/resources.ts';
import { readServerVersion } from '../../src/client/server-info.ts';
import { createToken } from '../../src/client/service-account-token.ts';
import { Embedded } from './embedded.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';

const at = (name: string) => ({ name, namespace: 'default' });
const map = (name: string, data: Record<string, string>) => ({ metadata: at(name), data });

test('a cache follows the embedded server through restarts, lost history and many writes', async () => {
  await using embedded = await Embedded.start({ history: { maxEvents: 50 }, bookmarkEveryMs: 100 });
  const client = embedded.client();
  const reports: string[] = [];
  const listWatch = startListWatch<KubeObject>(client, ConfigMap, {
    parse: (raw) => ok(raw as KubeObject),
    namespace: 'default',
    pageSize: 7,
    relistMinMs: 300,
    backoffMaxMs: 200,
    onReport: (report) => reports.push(report.kind),
  });
  await listWatch.whenSynced;
  const random = seededRandom(42);

  for (let i = 0; i < 400; i += 1) {
    const name = `m${Math.floor(random() * 40)}`;
    const write =
      random() < 0.3
        ? deleteObject(client, ConfigMap, at(name))
        : applyObject(client, ConfigMap, {
            object: map(name, { i: String(i) }),
            fieldManager: 'test',
            force: true,
          });
    await write;
    if (i % 150 === 100) await embedded.restart(50);
  }

  const items = async () => {
    const listed = orThrow(await listObjects<KubeObject>(client, ConfigMap, { namespace: 'default' }));
    return listed.items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };
  await vi.waitFor(async () => expect(listWatch.cache.list()).toEqual(await items()), { timeout: 5000 });
  expect(listWatch.cache.size).toBeGreaterThan(10);
  expect(reports).toContain('watch-failed');
  listWatch.stop();
}, 30_000);

test('a cache follows an embedded server that is restored from a backup, and what changes after it', async () => {
  await using embedded = await Embedded.start();
  const client = embedded.client();
  const listWatch = startListWatch<KubeObject>(client, ConfigMap, {
    parse: (raw) => ok(raw as KubeObject),
    namespace: 'default',
    relistMinMs: 300,
    backoffMaxMs: 200,
  });
  await listWatch.whenSynced;
  const put = async (name: string) =>
    orThrow(await applyObject(client, ConfigMap, { object: map(name, {}), fieldManager: 'test' }));
  const shown = () =>
    listWatch.cache
      .list()
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'kube-root-ca.crt');
  await put('old');
  await embedded.backUp();
  for (const name of ['new-1', 'new-2', 'new-3']) await put(name);
  await vi.waitFor(() => expect(shown()).toEqual(['new-1', 'new-2', 'new-3', 'old']), { timeout: 15_000 });
  await embedded.restore();
  await vi.waitFor(() => expect(shown()).toEqual(['old']), { timeout: 15_000 });
  await put('after');
  await vi.waitFor(() => expect(shown()).toEqual(['after', 'old']), { timeout: 15_000 });
  listWatch.stop();
}, 60_000);

test('an own right is asked for, a token made, the version read', async () => {
  await using embedded = await Embedded.start();
  const admin = embedded.client();
  expect(orThrow(await readServerVersion(admin)).gitVersion).toMatch(/^v1\./);
  await applyObject(admin, ServiceAccount, { object: { metadata: at('weak') }, fieldManager: 'test' });
  const { token } = orThrow(await createToken(admin, at('weak'), { expirationSeconds: 600 }));
  const weak = openKubeClient(
    { ...embedded.connection(), credential: { kind: 'token', token } },
    { addressPolicy: localAddressPolicy },
  );
  const access = { verb: 'list', group: '', resource: 'secrets' };
  expect(await reviewOwnAccess(admin, access)).toMatchObject({ value: { allowed: true } });
  expect(await reviewOwnAccess(weak, access)).toMatchObject({ value: { allowed: false } });
  expect(await listObjects(weak, ConfigMap)).toMatchObject({ error: { kind: 'forbidden', httpStatus: 403 } });
  expect(JSON.stringify(token)).toBe('"[secret]"');
  await weak.close();
});

test('a pod reaches its own cluster by its mounted service account, whose token rotates', async () => {
  await using embedded = await Embedded.start();
  const directory = join(embedded.folder, 'serviceaccount');
  await mkdir(directory);
  await writeFile(join(directory, 'ca.crt'), embedded.server.caCertPem);
  await writeFile(join(directory, 'token'), 'not yet\n'.replace(' ', '-'));
  const url = new URL(embedded.server.url);
  const env = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, after: () => () => {} };
  const connection = await inClusterConnection({ cluster: 'own', env, directory, clock });
  if (!connection.ok) throw new Error(connection.error);
  const client = openKubeClient(connection.value, { addressPolicy: localAddressPolicy });
  const read = () => getObject(client, Namespace, { name: 'kube-system' });

  expect(await read()).toMatchObject({ error: { kind: 'unauthorized' } });
  await writeFile(join(directory, 'token'), `${embedded.server.adminToken}\n`);
  nowMs = 60_000;
  expect(await read()).toMatchObject({ ok: true });
  await client.close();

  expect(await inClusterConnection({ cluster: 'own', env: {}, directory })).toMatchObject({ ok: false });
  expect(await inClusterConnection({ cluster: 'own', env, directory: '/nowhere' })).toMatchObject({
    ok: false,
  });
});

const KEYS = ['a', 'b', 'c', 'd'];
const config = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('1', '2', '3'), {
  minKeys: 1,
  maxKeys: 4,
});
const turn = fc.record({ manager: fc.constantFrom('flatland', 'argo', 'kubectl', 'helm'), config });

test('without force an apply changes no field of another manager, and a conflict changes nothing at all', async () => {
  await using embedded = await Embedded.start();
  const client = embedded.client();
  let nObjects = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (turns) => {
      const name = `shared-${(nObjects += 1)}`;
      for (const { manager, config: data } of turns) {
        const before = await readData(name);
        const force = manager !== 'flatland';
        const applied = await applyObject<Stored>(client, ConfigMap, {
          object: map(name, data),
          fieldManager: manager,
          force,
        });
        const after = await readData(name);
        if (applied.ok) {
          for (const [key, value] of Object.entries(data)) expect(after.data[key]).toBe(value);
          if (!force) {
            for (const key of before.foreign) expect([key, after.data[key]]).toEqual([key, before.data[key]]);
          }
        } else {
          expect(applied.error.kind).toBe('conflict');
          expect(force).toBe(false);
          expect(after).toEqual(before);
          const causes = applied.error.kind === 'conflict' ? applied.error.causes : [];
          const clashing = Object.keys(data).filter(
            (key) => before.foreign.has(key) && before.data[key] !== data[key],
          );
          expect([...new Set(causes.map(({ field }) => field))].toSorted()).toEqual(
            clashing.toSorted().map((key) => `.data.${key}`),
          );
        }
      }
    }),
    { numRuns: Number(process.env['FLATLAND_INTERLEAVINGS'] ?? 60) },
  );

  /** The object's data, which of it others than flatland own, and its version. */
  async function readData(
    name: string,
  ): Promise<{ data: Record<string, string>; foreign: Set<string>; version: string }> {
    const found = await getObject<Stored>(client, ConfigMap, at(name));
    if (!found.ok) return { data: {}, foreign: new Set(), version: '' };
    const { data = {}, metadata } = found.value;
    const foreign = (metadata.managedFields ?? [])
      .filter(({ manager }) => manager !== 'flatland')
      .flatMap(({ fieldsV1 }) => Object.keys(fieldsV1['f:data'] ?? {}))
      .map((field) => field.replace(/^f:/, ''));
    return { data, foreign: new Set(foreign), version: metadata.resourceVersion };
  }
}, 120_000);

type Stored = {
  data?: Record<string, string>;
  metadata: {
    resourceVersion: string;
    managedFields?: { manager: string; fieldsV1: Record<string, Record<string, unknown>> }[];
  };
};
