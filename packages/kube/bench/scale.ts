import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../test/conformance/api.ts';
import { startServerProcess } from '../test/crash/server-process.ts';
import { findPrograms } from '../test/real-server/programs.ts';
import { startRealServer } from '../test/real-server/real-server.ts';
import { runScale, type ScaleFigures, type ScaleServer } from '../test/scale/scale-run.ts';

/**
 * An API server with many pods, of which some change all the time, and whose history is forgotten every half minute:
 * how far watches lag behind, from the moment that a change is sent, and whether the memory of the server and of the
 * watches' process grows. The server is the embedded one, or with `FLATLAND_WORLD=kubernetes` a real kube-apiserver
 * without nodes. Budget: p99 below 1 s, memory within 10 % from the first third of the run to the last.
 *
 *   node packages/kube/bench/scale.ts [SECONDS] [PODS] [CHANGES A SECOND] [WATCHES]
 */
const [seconds = 120, nPods = 5000, perSecond = 100, nWatches = 4] = process.argv.slice(2).map(Number);
const BUDGET_MS = 1000;
const BUDGET_GROWTH = 0.1;
const COMPACT_EVERY_SECONDS = 30;

interface Measured extends ScaleServer {
  readonly name: string;
  readonly pid: number;
  readonly close: () => Promise<void>;
}

interface Sample {
  readonly serverMb: number;
  readonly watchesMb: number;
}

const server = process.env['FLATLAND_WORLD'] === 'kubernetes' ? await startReal() : await startEmbedded();
try {
  const memory: Sample[] = [];
  const sample = async () => {
    memory.push({ serverMb: await residentMb(server.pid), watchesMb: await residentMb(process.pid) });
  };
  const options = { seconds, nPods, perSecond, nWatches, compactEverySeconds: COMPACT_EVERY_SECONDS, sample };
  print(await runScale(server, options), memory);
} finally {
  await server.close();
}

async function startEmbedded(): Promise<Measured> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flatland-scale-'));
  const running = await startServerProcess(dataDir);
  return {
    ...running,
    name: 'embedded server',
    compact: running.forgetHistory,
    close: async () => {
      await running.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** No controllers run, so that the pods' account must be made; it gives them no tokens. */
async function startReal(): Promise<Measured> {
  const programs = findPrograms();
  if (programs === undefined)
    throw new Error('etcd or kube-apiserver is not there; `npm run clusters:build` makes both');
  const running = await startRealServer(programs);
  const api = new Api(running);
  const { code, text } = await api.create('/api/v1/namespaces/default/serviceaccounts', {
    metadata: { name: 'default' },
    automountServiceAccountToken: false,
  });
  api.close();
  if (code !== 201) throw new Error(text);
  const { url, caCertPem, token, pid, compact, close } = running;
  return { name: `kube-apiserver ${programs.release}`, url, caCertPem, token, pid, compact, close };
}

function print(figures: ScaleFigures, memory: readonly Sample[]): void {
  const { nChanges, nFailed, nCompactions, newcomersMs, nRelists, nWrong, lagsMs } = figures;
  console.log(
    `${server.name}: ${nPods} pods, ${nChanges} changes in ${seconds} s (${nFailed} failed), history forgotten ${nCompactions} times; ` +
      `load of the machine ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log(
    `${nWatches} watches: ${lagsMs.length} changes told, ${nRelists} lists again, ${nWrong} ended with another state ` +
      `than the server: ${verdict(nWrong === 0)}; ${newcomersMs.length} that came in between had all within ` +
      `${Math.max(0, ...newcomersMs).toFixed(0)} ms`,
  );
  const at = (share: number) => lagsMs[Math.min(lagsMs.length - 1, Math.floor(share * lagsMs.length))]!;
  const lag = `lag p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, max ${at(1).toFixed(0)} ms`;
  console.log(`${lag}; budget p99 ${BUDGET_MS} ms: ${verdict(at(0.99) < BUDGET_MS)}`);
  for (const [name, of] of [
    ['server', (sample: Sample) => sample.serverMb],
    ['watches', (sample: Sample) => sample.watchesMb],
  ] as const) {
    const third = Math.ceil(memory.length / 3);
    const [first, last] = [median(memory.slice(0, third).map(of)), median(memory.slice(-third).map(of))];
    console.log(
      `memory of the ${name}: median ${first.toFixed(0)} MB in the first third, ${last.toFixed(0)} MB in the last; ` +
        `budget +${100 * BUDGET_GROWTH} %: ${verdict(last <= first * (1 + BUDGET_GROWTH))}`,
    );
  }
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

/** From /proc; NaN elsewhere than on Linux. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
