import { addressBlockName } from '@flatland/shared/address/block-name';
import type { AddressBlock } from '@flatland/shared/model/address-block';
import type { DomainName } from '@flatland/shared/model/names';
import type { NodePeerSpec } from '@flatland/shared/model/node-peer';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import type { ClaimedBlock } from '../addresses/rest-blocks.ts';
import { compareText } from './compare-text.ts';
import type { CompileInput } from './compile-input.ts';
import { inSlice } from './node-blocks.ts';
import type { NodeDomain } from './node-domains.ts';
import type { DomainProgram } from './node-program.ts';
import { nodeObjectName } from './node-objects.ts';

/** An object of the node's own that it has to take away. */
export interface ObsoleteObject {
  readonly kind: 'AddressBlock' | 'MemberSlice' | 'NodePeer';
  readonly name: string;
}

interface Objects {
  readonly input: CompileInput;
  readonly facts: ClusterFacts;
}

/** The node's claims, and whether they are of a slice that the cluster has. */
export function ownClaims(
  { input, facts }: Objects,
  blocks: readonly AddressBlock[],
  domains: readonly NodeDomain[],
): ClaimedBlock[] {
  const spanning = spanningDomains({ input, facts });
  return blocks
    .filter(({ spec }) => spec.node === input.node)
    .map(({ spec: { domain, prefix } }) => {
      const sound = domains.find(({ name }) => name === domain);
      return {
        domain,
        prefix,
        isWanted: sound === undefined ? spanning.has(domain) : inSlice(sound, prefix),
      };
    });
}

interface Wanted {
  /** Claims that have rested. */
  readonly due: readonly ClaimedBlock[];
  /** Domains that the node says of whom it refused. */
  readonly refusing: readonly DomainName[];
  readonly programs: readonly DomainProgram[];
}

/**
 * Own objects of domains that are gone or do not span the cluster any more, and a NodePeer that announces blocks which
 * are another node's by now while there is nothing to announce instead.
 */
export function obsoleteObjects(
  { input, facts }: Objects,
  { due, refusing, programs }: Wanted,
): ObsoleteObject[] {
  const spanning = spanningDomains({ input, facts });
  const told = new Set<string>([...spanning, ...refusing]);
  const mine = (kind: ObsoleteObject['kind'], known: ReadonlySet<string>, objects: readonly OwnObject[]) =>
    objects
      .filter(({ spec }) => spec.node === input.node && !known.has(spec.domain))
      .filter(({ metadata, spec }) => metadata.name === nodeObjectName(spec.domain, input.node))
      .map(({ metadata }) => ({ kind, name: metadata.name }));
  return [
    ...mine('MemberSlice', told, facts.memberSlices),
    ...mine('NodePeer', spanning, facts.nodePeers),
    ...mine(
      'NodePeer',
      new Set(),
      facts.nodePeers.filter(({ spec }) =>
        programs.some((program) => program.domain === spec.domain && isOutdated(spec, program)),
      ),
    ),
    ...due.map(({ domain, prefix }) => ({
      kind: 'AddressBlock' as const,
      name: addressBlockName(domain, prefix),
    })),
  ].toSorted((a, b) => compareText(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
}

function isOutdated({ blocks }: NodePeerSpec, program: DomainProgram): boolean {
  return program.routerAddresses.length === 0 && blocks.some((block) => !program.blocks.includes(block));
}

interface OwnObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly domain: DomainName; readonly node: string };
}

/** Domains that are there and cannot be read, perhaps for they are of another version: nothing of theirs is obsolete. */
export function unreadDomains({ broken }: ClusterFacts): string[] {
  return broken.flatMap(({ object }) => (object.kind === 'Domain' ? [object.name] : []));
}

/** Domains that span the cluster, sound or not, and those that may. */
function spanningDomains({ facts, input }: Objects): Set<string> {
  return new Set([
    ...facts.domains
      .filter(({ spec }) => spec.clusters.some((entry) => entry.name === input.cluster))
      .map((domain) => domain.metadata.name as string),
    ...unreadDomains(facts),
  ]);
}
