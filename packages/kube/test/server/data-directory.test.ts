import { copyFile, mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedServer } from '../../src/server/start-server.ts';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { Api } from '../conformance/api.ts';
import { configMap } from '../conformance/objects.ts';
import { startServerProcess } from '../crash/server-process.ts';

describe('a data directory', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flatland-data-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  it('brings back objects, keys and tokens at the next start', async () => {
    const first = await start();
    const api = apiOf(first);
    await api.create('/api/v1/namespaces/default/configmaps', configMap('kept'));
    const account = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await api.create(account, request)).body.status;
    api.close();
    await first.close();
    const second = await start();
    expect([second.caCertPem, second.adminToken]).toEqual([first.caCertPem, first.adminToken]);
    const again = apiOf(second);
    expect((await again.get('/api/v1/namespaces/default/configmaps/kept')).code).toBe(200);
    expect((await again.send('GET', '/api', { token })).code).toBe(200);
    again.close();
    await second.close();
  });

  it('lets watches resume across a restart', async () => {
    const first = await start();
    const api = apiOf(first);
    const path = '/api/v1/namespaces/default/endpoints';
    const revision = (await api.get(path)).body.metadata.resourceVersion;
    await api.create(path, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'one' } });
    api.close();
    await first.close();
    const second = await start();
    const again = apiOf(second);
    const watch = await again.watch(`${path}?watch=1&resourceVersion=${revision}`);
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'one' } } });
    watch.close();
    again.close();
    await second.close();
  });

  it('keeps secrets from other users of the machine', async () => {
    await (await start()).close();
    const modeOf = async (name: string) => ((await stat(join(dataDir, name))).mode & 0o777).toString(8);
    for (const name of await readdir(join(dataDir, 'pki')))
      expect([name, await modeOf(join('pki', name))]).toEqual([name, '600']);
    expect(await modeOf('pki')).toBe('700');
  });

  it.each<[string, (path: string) => Promise<void>, RegExp]>([
    ['has lost its store', (path) => rm(path), /it is missing, though .*pki has the cluster's keys/],
    ['has an empty store', (path) => truncate(path, 0), /not a store of this program/],
    [
      'has a store whose header is garbage',
      (path) => overwrite(path, 0, 'garbage garbage garbage'),
      /damaged/,
    ],
    ['has a store that was cut', (path) => truncate(path, 8192), /damaged/],
    ['has a store with damaged pages', (path) => overwrite(path, 4096, 'x'.repeat(40_000)), /damaged/],
    ['has a store of another program', (path) => foreign(path), /not a store of this program/],
    ['has a store of a newer version', (path) => newer(path), /has version 99/],
    ['has a store that is not even a database', (path) => writeFile(path, 'hello'), /damaged|not a store/],
  ])('that %s keeps the server from starting, and the file as it is', async (_what, spoil, complaint) => {
    const server = await start();
    const api = apiOf(server);
    for (let index = 0; index < 40; index++)
      await api.create(
        '/api/v1/namespaces/default/configmaps',
        configMap(`c${index}`, {}, { a: 'x'.repeat(2000) }),
      );
    api.close();
    await server.close();
    const path = join(dataDir, 'store.db');
    await spoil(path);
    const before = await sizeOf(path);
    await expect(start()).rejects.toThrow(complaint);
    await expect(start()).rejects.toThrow(path);
    expect(await sizeOf(path)).toBe(before);
  });

  it('that another process serves is refused to a second one', async () => {
    const other = await startServerProcess(dataDir);
    await expect(start()).rejects.toThrow(/store\.db: another process has it open/);
    await other.stop();
    await (await start()).close();
  });

  it('with a start that was killed half way is begun anew', async () => {
    await copyFile(process.execPath, join(dataDir, 'store.db.new')).catch(() => {});
    await (await start()).close();
    expect(await readdir(dataDir)).toEqual(expect.arrayContaining(['pki', 'store.db']));
    expect(await readdir(dataDir)).not.toContain('store.db.new');
  });

  it('is named when its port is taken', async () => {
    const first = await start();
    const elsewhere = await mkdtemp(join(tmpdir(), 'flatland-data-'));
    await expect(
      startEmbeddedServer({ dataDir: elsewhere, clusterName: 'b', port: first.port }),
    ).rejects.toThrow('EADDRINUSE');
    await (await startEmbeddedServer({ dataDir: elsewhere, clusterName: 'b' })).close();
    await first.close();
    await rm(elsewhere, { recursive: true });
  });

  it('may be served on a unix socket too, which only its owner opens', async () => {
    const socketPath = join(dataDir, 'api.sock');
    const server = await startEmbeddedServer({ dataDir, clusterName: 'socket', socketPath });
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    const { request } = await import('node:https');
    const code = await new Promise<number | undefined>((resolve, reject) => {
      request(
        {
          socketPath,
          servername: 'localhost',
          ca: server.caCertPem,
          path: '/readyz',
          headers: { host: 'localhost' },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(code).toBe(200);
    await server.close();
  });

  function start(): Promise<EmbeddedServer> {
    return startEmbeddedServer({ dataDir, clusterName: 'data' });
  }
});

function apiOf(server: EmbeddedServer): Api {
  return new Api({
    url: server.url,
    caCertPem: server.caCertPem,
    token: server.adminToken,
    hasControllers: true,
    close: server.close,
  });
}

async function overwrite(path: string, at: number, text: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(text, at);
  await file.close();
}

async function foreign(path: string): Promise<void> {
  await rm(path);
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE t (a)');
  db.close();
}

async function newer(path: string): Promise<void> {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
