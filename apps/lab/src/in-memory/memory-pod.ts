import type { MemoryNode } from '@flatland/dataplane/io/memory/host-network-node';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainNames } from './domain-names.ts';

/** A pod of an in-memory node, as its programs and `exec` see it. */
export type MemoryPod = {
  readonly node: MemoryNode;
  readonly podUid: string;
  /** Addresses of a name in the domains that the pod is in. */
  readonly resolve: (name: string) => readonly IpAddress[];
};

/** Makes the view of a pod. */
export function memoryPod(node: MemoryNode, podUid: string, names: DomainNames): MemoryPod {
  const domains = () =>
    [...node.routers].flatMap(([domain, { program }]) =>
      program?.members.some((member) => member.podUid === podUid) === true ? [domain] : [],
    );
  return { node, podUid, resolve: (name) => names.resolve(name, domains()) };
}
