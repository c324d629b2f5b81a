import { addressBlockName } from '@flatland/shared/address/block-name';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { AddressBlock } from '@flatland/shared/model/address-block';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type ObjectMeta,
} from '@flatland/shared/model/kubernetes-object';
import type { Member, MemberSlice, RefusedMember } from '@flatland/shared/model/member-slice';
import type { DomainName, NodeName } from '@flatland/shared/model/names';
import type { EndpointCandidate, NodePeer } from '@flatland/shared/model/node-peer';
import type { ClusterName, ObjectName } from '@flatland/shared/model/names';
import { addressFamily } from '../addresses/block-addresses.ts';
import { compareText } from './compare-text.ts';
import type { CompileInput, DomainKey, LocalFacts } from './compile-input.ts';
import { underlayMtuBytes } from './domain-mtu.ts';
import type { DomainProgram } from './node-program.ts';

/** Version of the tunnel protocol that this release speaks. */
const PROTOCOL_VERSIONS = [1];

/** What identifies the Node object as owner, so that the node's objects go with it. */
export interface NodeOwner {
  readonly name: NodeName;
  /** Empty where the Node object is not known. */
  readonly uid: string;
}

/** Name of the NodePeer and MemberSlice of a domain on a node. */
export function nodeObjectName(domain: DomainName, node: NodeName): ObjectName {
  return `${domain}.${node}` as ObjectName;
}

/**
 * The AddressBlock whose creation claims a block for the node. It does not go with the Node object: Kubernetes would
 * free it at once, and a released address rests. The controller takes away what a node that is gone has left.
 */
export function addressBlockObject(domain: DomainName, prefix: Cidr, owner: NodeOwner): AddressBlock {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'AddressBlock',
    metadata: { name: addressBlockName(domain, prefix), labels: labels(domain) },
    spec: { domain, prefix, node: owner.name },
  };
}

/** The node's side of a domain's tunnels. */
export function nodePeerObject(
  program: DomainProgram,
  key: DomainKey,
  owner: NodeOwner,
  input: Pick<CompileInput, 'local'>,
): NodePeer {
  const { local } = input;
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'NodePeer',
    metadata: metadata(nodeObjectName(program.domain, owner.name), program.domain, owner),
    spec: {
      domain: program.domain,
      node: owner.name,
      publicKey: key.publicKey,
      candidates: candidates(program.domain, key, input),
      via: local.relays.flatMap((relay) => {
        const [cluster, node] = relay.split('/');
        return cluster && node ? [{ cluster: cluster as ClusterName, node: node as NodeName }] : [];
      }),
      behindNat: local.natFamilies.length > 0,
      blocks: [...program.blocks],
      routerAddresses: [...program.routerAddresses],
      underlayMtuBytes: underlayMtuBytes(local.underlay),
      protocolVersions: PROTOCOL_VERSIONS,
    },
  };
}

/** The members of a domain on the node that are programmed, and those that are refused. */
export function memberSliceObject(
  domain: DomainName,
  owner: NodeOwner,
  members: readonly Member[],
  refused: readonly RefusedMember[],
): MemberSlice {
  const byPod = <T extends { readonly pod: { readonly uid: string } }>(entries: readonly T[]): T[] =>
    entries.toSorted((a, b) => compareText(a.pod.uid, b.pod.uid));
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'MemberSlice',
    metadata: metadata(nodeObjectName(domain, owner.name), domain, owner),
    spec: { domain, node: owner.name, members: byPod(members), refused: byPod(refused) },
  };
}

function candidates(
  domain: DomainName,
  key: DomainKey,
  { local }: Pick<CompileInput, 'local'>,
): EndpointCandidate[] {
  const { listenPort: port } = key;
  const observed = local.observedEndpoints[domain] ?? [];
  const own = local.underlay.map(({ address }) => ({ address, port, source: sourceOf(address, local) }));
  const all: EndpointCandidate[] = [
    ...(local.external === undefined
      ? []
      : [
          {
            address: local.external.address,
            port: local.external.port ?? port,
            source: 'configured' as const,
          },
        ]),
    ...own.filter(({ source }) => source === 'interface'),
    ...observed.map((endpoint) => ({ ...endpoint, source: 'observed' as const })),
    // What nobody has seen at work comes after what peers did.
    ...own.filter(({ source }) => source === 'observed'),
  ];
  const seen = new Set<string>();
  return all.filter((candidate) => {
    const key = `${candidate.address} ${candidate.port}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Other clusters pass over interfaces' addresses of a node that is behind NAT: not over those of a family that is not. */
function sourceOf(address: IpAddress, { natFamilies }: LocalFacts): EndpointCandidate['source'] {
  const isOfUse = natFamilies.length > 0 && !natFamilies.includes(addressFamily(address));
  return isOfUse ? 'observed' : 'interface';
}

function metadata(name: ObjectName, domain: DomainName, owner: NodeOwner): ObjectMeta {
  return {
    name,
    labels: labels(domain),
    ...(owner.uid !== '' && {
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: owner.name, uid: owner.uid }],
    }),
  };
}

function labels(domain: DomainName): Record<string, string> {
  return { [OWNER_LABEL]: OWNER_LABEL_VALUE, 'flatland.dev/domain': domain };
}
