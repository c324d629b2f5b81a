/** Sliding window over counters (RFC 6479): a ring of bits, of which the oldest word is cleared while it moves. */
import { REPLAY_WINDOW } from './constants.ts';

const WORD_BITS_LOG = 5n;
const WORDS = 256;

export class ReplayWindow {
  /** Made with the first packet: a device that carries its packets elsewhere has none here. */
  #words: Uint32Array | undefined;
  #greatest = 0n;

  /**
   * Marks a counter as seen. False where it was seen before, lies more than the window behind the greatest, or
   * reaches `limit`. Call it only for authenticated packets.
   */
  accept(counter: bigint, limit: bigint): boolean {
    if (counter >= limit) return false;
    const words = (this.#words ??= new Uint32Array(WORDS));
    if (counter > this.#greatest) this.#advanceTo(words, counter);
    else if (this.#greatest - counter > REPLAY_WINDOW) return false;
    const word = wordOf(counter);
    const bit = 1 << Number(counter & 31n);
    if ((words[word]! & bit) !== 0) return false;
    words[word]! |= bit;
    return true;
  }

  #advanceTo(words: Uint32Array, counter: bigint): void {
    const current = this.#greatest >> WORD_BITS_LOG;
    const distance = (counter >> WORD_BITS_LOG) - current;
    const nWords = distance > BigInt(WORDS) ? WORDS : Number(distance);
    const first = wordOf(this.#greatest) + 1;
    for (let i = 0; i < nWords; i++) words[(first + i) % WORDS] = 0;
    this.#greatest = counter;
  }
}

function wordOf(counter: bigint): number {
  return Number((counter >> WORD_BITS_LOG) & BigInt(WORDS - 1));
}
