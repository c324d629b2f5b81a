import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startServerProcess } from '../test/crash/server-process.ts';

/**
 * How many creates a second the embedded API server acknowledges, each on disk (synchronous FULL), with watches open.
 *
 *   node packages/kube/bench/creates.ts [SECONDS] [WATCHES] [CLIENTS]
 */
const [seconds = 5, nWatches = 4, nClients = 64] = process.argv.slice(2).map(Number);
const BUDGET = 1000;

const dataDir = await mkdtemp(join(tmpdir(), 'flatland-bench-'));
const server = await startServerProcess(dataDir);
const pool = new Pool(server.url, { connections: nClients + nWatches, connect: { ca: server.caCertPem } });
const headers = {
  authorization: `Bearer ${server.token}`,
  'content-type': 'application/json',
  'user-agent': 'bench',
};
const path = '/api/v1/namespaces/default/configmaps';

try {
  const watched = await Promise.all(Array.from({ length: nWatches }, openWatch));
  const endMs = performance.now() + seconds * 1000;
  const latenciesMs: number[] = [];
  let created = 0;
  await Promise.all(
    Array.from({ length: nClients }, async (_, client) => {
      for (let index = 0; performance.now() < endMs; index++) {
        const beginMs = performance.now();
        await create(`bench-${client}-${index}`);
        latenciesMs.push(performance.now() - beginMs);
        created++;
      }
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const perSecond = Math.round(created / seconds);
  latenciesMs.sort((left, right) => left - right);
  const percentile = (part: number) => latenciesMs[Math.floor(latenciesMs.length * part)]!.toFixed(1);
  process.stdout.write(
    `embedded API server: ${perSecond} creates/s acknowledged on disk with ${nWatches} watches and ${nClients} clients ` +
      `(budget >= ${BUDGET}: ${perSecond >= BUDGET ? 'met' : 'MISSED'}); ` +
      `latency p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms; ` +
      `events seen by the watches: ${watched.map((count) => count()).join(', ')} of ${created}\n`,
  );
  if (perSecond < BUDGET) process.exitCode = 1;
} finally {
  await pool.destroy();
  await server.stop();
  await rm(dataDir, { recursive: true });
}

async function create(name: string): Promise<void> {
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { bench: 'yes' } },
    data: { key: 'value' },
  });
  const answer = await pool.request({ path, method: 'POST', headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 201) throw new Error(`a create was answered with ${answer.statusCode}`);
}

/** Opens a watch; gives the count of the events that it saw so far. */
async function openWatch(): Promise<() => number> {
  let count = 0;
  const answer = await pool.request({ path: `${path}?watch=1&labelSelector=bench`, method: 'GET', headers });
  answer.body.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 0x0a) count++;
  });
  answer.body.on('error', () => {});
  return () => count;
}
