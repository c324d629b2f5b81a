import { readFileSync } from 'node:fs';
import type { PodProgram } from '../src/pod-program.ts';
import type { Stack } from '../src/stack.ts';
import { startJoinWorld } from './lib/join-worlds.ts';

/**
 * Prints how long a join takes on the kernel datapath, from the moment that the change set is sent for
 * applying to the first packet that comes back: `ping` runs inside the pod all the while. Budget: p95 of
 * 50 joins at most 300 ms in the lab; with FLATLAND_WORLD=kubernetes, 1 s on two real clusters, which are brought up
 * where they are not. An argument says how many joins, all targets together.
 */
const N_JOINS = Number(process.argv[2] ?? 50);
const POD = 'onprem-fra/legacy/print-server';
const WORKLOAD = 'onprem-fra/legacy/Deployment/print-server';
const SILENCE_MS = 500;
const TARGETS = [
  { name: 'other cluster', workload: 'aws-east/shop/Deployment/frontend', isOnNode: false },
  // It has an instance on each of the cluster's two nodes.
  { name: 'other node', workload: 'onprem-fra/shop/Deployment/inventory', isOnNode: false },
  { name: 'same node', workload: 'onprem-fra/shop/Deployment/inventory', isOnNode: true },
];

let console_: Api;
const world = await startJoinWorld(POD);
try {
  await measure();
} finally {
  await world[Symbol.asyncDispose]();
}

async function measure(): Promise<void> {
  console_ = openConsole(world.stack);
  while (!(await console_.isReady())) await sleep(200);
  for (const target of TARGETS) {
    await apply('join');
    const ping = world.startInPod(['ping', '-D', '-n', '-i', '0.01', await redAddress(target)]);
    await ping.line((line) => repliedAtMs(line) > 0);
    const timesMs: number[] = [];
    for (let index = 0; index < Math.ceil(N_JOINS / TARGETS.length); index++) {
      await apply('leave');
      await untilSilent(ping);
      const { sentAtMs, settled } = await send('join');
      const first = await ping.line((line) => repliedAtMs(line) > sentAtMs);
      timesMs.push(repliedAtMs(first) - sentAtMs);
      await settled();
    }
    ping.stop();
    await apply('leave');
    print(target.name, timesMs);
  }
}

function print(name: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const verdict = at(0.95) <= world.budgetMs ? 'met' : 'MISSED';
  console.log(
    `join to first packet, ${world.name}, ${name}: ${sorted.length} joins, p50 ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, max ${at(1).toFixed(0)} ms; budget p95 ${world.budgetMs} ms: ${verdict}`,
  );
}

/** When the packet that a line of `ping -D` tells of came back; 0 for any other line. */
function repliedAtMs(line: string): number {
  return Number(/\[(\d+\.\d+)\] \d+ bytes from/.exec(line)?.[1] ?? 0) * 1000;
}

/** Until no packet has come back for a while, so that the next that does is the join's. */
async function untilSilent(ping: PodProgram): Promise<void> {
  while (Date.now() - repliedAtMs(ping.last() ?? '') < SILENCE_MS) await sleep(50);
}

interface Api {
  isReady(): Promise<boolean>;
  call(procedure: string, input: unknown): Promise<unknown>;
  query(procedure: string, input?: unknown): Promise<unknown>;
}

function openConsole(running: Stack): Api {
  const { url } = JSON.parse(readFileSync(`${running.dataDir}/console.json`, 'utf8')) as { url: string };
  const token = readFileSync(`${running.dataDir}/cli-token`, 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-flatland': '1' };
  const read = async (response: Response) => {
    const body = (await response.json()) as { result?: { data: unknown }; error?: unknown };
    if (body.result === undefined) throw new Error(JSON.stringify(body.error));
    return body.result.data;
  };
  return {
    isReady: async () => (await fetch(`${url}/readyz`)).ok,
    call: async (procedure, input) =>
      read(await fetch(`${url}/trpc/${procedure}`, { method: 'POST', headers, body: JSON.stringify(input) })),
    query: async (procedure, input) =>
      read(
        await fetch(
          `${url}/trpc/${procedure}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`,
          { headers },
        ),
      ),
  };
}

/** The address in red of an instance that is, or is not, on the joining pod's own node. */
async function redAddress(target: (typeof TARGETS)[number]): Promise<string> {
  const { workloads } = (await console_.query('topology.get')) as {
    workloads: Record<
      string,
      { instances: { node: string; members: { domain: string; addresses: string[] }[] }[] }
    >;
  };
  const node = workloads[WORKLOAD]?.instances[0]?.node;
  const address = workloads[target.workload]?.instances
    .find((instance) => (instance.node === node) === target.isOnNode)
    ?.members.find((member) => member.domain === 'red')?.addresses[0];
  if (address === undefined) throw new Error(`${target.workload} has no address in red there`);
  return address;
}

/** Plans, and sends for applying; `settled` waits until all is proved. */
async function send(
  kind: 'join' | 'leave',
): Promise<{ readonly sentAtMs: number; readonly settled: () => Promise<void> }> {
  const draft = await planned([{ kind, workload: WORKLOAD, domain: 'red' }], `bench: ${kind}`);
  const sentAtMs = Date.now();
  await console_.call('changeSet.applyPlan', draft);
  const state = async () => {
    const found = (await console_.query('changeSet.get', { id: draft.id })) as { summary: { state: string } };
    return found.summary.state;
  };
  const settled = async () => {
    while ((await state()) !== 'proved') await sleep(100);
  };
  return { sentAtMs, settled };
}

async function apply(kind: 'join' | 'leave'): Promise<void> {
  const { settled } = await send(kind);
  await settled();
}

async function planned(
  intents: unknown[],
  title: string,
): Promise<{ id: string; expectedPlanHash: string; acknowledged: string[] }> {
  const draft = (await console_.call('changeSet.create', {
    title,
    intents,
    idempotencyKey: crypto.randomUUID(),
  })) as {
    summary: { id: string };
    planned: { planHash: string; plan: { warnings: { code: string }[] } };
  };
  return {
    id: draft.summary.id,
    expectedPlanHash: draft.planned.planHash,
    acknowledged: draft.planned.plan.warnings.map((warning) => warning.code),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
