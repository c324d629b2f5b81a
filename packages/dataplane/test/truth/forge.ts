import type { DomainName } from '@flatland/shared/model/names';
import { instancesOf, type TruthTopology } from './topology.ts';
import type { TruthWorld } from './truth-world.ts';

/**
 * Lets a member of each domain pretend the address of another towards a third. Gives, in words, whom the member's own
 * router believed: it must drop the packet and count it.
 */
export async function forge(topology: TruthTopology, world: TruthWorld): Promise<string[]> {
  const believed: string[] = [];
  for (const { name } of topology.domains) {
    const domain = name as DomainName;
    const members = instancesOf(topology).flatMap((instance) => {
      const [address] = world.addressesOf(instance.workload.cluster, instance.pod.uid, domain);
      return address === undefined || instance.pod.state !== 'running' ? [] : [{ ...instance, address }];
    });
    const [liar, victim, target] = members;
    if (liar === undefined || victim === undefined || target === undefined) continue;
    if (victim.address.includes(':') !== target.address.includes(':')) continue;
    const { pod } = liar;
    const drops = async () =>
      (await world.during(world.report(pod.node))).domains.find((one) => one.domain === domain)?.drops[
        'source-not-allowed'
      ] ?? 0;
    const before = await drops();
    await world.during(
      world.sendForged(pod.node, pod.uid, { domain, from: victim.address, to: target.address }),
    );
    if ((await drops()) === before)
      believed.push(`${pod.name} was believed to be ${victim.pod.name} in ${domain}`);
  }
  return believed;
}
