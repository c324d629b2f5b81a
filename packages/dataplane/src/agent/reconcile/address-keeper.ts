import { z } from 'zod';
import { zCidr, zIpAddress } from '@flatland/shared/model/addresses';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import type { ObservedRouter } from '../../ports/host-network.ts';
import type { StateFiles } from '../../ports/state-files.ts';
import type { AddressBook } from '../addresses/address-book.ts';
import { recoverAddresses, type AddressWitness } from '../addresses/recover-addresses.ts';
import { addressBlocks } from '../compile/node-blocks.ts';

const FILE = 'addresses.json';
const zAddressBook = z.record(
  z.string(),
  z.object({
    blocks: z.array(zCidr),
    routers: z.array(zIpAddress),
    members: z.record(z.string(), z.array(zIpAddress)),
    resting: z.array(z.object({ address: zIpAddress, podUid: z.string(), releasedAtMs: z.number() })),
    lost: z.array(z.object({ prefix: zCidr, node: z.string(), atMs: z.number() })).exactOptional(),
    leaving: z.record(z.string(), z.number()).exactOptional(),
  }),
);

/** The node's address book: on disk before anything of it is programmed. */
export class AddressKeeper {
  readonly #files: StateFiles;
  #book: AddressBook = {};
  #saved = '';

  constructor(files: StateFiles) {
    this.#files = files;
  }

  book(): AddressBook {
    return this.#book;
  }

  /** Puts the book together from the disk, from what is programmed, and from what the API has of the node. */
  async recover(
    node: string,
    facts: ClusterFacts,
    observed: readonly ObservedRouter[],
    nowMs: number,
  ): Promise<void> {
    const saved = await this.#files.read(FILE, zAddressBook);
    const blocks = addressBlocks(facts).filter(({ spec }) => spec.node === node);
    const domains = new Set([
      ...Object.keys(saved ?? {}),
      ...blocks.map(({ spec }) => spec.domain),
      ...observed.map((router) => router.domain),
    ]);
    this.#book = Object.fromEntries(
      [...domains].toSorted().map((domain) => [
        domain,
        recoverAddresses({
          saved: saved?.[domain],
          blocks: blocks.filter(({ spec }) => spec.domain === domain).map(({ spec }) => spec.prefix),
          programmed: programmed(observed.find((router) => router.domain === domain)),
          announced: announced(facts, domain, node),
          nowMs,
        }),
      ]),
    );
  }

  /** Takes over a book; resolves when it is on the disk. */
  async keep(book: AddressBook): Promise<void> {
    const text = JSON.stringify(book);
    if (text === this.#saved) return;
    await this.#files.write(FILE, book);
    this.#saved = text;
    this.#book = book;
  }
}

function programmed(router: ObservedRouter | undefined): AddressWitness {
  return { routers: router?.routerAddresses ?? [], members: router?.members ?? [] };
}

function announced(facts: ClusterFacts, domain: string, node: string): AddressWitness {
  const slice = facts.memberSlices.find(({ spec }) => spec.domain === domain && spec.node === node);
  const peer = facts.nodePeers.find(({ spec }) => spec.domain === domain && spec.node === node);
  return {
    routers: peer?.spec.routerAddresses ?? [],
    members: (slice?.spec.members ?? []).map(({ pod, addresses }) => ({ podUid: pod.uid, addresses })),
  };
}
