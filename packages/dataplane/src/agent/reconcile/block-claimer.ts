import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainName } from '@flatland/shared/model/names';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import { addressBlockObject, type NodeOwner } from '../compile/node-objects.ts';
import type { BlockClaim } from '../compile/node-program.ts';

const RETRY_MS = 1000;
/** What was asked of the API is remembered for so long, if nobody sees what came of it. */
const MEMORY_MS = 60_000;

interface Deps {
  readonly cluster: ClusterApi;
  readonly clock: ClockPort;
  readonly log: LogPort;
  /** A block was claimed, or the way is free to try again. */
  readonly onSettled: () => void;
}

/** The block that was asked for last, of a domain and family. */
interface Asked {
  readonly domain: DomainName;
  readonly block: Cidr;
  readonly atMs: number;
  /** `claimed`: the API said so. `unanswered`: it may have done it or not. */
  readonly state: 'claimed' | 'unanswered';
}

/**
 * Claims blocks by creating AddressBlocks, one claim of each domain and family at a time. A wish that was made before
 * its maker saw what was claimed last is none: it would be a second claim for the same need.
 */
export class BlockClaimer {
  readonly #deps: Deps;
  readonly #underway = new Set<string>();
  readonly #asked = new Map<string, Asked>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Starts the claims that are not under way. `blocksOf`: the node's blocks, as whoever made the claims saw them. */
  follow(
    claims: readonly BlockClaim[],
    owner: NodeOwner,
    blocksOf: (domain: DomainName) => readonly Cidr[],
  ): void {
    const { clock, onSettled } = this.#deps;
    this.#forgetSeen(blocksOf);
    for (const claim of claims) {
      const key = `${claim.domain} ${claim.family}`;
      if (this.#underway.has(key)) continue;
      const asked = this.#asked.get(key);
      if (asked?.state === 'claimed') continue;
      this.#underway.add(key);
      // What may be the node's already is asked for again before anything else.
      const candidates = asked === undefined ? claim.candidates : [asked.block, ...claim.candidates];
      void this.#claim(key, { ...claim, candidates: [...new Set(candidates)] }, owner).then((delayMs) => {
        const settle = () => {
          this.#underway.delete(key);
          onSettled();
        };
        if (delayMs === 0) settle();
        else clock.at(clock.nowMs() + delayMs, settle);
      });
    }
  }

  #forgetSeen(blocksOf: (domain: DomainName) => readonly Cidr[]): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const [key, { domain, block, atMs }] of this.#asked)
      if (blocksOf(domain).includes(block) || nowMs - atMs > MEMORY_MS) this.#asked.delete(key);
  }

  /** Tries one block after the other; how long to wait before another try is worth it. */
  async #claim(key: string, { domain, candidates }: BlockClaim, owner: NodeOwner): Promise<number> {
    const { cluster, clock, log } = this.#deps;
    for (const block of candidates) {
      const outcome = await cluster.create(addressBlockObject(domain, block, owner));
      const remember = (state: Asked['state']) =>
        this.#asked.set(key, { domain, block, atMs: clock.nowMs(), state });
      switch (outcome.kind) {
        case 'done':
          remember('claimed');
          return 0;
        case 'exists':
          this.#asked.delete(key);
          continue;
        case 'refused':
          this.#asked.delete(key);
          log.warn({ domain, block, error: outcome.message }, 'cannot claim a block');
          return RETRY_MS;
        case 'unavailable':
          remember('unanswered');
          log.warn({ domain, block, error: outcome.message }, 'cannot claim a block');
          return RETRY_MS;
      }
    }
    return RETRY_MS;
  }
}
