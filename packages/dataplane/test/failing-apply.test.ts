import { expect, it, vi } from 'vitest';
import type { AgentPorts } from '../src/agent/agent-options.ts';
import { domainObject, membershipObject, podObjects } from '../src/agent/testing/objects.ts';
import type { ApplyOutcome, NetworkProgram } from '../src/ports/host-network.ts';
import { MemoryAgentsWorld } from './memory-world/agents-world.ts';

const WITHIN = { timeout: 10_000, interval: 20 };

it('a member whose network cannot be looked at for a moment is told as before, and no new one is', async () => {
  let isBroken = false;
  let nRuns = 0;
  const tamper = (ports: AgentPorts): AgentPorts => ({
    ...ports,
    network: new Proxy(ports.network, {
      get: (network, name) => {
        const value = Reflect.get(network, name) as unknown;
        if (name !== 'apply') return typeof value === 'function' ? (value.bind(network) as unknown) : value;
        return async (program: NetworkProgram): Promise<ApplyOutcome> => {
          const outcome = await network.apply(program);
          nRuns += 1;
          if (!isBroken) return outcome;
          const members = outcome.members.map(({ domain, podUid }) => ({
            domain,
            podUid,
            ok: false as const,
            reason: 'failed' as const,
            message: 'busy',
          }));
          return { ...outcome, members };
        };
      },
    }),
  });
  const world = new MemoryAgentsWorld({ tamper });
  const isTold = (pod: number) => world.addressesOf('east', `shop-cart-${pod}`, 'red').length > 0;
  try {
    await world.addCluster('east', 1);
    world.putEverywhere(
      domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } }),
      membershipObject('shop', 'red', 'cart'),
    );
    await world.addPods('east', podObjects('shop', 'cart', 'east-1'));
    await vi.waitFor(() => expect(isTold(0)).toBe(true), WITHIN);

    isBroken = true;
    const before = nRuns;
    await world.addPods('east', podObjects('shop', 'cart', 'east-1', { first: 1 }));
    await vi.waitFor(() => expect(nRuns).toBeGreaterThan(before + 1), WITHIN);
    expect([isTold(0), isTold(1)]).toEqual([true, false]);

    isBroken = false;
    await vi.waitFor(() => expect([isTold(0), isTold(1)]).toEqual([true, true]), WITHIN);
  } finally {
    await world.close();
  }
});
