/**
 * How soon a dead path is noticed and healed: `node bench/dead-path.ts [ROUNDS]`. Two nodes in the kernel, each with an
 * agent, a forwarder and a member; their underlay swallows everything between them for some seconds, at another
 * moment each round. Budget: called down within 3 s, packets again within 1 s of its return. Needs the right to make
 * network namespaces.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KernelFleet } from '../test/machine/kernel-fleet.ts';
import { machineLack, UNSHARE } from '../test/machine/private-machine.ts';
import { prepareMachine } from '../test/machine/prepare-machine.ts';
import { cutOff, twoMembers } from '../test/paths/dead-path.ts';
import { KernelTruthWorld } from '../test/truth/kernel-truth-world.ts';

const N_ROUNDS = Number(process.argv[2] ?? 20);
const BUDGET = { noticedMs: 3000, healedMs: 1000 };
const CUT_MS = 6000;
const INSIDE = 'FLATLAND_BENCH_INSIDE';

const lack = machineLack();
if (process.env[INSIDE] === '1') await main();
else if (lack === undefined) enter();
else process.stdout.write(`bench of a dead path left out: this machine lacks ${lack}\n`);

function enter(): void {
  const command = [process.execPath, fileURLToPath(import.meta.url), String(N_ROUNDS)];
  const env = { ...process.env, [INSIDE]: '1' };
  process.exitCode = spawnSync('unshare', [...UNSHARE, ...command], { stdio: 'inherit', env }).status ?? 1;
}

async function main(): Promise<void> {
  prepareMachine();
  const fleet = new KernelFleet();
  const world = new KernelTruthWorld(fleet);
  await twoMembers(world);
  const noticed: number[] = [];
  const healed: number[] = [];
  for (let round = 0; round < N_ROUNDS; round++) {
    await world.pass(2000 + ((round * 370) % 1000));
    const seen = await cutOff(world, { forMs: CUT_MS, stepMs: 20, nowMs: () => performance.now() });
    noticed.push(seen.noticedMs);
    healed.push(seen.healedMs);
  }
  await world.close();
  await fleet.close();
  print('dead path noticed', noticed, BUDGET.noticedMs);
  print('healed', healed, BUDGET.healedMs);
}

function print(what: string, values: readonly number[], budgetMs: number): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? NaN)} ms`;
  const worst = sorted.at(-1) ?? NaN;
  const verdict = worst < budgetMs ? 'within' : 'OVER';
  process.stdout.write(
    `${what}: p50 ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)} of ${values.length} (budget ${budgetMs} ms: ${verdict})\n`,
  );
}
