import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { AgentPorts } from '../src/agent/agent-options.ts';
import { domainObject, nodeObject } from '../src/agent/testing/objects.ts';
import { VirtualClock } from '../src/io/memory/virtual-clock.ts';
import { MemoryAgentsWorld } from './memory-world/agents-world.ts';
import { VirtualTime } from './memory-world/virtual-time.ts';

vi.setConfig({ testTimeout: 120_000 });

/** How long things take, in milliseconds. */
const delays = fc.record({
  /** Of one creation after the other, over and over. */
  createMs: fc.array(fc.nat(80), { minLength: 1, maxLength: 5 }),
  fileMs: fc.nat(80),
  watchMs: fc.nat(3000),
  /** When nodes join whose names come before those that are there. */
  joins: fc.array(fc.nat(150), { maxLength: 4 }),
  /** Creations whose answer is lost, of the first ones. */
  lost: fc.array(fc.boolean(), { maxLength: 3 }),
});
type Delays = typeof delays extends fc.Arbitrary<infer Value> ? Value : never;

describe('a node claims one block of each family', () => {
  it('whatever takes its time, and whatever its place among the nodes becomes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(delays, async (given) => {
        for (const [node, blocks] of await claimedBlocks(given)) expect([node, blocks]).toEqual([node, 2]);
      }),
      { numRuns: 100 },
    );
  });

  it('where its place changes after a claim is answered and before that is seen', async () => {
    const given = { createMs: [0, 1], fileMs: 3, watchMs: 0, joins: [7], lost: [] };
    expect([...(await claimedBlocks(given)).values()]).toEqual([2, 2]);
  });

  it('where its place changes after the answer to a claim was lost', async () => {
    const given = { createMs: [0], fileMs: 0, watchMs: 3000, joins: [10], lost: [true, true, true] };
    expect([...(await claimedBlocks(given)).values()]).toEqual([2, 2]);
  });
});

/** Lets two nodes find a domain of two families; gives the number of blocks that each has claimed in the end. */
async function claimedBlocks(given: Delays): Promise<Map<string, number>> {
  const clock = new VirtualClock();
  const time = new VirtualTime(clock);
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.at(clock.nowMs() + ms, resolve));
  let nCreated = 0;
  const slow = (ports: AgentPorts): AgentPorts => ({
    ...ports,
    cluster: {
      ...ports.cluster,
      async create(object) {
        const n = nCreated++;
        const halfMs = (given.createMs[n % given.createMs.length] ?? 0) / 2;
        await sleep(halfMs);
        if (given.lost[n] === true) {
          const isFree = world.api('east').get(object.kind, object.metadata.name) === undefined;
          if (isFree) world.api('east').put(object);
          await sleep(halfMs);
          return { kind: 'unavailable', message: 'no answer' };
        }
        const outcome = await ports.cluster.create(object);
        await sleep(halfMs);
        return outcome;
      },
    },
    files: {
      read: (name, schema) => ports.files!.read(name, schema),
      list: (folder) => ports.files!.list(folder),
      remove: (name) => ports.files!.remove(name),
      async write(name, value) {
        await sleep(given.fileMs);
        await ports.files!.write(name, value);
      },
    },
  });
  const world: MemoryAgentsWorld = new MemoryAgentsWorld({ clock, tamper: slow });
  await time.during(world.addCluster('east', 2));
  const api = world.api('east');
  api.deliver = (tell) => void clock.at(clock.nowMs() + given.watchMs, tell);
  const slices = { east: ['10.81.0.0/20', 'fd00:81::/52'] };
  world.putEverywhere(domainObject('red', { prefixes: ['10.81.0.0/16', 'fd00:81::/48'], clusters: slices }));
  for (const [index, atMs] of given.joins.entries())
    clock.at(clock.nowMs() + atMs, () => {
      api.put(nodeObject(`a-${index}`, `192.0.2.${100 + index}`));
    });
  await time.pass(20_000);
  const owners = api.list('AddressBlock').map((block) => (block['spec'] as { node: string }).node);
  await time.during(world.close());
  return new Map(['east-1', 'east-2'].map((node) => [node, owners.filter((owner) => owner === node).length]));
}
