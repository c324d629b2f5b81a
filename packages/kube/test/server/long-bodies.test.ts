import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Pool } from 'undici';
import { configMap } from '../conformance/objects.ts';
import { startServerProcess } from '../crash/server-process.ts';

it('takes and gives long bodies one after another on one connection', { timeout: 60_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'flatland-long-'));
  // In a process of its own: the next request must be able to come while the last answer is being flushed.
  const server = await startServerProcess(dataDir);
  const pool = new Pool(server.url, { connections: 1, connect: { ca: server.caCertPem } });
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  try {
    for (let index = 0; index < 120; index++) {
      const body = JSON.stringify(configMap(`long-${index}`, {}, { a: 'x'.repeat(200_000) }));
      const answer = await pool.request({
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        headers,
        body,
      });
      expect([index, answer.statusCode, (await answer.body.text()).length > 200_000]).toEqual([
        index,
        201,
        true,
      ]);
    }
  } finally {
    await pool.destroy();
    await server.stop();
    await rm(dataDir, { recursive: true });
  }
});
