/** Inner packets that wait for a session. */
import { MAX_STAGED_PACKETS } from '../noise/constants.ts';

/** A queue that forgets its oldest packet when it is full. */
export class StagedPackets {
  #packets: Uint8Array[] = [];

  isEmpty(): boolean {
    return this.#packets.length === 0;
  }

  /** Adds a packet; true where the oldest had to go for it. */
  push(packet: Uint8Array): boolean {
    this.#packets.push(packet);
    if (this.#packets.length <= MAX_STAGED_PACKETS) return false;
    this.#packets.shift();
    return true;
  }

  /** Takes all packets out, oldest first. */
  takeAll(): Uint8Array[] {
    const packets = this.#packets;
    this.#packets = [];
    return packets;
  }
}
