import { joinRed } from '../truth/join-red.ts';
import type { TruthWorld } from '../truth/truth-world.ts';

/** How long a path of two nodes was dead, and what was seen of it. */
export interface DeadPath {
  /** From the first lost packet to the report that calls the path down. */
  readonly noticedMs: number;
  /** From the path's return to the first packet between members. */
  readonly healedMs: number;
}

/** Two nodes with a member each, that reach each other. */
export async function twoMembers(world: TruthWorld): Promise<void> {
  await world.during(world.addCluster('east', 2));
  await joinRed(world, ['frontend', 'cart']);
  while (!(await isUp(world)) || !(await echoes(world))) await world.pass(100);
}

/** Cuts the two nodes off from each other for a time, and looks every `stepMs` by the world's clock. */
export async function cutOff(
  world: TruthWorld,
  { forMs, stepMs, nowMs }: { readonly forMs: number; readonly stepMs: number; readonly nowMs: () => number },
): Promise<DeadPath> {
  const cutAtMs = nowMs();
  await world.setPartition('east-1', 'east-2', true);
  while (await isUp(world)) await world.pass(stepMs);
  const noticedMs = nowMs() - cutAtMs;
  await world.pass(Math.max(0, forMs - noticedMs));
  const backAtMs = nowMs();
  await world.setPartition('east-1', 'east-2', false);
  while (!(await echoes(world)));
  const healedMs = nowMs() - backAtMs;
  while (!(await isUp(world))) await world.pass(stepMs);
  return { noticedMs, healedMs };
}

/** Whether the first node calls its path to the other up. */
export async function isUp(world: TruthWorld): Promise<boolean> {
  return (await world.during(world.report('east-1'))).domains[0]?.peers[0]?.up === true;
}

async function echoes(world: TruthWorld): Promise<boolean> {
  const [to] = world.addressesOf('east', 'shop-cart-0', 'red');
  if (to === undefined) return false;
  return (await world.during(world.ping('east-1', 'shop-frontend-0', to, 100))).kind === 'echoed';
}
