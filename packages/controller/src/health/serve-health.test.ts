import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { serveHealth } from './serve-health.ts';

test('a controller that is not ready is alive', async () => {
  let isReady = false;
  const server = await serveHealth({ ready: () => isReady }, 0);
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)).status;
  expect([await ask('/healthz'), await ask('/readyz'), await ask('/')]).toEqual([200, 503, 404]);
  isReady = true;
  expect(await ask('/readyz')).toBe(200);
  server.closeAllConnections();
  server.close();
});
