import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { describeError } from '../../src/client/error.ts';
import { openKubeClient } from '../../src/client/kube-client.ts';
import type { KubeClient, KubeClientOptions } from '../../src/client/kube-client.ts';
import type { Connection } from '../../src/client/connection.ts';
import {
  applyObject,
  createObject,
  deleteObject,
  getObject,
  listObjects,
  replaceObject,
} from '../../src/client/objects.ts';
import { ConfigMap } from '../../src/client/resources.ts';
import { sensitive } from '../../src/client/sensitive.ts';
import { makeCertificates } from '../../src/testing/certificates.ts';
import { TestApiServer, json, status } from './test-api-server.ts';

const open: KubeClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

function clientOf(connection: Connection, options: KubeClientOptions = {}): KubeClient {
  const client = openKubeClient(connection, {
    addressPolicy: localAddressPolicy,
    retry: { baseDelayMs: 1, maxDelayMs: 2 },
    ...options,
  });
  open.push(client);
  return client;
}

const at = (name: string) => ({ name, namespace: 'default' });
const object = (name: string, fields: Record<string, unknown> = {}) => ({ ...fields, metadata: at(name) });

test('an object is created, read, replaced, applied and deleted', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());

  expect(await createObject(client, ConfigMap, { object: object('a', { data: { x: '1' } }) })).toMatchObject({
    ok: true,
    value: { data: { x: '1' } },
  });
  expect(await createObject(client, ConfigMap, { object: object('a') })).toMatchObject({
    error: { kind: 'alreadyExists', cluster: 'test', httpStatus: 409 },
  });
  const read = await getObject(client, ConfigMap, at('a'));
  if (!read.ok) throw new Error('not read');
  const stale = { ...read.value, metadata: { ...read.value.metadata, resourceVersion: '1' } };
  expect(await replaceObject(client, ConfigMap, { object: stale })).toMatchObject({
    error: { kind: 'conflict' },
  });
  expect(await replaceObject(client, ConfigMap, { object: read.value })).toMatchObject({ ok: true });
  const applied = {
    object: object('a', { data: { y: '2' } }),
    fieldManager: 'me',
    force: true,
    dryRun: true,
  };
  expect(await applyObject(client, ConfigMap, applied)).toMatchObject({ value: { data: { y: '2' } } });
  expect(server.seen.at(-1)).toMatchObject({
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml', authorization: 'Bearer test-token' },
  });
  expect(server.seen.at(-1)?.url.search).toBe('?dryRun=All&fieldManager=me&force=true');
  expect(await deleteObject(client, ConfigMap, { ...at('a'), uid: 'another' })).toMatchObject({
    error: { kind: 'conflict' },
  });
  expect(await deleteObject(client, ConfigMap, { ...at('a'), uid: 'uid-1' })).toMatchObject({ ok: true });
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'notFound' } });
});

test('a list is read in pages, and again from the start when its token expires', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  for (let i = 0; i < 25; i += 1) server.put(`m${String(i).padStart(2, '0')}`);
  let nPages = 0;
  server.fault = () => {
    nPages += 1;
    if (nPages === 2) {
      server.collection.put('m99');
      server.collection.compact();
    }
    return undefined;
  };

  const list = await listObjects(client, ConfigMap, { namespace: 'default', limit: 10 });

  expect(list.ok && list.value.items).toHaveLength(26);
  expect(nPages).toBe(5);
});

test('a name that would change the path is refused without a request', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  for (const name of ['..', '.', '', 'a/b', 'a%2fb', 'x\u0000']) {
    expect(await getObject(client, ConfigMap, at(name))).toMatchObject({ error: { kind: 'badRequest' } });
  }
  expect(server.seen).toEqual([]);
});

test('causes of an invalid object come through', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  const causes = [{ reason: 'FieldValueInvalid', message: 'too long', field: 'spec.name' }];
  server.fault = () => (response) => status(response, { code: 422, reason: 'Invalid', details: { causes } });

  expect(await createObject(client, ConfigMap, { object: object('a') })).toMatchObject({
    error: { kind: 'invalid', causes },
  });
});

test('an idempotent call is tried five times, then fails with the last error', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  server.fault = () => (response) => status(response, { code: 500, reason: 'InternalError' });

  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'serverError' } });
  expect(server.seen).toHaveLength(5);
});

test('a create is not sent again when its first try may have succeeded', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  server.fault = () => (response) => response.socket?.destroy();

  expect(await createObject(client, ConfigMap, { object: object('a') })).toMatchObject({
    error: { kind: 'unavailable', sent: true },
  });
  expect(server.seen).toHaveLength(1);
});

test('Retry-After is honoured', async () => {
  await using server = await TestApiServer.start();
  const client = clientOf(server.connection());
  const times: number[] = [];
  server.fault = () => {
    times.push(performance.now());
    return times.length > 1
      ? undefined
      : (response) => status(response, { code: 429, reason: 'TooManyRequests', retryAfter: '1' });
  };
  server.collection.put('a');

  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ ok: true });
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1000);
});

test.each([
  [
    'garbage',
    'protocol',
    (server: TestApiServer) => {
      server.fault = () => (response) => response.end('<html>');
    },
  ],
  [
    'a redirect',
    'protocol',
    (server: TestApiServer) => {
      server.fault = () => (response) => {
        response.writeHead(302, { location: 'https://169.254.169.254/' });
        response.end('{}');
      };
    },
  ],
  [
    'half a body',
    'unavailable',
    (server: TestApiServer) => {
      server.fault = () => (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"half":', () => response.socket?.destroy());
      };
    },
  ],
  [
    'silence',
    'timeout',
    (server: TestApiServer) => {
      server.fault = () => () => {};
    },
  ],
] as const)('%s ends as %s', async (_name, kind, arrange) => {
  await using server = await TestApiServer.start();
  arrange(server);
  const client = clientOf(server.connection(), { timeoutMs: 200, retry: { maxTries: 1 } });
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind } });
});

test('an answer larger than the limit is not read', async () => {
  await using server = await TestApiServer.start();
  server.fault = () => (response) => json(response, 200, { text: 'x'.repeat(10_000) });
  const client = clientOf(server.connection(), { maxBodyBytes: 1000 });
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'tooLarge' } });
});

test('a server with a certificate of another CA is not trusted, and sees no token', async () => {
  await using server = await TestApiServer.start();
  const { caPem } = await makeCertificates();
  const client = clientOf(server.connection({ caPem }));
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'untrusted' } });
  expect(server.seen).toEqual([]);
});

test.each([
  ['expired', -1],
  ['not yet valid', 1],
])(
  'a certificate that is %s is told as what the clock here says, for that may be wrong',
  async (why, days) => {
    const certificates = await makeCertificates(['127.0.0.1'], Date.now() + days * 86_400_000);
    await using server = await TestApiServer.start({ certificates });
    const answer = await getObject(clientOf(server.connection()), ConfigMap, at('a'));
    expect(answer).toMatchObject({ error: { kind: 'untrusted' } });
    expect(!answer.ok && describeError(answer.error)).toMatch(
      new RegExp(`certificate .*${why}, by the clock of this machine$`),
    );
  },
);

test('the certificate must carry the expected name', async () => {
  await using server = await TestApiServer.start();
  const right = clientOf(server.connection({ tlsServerName: 'localhost' }));
  const wrong = clientOf(server.connection({ tlsServerName: 'other.example' }));
  server.collection.put('a');
  expect(await getObject(right, ConfigMap, at('a'))).toMatchObject({ ok: true });
  expect(await getObject(wrong, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'untrusted' } });
});

test('the server is reached over a unix socket, with TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flatland-client-'));
  try {
    const socketPath = join(folder, 'api.sock');
    await using server = await TestApiServer.start({ socketPath });
    server.collection.put('a');
    const client = clientOf(server.connection({ socketPath }));
    expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ ok: true });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a loopback server is not dialled under the strict policy', async () => {
  await using server = await TestApiServer.start();
  const client = openKubeClient(server.connection());
  open.push(client);
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'addressRefused' } });
  expect(server.seen).toEqual([]);
});

test('a token source is asked for every request', async () => {
  await using server = await TestApiServer.start();
  server.collection.put('a');
  const tokens = ['test-token', 'old-token', 'test-token'];
  const client = clientOf(
    server.connection({
      credential: { kind: 'token-source', read: async () => sensitive(tokens.shift() ?? '') },
    }),
  );
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ ok: true });
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ error: { kind: 'unauthorized' } });
  expect(await getObject(client, ConfigMap, at('a'))).toMatchObject({ ok: true });
});

test('an aborted call ends at once', async () => {
  await using server = await TestApiServer.start();
  server.fault = () => () => {};
  const client = clientOf(server.connection());
  const controller = new AbortController();
  const answer = getObject(client, ConfigMap, { ...at('a'), signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  expect(await answer).toMatchObject({ error: { kind: 'aborted' } });
});
