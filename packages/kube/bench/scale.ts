import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '@flatland/shared/map-limited';
import { localAddressPolicy } from '../src/client/address-policy.ts';
import { openKubeClient } from '../src/client/kube-client.ts';
import { startListWatch } from '../src/client/list-watch/list-watch.ts';
import { createObject, mergePatchObject } from '../src/client/objects.ts';
import { Pod } from '../src/client/resources.ts';
import { sensitive } from '../src/client/sensitive.ts';
import { parseServerUrl } from '../src/client/server-url.ts';
import { startServerProcess } from '../test/crash/server-process.ts';

/**
 * An embedded API server with many pods, of which some change all the time: how far watches lag behind, from the moment
 * that a change is sent, and whether the memory of the server and of the watches' process grows. Budget: p99 below 1 s,
 * memory within 10 % from the first third of the run to the last.
 *
 *   node packages/kube/bench/scale.ts [SECONDS] [PODS] [CHANGES A SECOND] [WATCHES]
 */
const [seconds = 120, nPods = 5000, perSecond = 100, nWatches = 4] = process.argv.slice(2).map(Number);
const BUDGET_MS = 1000;
const BUDGET_GROWTH = 0.1;
const CREATES_AT_ONCE = 8;
const NAMESPACE = 'default';
const SENT_AT = 'bench/sent-at';
const TICK_MS = 50;

const dataDir = await mkdtemp(join(tmpdir(), 'flatland-scale-'));
const server = await startServerProcess(dataDir);
const client = openClient();
const lagsMs: number[] = [];
try {
  await mapLimited(names(), CREATES_AT_ONCE, create);
  const watches = Array.from({ length: nWatches }, () =>
    startListWatch<string>(client, Pod, {
      parse: (raw) => ({ ok: true, value: sentAtOf(raw) }),
      onChanges: (changes) => {
        const nowMs = performance.now();
        for (const { type, object } of changes)
          if (type === 'updated' && object !== '') lagsMs.push(nowMs - Number(object));
      },
    }),
  );
  await Promise.all(watches.map((watch) => watch.whenSynced));
  const memory = await change();
  for (const watch of watches) watch.stop();
  print(memory);
} finally {
  await client.close();
  await server.stop();
  await rm(dataDir, { recursive: true });
}

interface Sample {
  readonly serverMb: number;
  readonly clientMb: number;
}

/** Changes pods at the rate until the time is over; the memory of both processes, looked at every second. */
async function change(): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startedMs = performance.now();
  const underway = new Set<Promise<void>>();
  let nSent = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= seconds * 1000) break;
    for (; nSent < (elapsedMs / 1000) * perSecond; nSent++) {
      const sent: Promise<void> = patch(nameOf(nSent % nPods)).finally(() => underway.delete(sent));
      underway.add(sent);
    }
    if (elapsedMs >= samples.length * 1000)
      samples.push({ serverMb: await residentMb(server.pid), clientMb: await residentMb(process.pid) });
    await sleep(TICK_MS);
  }
  await Promise.all(underway);
  const expected = nSent * nWatches;
  const untilMs = performance.now() + 30_000;
  while (lagsMs.length < expected && performance.now() < untilMs) await sleep(TICK_MS);
  console.log(
    `${nPods} pods, ${nSent} changes in ${seconds} s, ${nWatches} watches: ${lagsMs.length} of ${expected} events seen`,
  );
  return samples;
}

function print(memory: readonly Sample[]): void {
  const sorted = lagsMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const lag = `lag p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, max ${at(1).toFixed(0)} ms`;
  console.log(`${lag}; budget p99 ${BUDGET_MS} ms: ${at(0.99) < BUDGET_MS ? 'met' : 'MISSED'}`);
  for (const [name, of] of [
    ['server', (sample: Sample) => sample.serverMb],
    ['watches', (sample: Sample) => sample.clientMb],
  ] as const) {
    const third = Math.ceil(memory.length / 3);
    const [first, last] = [median(memory.slice(0, third).map(of)), median(memory.slice(-third).map(of))];
    const verdict = last <= first * (1 + BUDGET_GROWTH) ? 'met' : 'MISSED';
    console.log(
      `memory of the ${name}: median ${first.toFixed(0)} MB in the first third, ${last.toFixed(0)} MB in the last; ` +
        `budget +${100 * BUDGET_GROWTH} %: ${verdict}`,
    );
  }
}

function names(): string[] {
  return Array.from({ length: nPods }, (_, index) => nameOf(index));
}

function nameOf(index: number): string {
  return `pod-${String(index).padStart(5, '0')}`;
}

async function create(name: string): Promise<void> {
  const created = await createObject(client, Pod, {
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE, labels: { app: name } },
      spec: { containers: [{ name: 'none', image: 'none' }] },
    },
  });
  if (!created.ok) throw new Error(created.error.message);
}

async function patch(name: string): Promise<void> {
  const annotations = { [SENT_AT]: String(performance.now()) };
  const patched = await mergePatchObject(client, Pod, {
    name,
    namespace: NAMESPACE,
    patch: { metadata: { annotations } },
  });
  if (!patched.ok) throw new Error(patched.error.message);
}

function sentAtOf(raw: unknown): string {
  const { metadata } = raw as { metadata?: { annotations?: Record<string, string> } };
  return metadata?.annotations?.[SENT_AT] ?? '';
}

function openClient() {
  const url = parseServerUrl(server.url);
  if (!url.ok) throw new Error(url.error);
  return openKubeClient(
    {
      cluster: 'scale',
      server: url.value,
      caPem: server.caCertPem,
      credential: { kind: 'token', token: sensitive(server.token) },
    },
    // The machine may be busy with other things: what is late is measured, not refused.
    { addressPolicy: localAddressPolicy, connectTimeoutMs: 30_000, timeoutMs: 60_000 },
  );
}

/** From /proc; NaN elsewhere than on Linux. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
