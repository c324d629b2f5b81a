import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinRed } from './truth/join-red.ts';
import { MemoryTruthWorld } from './truth/memory-truth-world.ts';

const HOUR_MS = 3_600_000;

describe('a node whose clock goes back', () => {
  let world: MemoryTruthWorld;
  beforeEach(async () => {
    world = new MemoryTruthWorld();
    await world.during(world.addCluster('east', 2));
    await joinRed(world, ['frontend', 'cart']);
    await world.pass(10_000);
  });
  afterEach(() => world.close());

  it('is believed by its peers at once, though its forwarder starts anew', async () => {
    await world.pass(HOUR_MS);
    world.node('east-1').clock.step(-24 * HOUR_MS);
    await world.during(world.restartForwarder('east-1'));
    await world.pass(5000);
    expect(await reaches()).toBe(true);
  });

  it('and starts anew soon after its first start is believed as well', async () => {
    world.node('east-1').clock.step(-24 * HOUR_MS);
    await world.during(world.restartForwarder('east-1'));
    await world.during(world.restartAgent('east-1'));
    await world.pass(5000);
    expect(await reaches()).toBe(true);
    await world.during(world.restartForwarder('east-1'));
    await world.pass(5000);
    expect(await reaches()).toBe(true);
  });

  it('after it was far ahead is believed once that was noticed', async () => {
    world.node('east-1').clock.step(24 * HOUR_MS);
    await world.pass(5 * 60_000);
    world.node('east-1').clock.step(-24 * HOUR_MS);
    await world.during(world.restartForwarder('east-1'));
    await world.pass(5000);
    expect(await reaches()).toBe(true);
  });

  /** From the node itself, whose initiations count. */
  async function reaches(): Promise<boolean> {
    const [to = ''] = world.addressesOf('east', 'shop-cart-0', 'red');
    return (await world.during(world.ping('east-1', 'shop-frontend-0', to))).kind === 'echoed';
  }
});
