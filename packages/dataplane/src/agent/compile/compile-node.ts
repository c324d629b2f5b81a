import { cidrFamily, compareCidr } from '@flatland/shared/address/arithmetic';
import type { Member, RefusedMember } from '@flatland/shared/model/member-slice';
import type { DomainName, NamespaceName, NodeName, ObjectName } from '@flatland/shared/model/names';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import { clusterFacts, type ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import type { RouterProgram } from '../../ports/host-network.ts';
import { NO_ADDRESSES, type AddressBook, type DomainAddresses } from '../addresses/address-book.ts';
import { assignAddresses } from '../addresses/assign-addresses.ts';
import { lostBlocks, restBlocks } from '../addresses/rest-blocks.ts';
import { compareText } from './compare-text.ts';
import { pathKey, type CompileInput } from './compile-input.ts';
import { dnsNames, dnsZone } from './dns-zone.ts';
import { memberMtuBytes } from './domain-mtu.ts';
import { nodeObject, withNodeObject } from './local-facts.ts';
import { addressBlocks, blocksOfNode, claimsAhead, claimsOf, freeBlocks, otherOwner } from './node-blocks.ts';
import { nodeDomains, type NodeDomain } from './node-domains.ts';
import { nodePeerObject, type NodeOwner } from './node-objects.ts';
import { nodePeers, sidesOf } from './node-peers.ts';
import type { BlockClaim, DomainProgram, NodeProgram } from './node-program.ts';
import { obsoleteObjects, ownClaims, unreadDomains, type ObsoleteObject } from './obsolete-objects.ts';
import { nodePods, refusedMember, selectMembers, type NodePod, type Selection } from './select-members.ts';

/** What a node should be, and what it has to ask and tell the API for that. */
export interface Compiled {
  readonly program: NodeProgram;
  /** Who has which address from here on; to be kept before it is programmed. */
  readonly addresses: AddressBook;
  readonly claims: readonly BlockClaim[];
  /** The node's own NodePeers, one of each domain that has a block. */
  readonly nodePeers: readonly NodePeer[];
  /** Refusals in domains that the node has no router for, by domain. */
  readonly strangers: readonly { readonly domain: DomainName; readonly refused: readonly RefusedMember[] }[];
  /** Own objects of domains that are gone or do not span the cluster any more, once they have rested. */
  readonly obsolete: readonly ObsoleteObject[];
  readonly owner: NodeOwner;
}

/** From objects to what this node should be. Pure; the order of the input does not matter. */
export function compileNode(asked: CompileInput): Compiled {
  const facts = factsOf(asked);
  const input = { ...asked, local: withNodeObject(asked.local, nodeObject(facts, asked.node)) };
  const domains = nodeDomains(facts);
  const pods = nodePods(facts, input.node);
  const selection = selectMembers(facts, pods);
  const world: World = { input, facts, pods, selection, blocks: addressBlocks(facts) };
  const compiled = domains.map((domain) => compileDomain(domain, world));
  const owner = nodeOwner(facts, input.node);
  const known = new Set<string>(domains.map((domain) => domain.name));
  const rest = restBlocks(addressBook(world, compiled), ownClaims(world, world.blocks, domains), input.nowMs);
  return {
    program: {
      network: { routers: compiled.flatMap(({ router }) => (router === undefined ? [] : [router])) },
      domains: compiled.map(({ program }) => program),
    },
    addresses: rest.book,
    claims: compiled.flatMap(({ claims }) => claims),
    nodePeers: compiled.flatMap(({ program }) => {
      const key = input.local.keys[program.domain];
      return key === undefined || program.routerAddresses.length === 0
        ? []
        : [nodePeerObject(program, key, owner, input)];
    }),
    strangers: [...Map.groupBy(selection.refused, (entry) => entry.domain)]
      .filter(([domain]) => !known.has(domain))
      .map(([domain, entries]) => ({ domain, refused: entries.map((entry) => entry.member) }))
      .toSorted((a, b) => compareText(a.domain, b.domain)),
    obsolete: obsoleteObjects(world, {
      due: rest.due,
      refusing: selection.refused.map((entry) => entry.domain),
      programs: compiled.map(({ program }) => program),
    }),
    owner,
  };
}

/** The objects that `compileNode` looks at, read once. */
export function factsOf(input: Pick<CompileInput, 'cluster' | 'objects' | 'nowMs'>): ClusterFacts {
  return clusterFacts({
    cluster: input.cluster,
    reachable: true,
    readOnly: false,
    lastSeenMs: input.nowMs,
    version: '',
    objects: input.objects,
  });
}

interface World {
  readonly input: CompileInput;
  readonly facts: ClusterFacts;
  readonly pods: readonly NodePod[];
  readonly selection: Selection;
  readonly blocks: ReturnType<typeof addressBlocks>;
}

interface CompiledDomain {
  readonly domain: NodeDomain;
  readonly program: DomainProgram;
  /** Absent while the node has no block. */
  readonly router: RouterProgram | undefined;
  readonly addresses: AddressBook[string];
  readonly claims: readonly BlockClaim[];
}

function compileDomain(domain: NodeDomain, world: World): CompiledDomain {
  const { input, facts, selection } = world;
  const claims = claimsOf(domain, world.blocks);
  const before = input.addresses[domain.name] ?? NO_ADDRESSES;
  const blocks = blocksOfNode(domain, claims, input.node, before.blocks);
  const wanted = selection.wanted.filter((entry) => entry.domain === domain.name);
  const nodes = (facts.byKind.get('Node') ?? []).map((node) => node.metadata.name).toSorted(compareText);
  const free = new Map(
    domain.families.map((family) => [
      family,
      freeBlocks(domain, family, claims, Math.max(0, nodes.indexOf(input.node))),
    ]),
  );
  const claimable = new Set(domain.families.filter((family) => (free.get(family)?.length ?? 0) > 0));
  const assignment = assignAddresses(before, {
    families: domain.families,
    blocks,
    wanted: wanted.map((entry) => entry.pod.uid),
    livePods: new Set(world.pods.map(({ pod }) => pod.uid)),
    claimable,
    nowMs: input.nowMs,
  });
  const lost = lostBlocks(
    before.lost ?? [],
    before.blocks,
    (block) => otherOwner(claims, input.node, block),
    input.nowMs,
  );
  const { leaving } = before;
  const addresses: DomainAddresses = {
    ...assignment.addresses,
    ...(lost.length > 0 && { lost }),
    ...(leaving !== undefined && { leaving }),
  };
  const complete = addresses.routers.length === domain.families.length;
  const without = new Set(assignment.without);
  const members = complete ? wanted.filter((entry) => !without.has(entry.pod.uid)) : [];
  const { peers, findings } = nodePeers(domain, facts, claims, input);
  const program: DomainProgram = {
    domain: domain.name,
    blocks,
    routerAddresses: complete ? addresses.routers : [],
    peers,
    dns: dnsZone(domain, memberSlices(domain, world)),
    members: members.map((entry) => member(entry, domain, addresses, input)),
    refused: [
      ...selection.refused.filter((entry) => entry.domain === domain.name).map((entry) => entry.member),
      ...wanted
        .filter((entry) => without.has(entry.pod.uid) && claimable.size < domain.families.length)
        .map((entry) =>
          refusedMember(entry, {
            code: 'addresses-exhausted',
            detail: `the slice ${domain.slices.join(' and ')} of ${domain.name} in ${input.cluster} has no free block`,
          }),
        ),
    ],
    findings: [
      ...findings,
      ...lost.map(({ prefix, node }) => ({
        reason: 'slice-conflict' as const,
        message: `${prefix} is ${node}’s by the API; ${input.node} gave it up, and its members there got other addresses`,
      })),
    ],
  };
  const unclaimed = nodeObject(facts, input.node) ? blocks.filter((block) => !claims.has(block)) : [];
  const needsBlock = wanted.length > 0 || blocks.length > 0 || claimsAhead(domain, nodes.length);
  return {
    domain,
    program,
    router: complete ? router(domain, program, input) : undefined,
    addresses,
    claims: domain.families.flatMap((family): BlockClaim[] => {
      // A block that is in use and whose claim was deleted by hand is claimed again before anything else.
      const again = unclaimed.filter((block) => cidrFamily(block) === family);
      const more = needsBlock && assignment.blocksNeeded.includes(family) && claimable.has(family);
      const candidates = again.length > 0 ? again.slice(0, 1) : more ? (free.get(family) ?? []) : [];
      return candidates.length === 0 ? [] : [{ domain: domain.name, family, candidates }];
    }),
  };
}

function router(domain: NodeDomain, program: DomainProgram, input: CompileInput): RouterProgram {
  const pathOf = (cluster: string, node: string) => input.paths[pathKey(domain.name, cluster, node)];
  const mtuOf = new Map(
    program.peers.map(({ cluster, node, mtuBytes }) => {
      const seenBytes = pathOf(cluster, node)?.mtuBytes ?? mtuBytes;
      return [`${cluster}/${node}`, Math.min(seenBytes, mtuBytes)];
    }),
  );
  return {
    domain: domain.name,
    prefixes: domain.prefixes,
    routerAddresses: program.routerAddresses,
    mtuBytes: memberMtuBytes(domain, input.local.underlay),
    members: program.members.map(({ pod, addresses }) => ({ podUid: pod.uid, addresses })),
    routes: program.peers
      .flatMap((peer) => {
        const { cluster, node } = peer;
        const relay = pathOf(cluster, node)?.relay;
        const firstHop = mtuOf.get(relay ?? `${cluster}/${node}`) ?? peer.mtuBytes;
        const mtuBytes = Math.min(peer.mtuBytes, firstHop);
        return peer.blocks.map((prefix) => ({ prefix, mtuBytes }));
      })
      .toSorted((a, b) => compareCidr(a.prefix, b.prefix)),
  };
}

function member(
  { pod, workload }: NodePod,
  domain: NodeDomain,
  book: DomainAddresses,
  input: CompileInput,
): Member {
  const names = { pod: pod.name, workload: workload.name, namespace: pod.namespace };
  return {
    pod: { namespace: pod.namespace as NamespaceName, name: pod.name as ObjectName, uid: pod.uid },
    workload: { kind: workload.kind, name: workload.name as ObjectName },
    addresses: [...(book.members[pod.uid] ?? [])],
    dnsNames: dnsNames(names, input.cluster, domain.dnsName),
    ...(pod.podAddresses.length > 0 && { podAddresses: pod.podAddresses.slice(0, 2) }),
    identity: `spiffe://${input.trustDomain}/ns/${pod.namespace}/sa/${pod.serviceAccount}`,
    ...(pod.ports.length > 0 && { ports: [...pod.ports] }),
  };
}

/** What the cluster's nodes and the other clusters say of the domain's members. */
function memberSlices(domain: NodeDomain, { facts, input }: World) {
  const own = facts.memberSlices
    .filter(({ spec }) => spec.domain === domain.name)
    .map(({ spec }) => ({ cluster: input.cluster as string, spec }));
  const remote = sidesOf(domain, facts, input).flatMap(({ cluster, members }) =>
    members.filter((slice) => slice.domain === domain.name).map((spec) => ({ cluster, spec })),
  );
  return [...own, ...remote];
}

/**
 * Addresses of domains that are no router's at the moment are kept as long as the Domain is there, or the node's claims
 * on its blocks rest.
 */
function addressBook({ input, facts, blocks }: World, compiled: readonly CompiledDomain[]): AddressBook {
  const existing = new Set([
    ...facts.domains.map((domain) => domain.metadata.name as string),
    ...unreadDomains(facts),
    ...blocks.filter(({ spec }) => spec.node === input.node).map(({ spec }) => spec.domain as string),
  ]);
  const kept = Object.entries(input.addresses).filter(([name]) => existing.has(name));
  const fresh = compiled.map(({ domain, addresses }) => [domain.name, addresses] as const);
  return Object.fromEntries([...new Map([...kept, ...fresh])].toSorted(([a], [b]) => compareText(a, b)));
}

function nodeOwner(facts: ClusterFacts, node: NodeName): NodeOwner {
  return { name: node, uid: nodeObject(facts, node)?.metadata.uid ?? '' };
}
