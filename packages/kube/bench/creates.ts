import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startServerProcess } from '../test/crash/server-process.ts';

/**
 * How many creates a second the embedded API server acknowledges, each on disk (synchronous FULL), with watches open,
 * and on Linux the processor time that it takes for one, which other programs on the machine do not lengthen.
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
  const beganMs = await processorMs(server.pid);
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
  const usedMs = (await processorMs(server.pid)) - beganMs;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const perSecond = Math.round(created / seconds);
  latenciesMs.sort((left, right) => left - right);
  const percentile = (part: number) => latenciesMs[Math.floor(latenciesMs.length * part)]!.toFixed(1);
  process.stdout.write(
    `embedded API server: ${perSecond} creates/s acknowledged on disk with ${nWatches} watches and ${nClients} clients ` +
      `(budget >= ${BUDGET}: ${perSecond >= BUDGET ? 'met' : 'MISSED'}); ` +
      `latency p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms; ` +
      `events seen by the watches: ${watched.map((count) => count()).join(', ')} of ${created}` +
      (Number.isNaN(usedMs)
        ? '\n'
        : `; ${(usedMs / created).toFixed(2)} ms of one core a create, so at most ${Math.round((1000 * created) / usedMs)}/s\n`),
  );
  if (perSecond < BUDGET) process.exitCode = 1;
} finally {
  await pool.destroy();
  await server.stop();
  await rm(dataDir, { recursive: true });
}

/** Processor time of a process so far, its threads' among it; NaN where the system does not tell it as Linux does. */
async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime, in hundredths of a second (proc(5)).
  return (Number(fields[11]) + Number(fields[12])) * 10;
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
