import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { MemoryApi } from './memory-api.ts';

/** What controllers do: each cluster's NodePeers and MemberSlices into the others' RemoteSlices. */
export class Mirror {
  /** Mirrors every side in two slices, as controllers do with large ones. */
  inParts = false;
  readonly #apis: ReadonlyMap<string, MemoryApi>;
  readonly #cut = new Set<string>();
  #isDue = false;

  constructor(apis: ReadonlyMap<string, MemoryApi>) {
    this.#apis = apis;
  }

  /** Mirrors before anything else of this moment is over; many changes of one moment are mirrored once. */
  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#mirrorAll();
    });
  }

  /** Mirrors nothing any more of one cluster into another; what was mirrored stays. */
  cut(origin: string, target: string): void {
    this.#cut.add(`${origin}>${target}`);
  }

  #mirrorAll(): void {
    for (const [origin, from] of this.#apis)
      for (const [cluster, to] of this.#apis) {
        if (origin === cluster || from.isAway || to.isAway || this.#cut.has(`${origin}>${cluster}`)) continue;
        const domains = new Set(to.list('Domain').map((domain) => domain.metadata.name));
        for (const domain of domains)
          for (const shard of this.inParts ? ['0', '1'] : [undefined])
            mirrorDomain({ origin, domain, shard }, from, to);
      }
  }
}

/** Addresses of a pod in a domain, as its node's MemberSlice tells them. */
export function addressesOfMember(api: MemoryApi, podUid: string, domain: string): IpAddress[] {
  for (const slice of api.list('MemberSlice')) {
    const spec = slice['spec'] as MemberSliceSpecLike;
    if (spec.domain !== domain) continue;
    const member = spec.members.find((candidate) => candidate.pod.uid === podUid);
    if (member !== undefined) return member.addresses;
  }
  return [];
}

interface Part {
  readonly origin: string;
  readonly domain: string;
  readonly shard: string | undefined;
}

function mirrorDomain({ origin, domain, shard }: Part, from: MemoryApi, to: MemoryApi): void {
  const specs = (kind: string) =>
    from
      .list(kind)
      .map((object) => object['spec'] as { domain: string; node: string })
      .filter((spec) => spec.domain === domain)
      .filter(({ node }) => shard === undefined || String(node.charCodeAt(node.length - 1) % 2) === shard);
  const slice: KubernetesObject = {
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'RemoteSlice',
    metadata: { name: [origin, domain, ...(shard === undefined ? [] : [shard])].join('.') },
    spec: {
      origin: { cluster: origin, uid: `uid-${origin}`, epoch: 1 },
      domain,
      payloadVersion: shard === undefined ? 1 : 2,
      ...(shard !== undefined && { shard }),
      peers: specs('NodePeer'),
      members: specs('MemberSlice'),
    },
  };
  const known = to.get('RemoteSlice', slice.metadata.name);
  if (JSON.stringify(known?.['spec']) !== JSON.stringify(slice['spec'])) to.put(slice);
}

interface MemberSliceSpecLike {
  readonly domain: string;
  readonly members: readonly { readonly pod: { readonly uid: string }; readonly addresses: IpAddress[] }[];
}
