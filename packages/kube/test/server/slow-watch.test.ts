import { mkdtemp, rm } from 'node:fs/promises';
import { connect as tlsConnect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { Api } from '../conformance/api.ts';
import { configMap } from '../conformance/objects.ts';

const PATH = '/api/v1/namespaces/default/configmaps';

it('cuts off a watch that does not read, and serves the others on', { timeout: 60_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'flatland-slow-'));
  const server = await startEmbeddedServer({ dataDir, clusterName: 'slow' });
  const api = new Api({
    url: server.url,
    caCertPem: server.caCertPem,
    token: server.adminToken,
    hasControllers: true,
    close: server.close,
  });
  const watching = async () =>
    Number(/apiserver_longrunning_requests\{verb="WATCH"\} (\d+)/.exec((await api.get('/metrics')).text)![1]);
  try {
    const healthy = await api.watch(`${PATH}?watch=1&labelSelector=slow`);
    const slow = tlsConnect({
      port: server.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: server.caCertPem,
    });
    slow.on('error', () => {});
    slow.write(
      `GET ${PATH}?watch=1&labelSelector=slow HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.adminToken}\r\n\r\n`,
    );
    await new Promise((resolve) => slow.once('readable', resolve));
    slow.pause();
    expect(await watching()).toBe(2);
    for (let index = 0; index < 24; index++) {
      await api.create(
        PATH,
        configMap(`slow-${index}`, { labels: { slow: 'yes' } }, { a: 'x'.repeat(900_000) }),
      );
    }
    const seen = await healthy.until(({ object }) => object.metadata.name === 'slow-23');
    expect(seen.map(({ object }) => object.metadata.name)).toEqual(
      Array.from({ length: 24 }, (_, index) => `slow-${index}`),
    );
    expect(await watching()).toBe(1);
    healthy.close();
    slow.destroy();
  } finally {
    api.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  }
});
