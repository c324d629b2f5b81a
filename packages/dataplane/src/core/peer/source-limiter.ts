/** A bucket of handshakes for each source address, used while a device is under load. */
import { ipValue } from '@flatland/shared/address/ip';
import { SOURCE_HANDSHAKES_BURST, SOURCE_HANDSHAKES_PER_SECOND } from '../noise/constants.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

const COST_MS = 1_000 / SOURCE_HANDSHAKES_PER_SECOND;
const CAPACITY_MS = COST_MS * SOURCE_HANDSHAKES_BURST;
const FORGET_AFTER_MS = 1_000;
const MAX_SOURCES = 8_192;

interface Bucket {
  tokensMs: number;
  lastMs: number;
}

/** Allows each source its burst and its rate. Sources are /32 for IPv4 and /64 for IPv6, as in the kernel. */
export class SourceLimiter {
  readonly #buckets = new Map<string, Bucket>();
  #sweptAtMs = 0;

  /** Takes one handshake out of a source's bucket; false where it is empty or no more sources fit. */
  allow(from: UdpEndpoint, nowMs: number): boolean {
    this.#sweep(nowMs);
    const source = sourceOf(from);
    const bucket = this.#buckets.get(source);
    if (bucket === undefined) {
      if (this.#buckets.size >= MAX_SOURCES) return false;
      this.#buckets.set(source, { tokensMs: CAPACITY_MS - COST_MS, lastMs: nowMs });
      return true;
    }
    const earnedMs = Math.max(0, nowMs - bucket.lastMs);
    bucket.tokensMs = Math.min(CAPACITY_MS, bucket.tokensMs + earnedMs);
    bucket.lastMs = nowMs;
    if (bucket.tokensMs < COST_MS) return false;
    bucket.tokensMs -= COST_MS;
    return true;
  }

  nSources(): number {
    return this.#buckets.size;
  }

  #sweep(nowMs: number): void {
    if (Math.abs(nowMs - this.#sweptAtMs) < FORGET_AFTER_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [source, bucket] of this.#buckets)
      if (Math.abs(nowMs - bucket.lastMs) > FORGET_AFTER_MS) this.#buckets.delete(source);
  }
}

function sourceOf(from: UdpEndpoint): string {
  const { family, bits } = ipValue(from.address);
  return family === 4 ? from.address : `${(bits >> 64n).toString(16)}/64`;
}
