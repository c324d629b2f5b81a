import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { TruthWorld } from './truth-world.ts';

/** The domain red in the cluster east, joined by workloads: the first has its pod on east-1, the second on east-2… */
export async function joinRed(world: TruthWorld, workloads: readonly string[]): Promise<void> {
  world.putEverywhere(
    domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } }),
    ...workloads.map((workload) => membershipObject('shop', 'red', workload)),
  );
  for (const [i, workload] of workloads.entries())
    await world.addPods('east', podObjects('shop', workload, `east-${i + 1}`));
}
