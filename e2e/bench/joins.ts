import { readFileSync } from 'node:fs';
import { startInPod } from '../src/pod-program.ts';
import { startStack, type Stack } from '../src/stack.ts';

/**
 * Prints how long a join takes on the kernel datapath, from the moment that the change set is sent for
 * applying to the first packet that comes back: `ping` runs inside the pod all the while. Budget: p95 of
 * 50 joins at most 300 ms.
 */
const N_JOINS = Number(process.argv[2] ?? 50);
const BUDGET_MS = 300;
const POD = 'onprem-fra/legacy/print-server';
const WORKLOAD = 'onprem-fra/legacy/Deployment/print-server';
/** A line of `ping -D` for a packet that came back: its time in seconds since 1970. */
const REPLY = /\[(\d+\.\d+)\] \d+ bytes from/;
const TARGETS = [
  { name: 'other cluster', workload: 'aws-east/shop/Deployment/frontend' },
  { name: 'same cluster', workload: 'onprem-fra/analytics/Deployment/reporting' },
];

let console_: Api;
const stack = await startStack({ env: { FLATLAND_DATAPATH: 'kernel', FLATLAND_PORT: '0' } });
try {
  await measure();
} finally {
  await stack[Symbol.asyncDispose]();
}

async function measure(): Promise<void> {
  console_ = openConsole(stack);
  while (!(await console_.isReady())) await sleep(200);
  for (const target of TARGETS) {
    const address = await redAddress(target.workload);
    const timesMs: number[] = [];
    for (let index = 0; index < Math.ceil(N_JOINS / TARGETS.length); index++) {
      const ping = startPing(address);
      await sleep(400);
      const sentAtMs = await applyJoin();
      const firstAtMs = await Promise.race([ping.firstReplyMs, sleep(15_000).then(() => undefined)]);
      ping.stop();
      if (firstAtMs === undefined) throw new Error(`no packet came back from ${address}`);
      timesMs.push(firstAtMs - sentAtMs);
      await applyIntents([{ kind: 'leave', workload: WORKLOAD, domain: 'red' }], 'bench: leave');
      await sleep(300);
    }
    timesMs.sort((a, b) => a - b);
    const at = (share: number) =>
      timesMs[Math.min(timesMs.length - 1, Math.floor(share * timesMs.length))] ?? Number.NaN;
    const verdict = at(0.95) <= BUDGET_MS ? 'met' : 'MISSED';
    console.log(
      `join to first packet, ${target.name}: ${timesMs.length} joins, p50 ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, max ${at(1).toFixed(0)} ms; budget p95 ${BUDGET_MS} ms: ${verdict}`,
    );
  }
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

async function redAddress(workload: string): Promise<string> {
  const topology = (await console_.query('topology.get')) as {
    workloads: Record<string, { instances: { members: { domain: string; addresses: string[] }[] }[] }>;
  };
  const address = topology.workloads[workload]?.instances[0]?.members.find(
    (member) => member.domain === 'red',
  )?.addresses[0];
  if (address === undefined) throw new Error(`${workload} has no address in red`);
  return address;
}

async function applyJoin(): Promise<number> {
  const draft = await planned([{ kind: 'join', workload: WORKLOAD, domain: 'red' }], 'bench: join');
  const sentAtMs = Date.now();
  await console_.call('changeSet.applyPlan', draft);
  return sentAtMs;
}

async function applyIntents(intents: unknown[], title: string): Promise<void> {
  await console_.call('changeSet.applyPlan', await planned(intents, title));
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

/** Pings from the pod all the while, and tells when the first answer came. */
function startPing(address: string): { readonly firstReplyMs: Promise<number>; stop(): void } {
  const ping = startInPod(stack, POD, ['ping', '-D', '-n', '-i', '0.01', '-w', '20', address]);
  const firstReplyMs = ping
    .line((line) => REPLY.test(line))
    .then((line) => Number(REPLY.exec(line)?.[1]) * 1000);
  return { firstReplyMs, stop: () => ping.stop() };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
