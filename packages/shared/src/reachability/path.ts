import type { DomainName } from '../model/names.ts';
import type { WorkloadView } from '../topology/topology.ts';
import type { Tunnels } from './tunnels.ts';
import type { EndRef, Hop } from './verdict.ts';

/** Hop by hop from an instance of A to one of B in a domain: the first programmed instance of each where none is named. */
export function pathBetween(
  ends: { readonly a: WorkloadView; readonly b: WorkloadView; readonly from: EndRef; readonly to: EndRef },
  domain: DomainName,
  tunnels: Tunnels,
): Hop[] {
  const near = programmedInstance(ends.a, ends.from, domain);
  const far = programmedInstance(ends.b, ends.to, domain, near?.uid);
  if (near === undefined || far === undefined) return [];
  const nearNode = `${ends.a.cluster}/${near.node}`;
  const farNode = `${ends.b.cluster}/${far.node}`;
  const relay = tunnels.between(domain, nearNode, farNode)?.relay;
  const between: Hop[] =
    nearNode === farNode
      ? []
      : [
          {
            type: 'tunnel',
            from: nearNode,
            to: farNode,
            domain,
            ...(relay !== undefined && { relay }),
          },
          { type: 'router', node: farNode, domain },
        ];
  return [
    { type: 'instance', workload: ends.a.id, instance: near.name, address: near.address },
    { type: 'router', node: nearNode, domain },
    ...between,
    { type: 'instance', workload: ends.b.id, instance: far.name, address: far.address },
  ];
}

function programmedInstance(workload: WorkloadView, end: EndRef, domain: DomainName, notUid?: string) {
  for (const instance of workload.instances) {
    if (end.instance !== undefined && end.instance !== instance.name) continue;
    if (instance.uid === notUid) continue;
    const address = instance.members.find((member) => member.domain === domain)?.addresses[0];
    if (address !== undefined)
      return { name: instance.name, uid: instance.uid, node: instance.node, address };
  }
  return undefined;
}
