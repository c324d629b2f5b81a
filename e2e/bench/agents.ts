import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clustersWorld, labWorld, type IdleWorld } from './lib/idle-worlds.ts';

/**
 * Prints what the agent, the forwarder and the controller of each node and cluster cost while nothing changes: memory
 * resident, and without what they share with other processes of Node (private, and Pss, in which shared pages count in
 * part); processor time of their own, and of programs that they ran, over a minute. Budget of an agent: 80 MB resident,
 * 1 % of a core.
 *
 *   node e2e/bench/agents.ts [SECONDS]                             in the lab
 *   FLATLAND_WORLD=kubernetes node e2e/bench/agents.ts [SECONDS]   on two real clusters, from the image
 */
const SECONDS = Number(process.argv[2] ?? 60);
const SETTLE_MS = 60_000;
const BUDGET_MB = 80;
const BUDGET_PERCENT = 1;
/** Of a second: what /proc counts in. */
const TICK = 1 / 100;

interface Cost {
  readonly residentMb: number;
  readonly pssMb: number;
  readonly privateMb: number;
  readonly ownPercent: number;
  readonly childrenPercent: number;
}

const world = process.env['FLATLAND_WORLD'] === 'kubernetes' ? await clustersWorld() : await labWorld();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp());
try {
  await sleep(SETTLE_MS);
  console.log(world.name);
  for (const program of ['agent', 'forwarder', 'controller']) await report(world, program);
} finally {
  await world[Symbol.asyncDispose]();
}

async function giveUp(): Promise<void> {
  await world[Symbol.asyncDispose]();
  process.exit(1);
}

async function report(of: IdleWorld, program: string): Promise<void> {
  const pids = of.processesOf(program);
  if (pids.length === 0) throw new Error(`there is no ${program}`);
  const before = new Map(pids.map((pid) => [pid, processorTicks(pid)]));
  await sleep(SECONDS * 1000);
  const costs = pids.map((pid): Cost => {
    const percent = (ticks: number) => (100 * ticks * TICK) / SECONDS;
    const [own, children] = processorTicks(pid);
    const [ownBefore, childrenBefore] = before.get(pid)!;
    return {
      residentMb: memoryMb(pid, ['Rss']),
      pssMb: memoryMb(pid, ['Pss']),
      privateMb: memoryMb(pid, ['Private_Clean', 'Private_Dirty']),
      ownPercent: percent(own - ownBefore),
      childrenPercent: percent(children - childrenBefore),
    };
  });
  const range = (of_: (cost: Cost) => number, digits: number) => {
    const values = costs.map(of_);
    return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
  };
  const isMet = costs.every(
    (cost) => cost.residentMb <= BUDGET_MB && cost.ownPercent + cost.childrenPercent < BUDGET_PERCENT,
  );
  console.log(
    `${program}, ${costs.length} processes: ${range((cost) => cost.residentMb, 0)} MB resident, ` +
      `${range((cost) => cost.pssMb, 0)} Pss, ${range((cost) => cost.privateMb, 0)} private; ` +
      `${range((cost) => cost.ownPercent, 2)} % of a core, ${range((cost) => cost.childrenPercent, 2)} % in programs that it ran` +
      (program === 'agent'
        ? `; budget ${BUDGET_MB} MB, ${BUDGET_PERCENT} %: ${isMet ? 'met' : 'MISSED'}`
        : ''),
  );
}

/** User and system time of a process and of its children that have ended (proc(5)). */
function processorTicks(pid: number): readonly [own: number, children: number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return [fields[11]! + fields[12]!, fields[13]! + fields[14]!];
}

function memoryMb(pid: number, names: readonly string[]): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = names.map((name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]));
  return kilobytes.reduce((sum, kB) => sum + kB, 0) / 1024;
}
