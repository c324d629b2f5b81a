/** Random 32-bit indices by which incoming messages find their handshake or session. */
import { viewOf } from '../noise/bytes.ts';
import type { RandomBytes } from '../noise/crypto.ts';

/** Holds what each index in use stands for. No two entries share an index. */
export class IndexTable<Entry> {
  readonly #entries = new Map<number, Entry>();
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Draws an unused index for an entry. */
  allocate(entry: Entry): number {
    for (;;) {
      const index = viewOf(this.#random(4)).getUint32(0, true);
      if (this.#entries.has(index)) continue;
      this.#entries.set(index, entry);
      return index;
    }
  }

  /** Lets an index stand for something else. */
  replace(index: number, entry: Entry): void {
    this.#entries.set(index, entry);
  }

  find(index: number): Entry | undefined {
    return this.#entries.get(index);
  }

  release(index: number): void {
    this.#entries.delete(index);
  }

  size(): number {
    return this.#entries.size;
  }
}
