import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import { addressBlockObject, type NodeOwner } from '../compile/node-objects.ts';
import type { BlockClaim } from '../compile/node-program.ts';

const RETRY_MS = 1000;

interface Deps {
  readonly cluster: ClusterApi;
  readonly clock: ClockPort;
  readonly log: LogPort;
  /** A block was claimed, or the way is free to try again. */
  readonly onSettled: () => void;
}

/** Claims blocks by creating AddressBlocks, one claim of each domain and family at a time. */
export class BlockClaimer {
  readonly #deps: Deps;
  readonly #underway = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Starts the claims that are not under way. */
  follow(claims: readonly BlockClaim[], owner: NodeOwner): void {
    for (const claim of claims) {
      const key = `${claim.domain} ${claim.family}`;
      if (this.#underway.has(key)) continue;
      this.#underway.add(key);
      void this.#claim(claim, owner).then((delayMs) => {
        const { clock, onSettled } = this.#deps;
        const settle = () => {
          this.#underway.delete(key);
          onSettled();
        };
        if (delayMs === 0) settle();
        else clock.at(clock.nowMs() + delayMs, settle);
      });
    }
  }

  /** Tries one block after the other; how long to wait before another try is worth it. */
  async #claim({ domain, candidates }: BlockClaim, owner: NodeOwner): Promise<number> {
    for (const block of candidates) {
      const outcome = await this.#deps.cluster.create(addressBlockObject(domain, block, owner));
      switch (outcome.kind) {
        case 'done':
          return 0;
        case 'exists':
          continue;
        case 'refused':
        case 'unavailable':
          this.#deps.log.warn({ domain, block, error: outcome.message }, 'cannot claim a block');
          return RETRY_MS;
      }
    }
    return RETRY_MS;
  }
}
