import { VirtualClock } from '../../src/io/memory/virtual-clock.ts';
import { MemoryAgentsWorld, type MemoryWorldOptions } from '../memory-world/agents-world.ts';
import { VirtualTime } from '../memory-world/virtual-time.ts';
import type { TruthWorld } from './truth-world.ts';

/** A world in memory on a clock of its own, so that minutes in it take milliseconds. */
export class MemoryTruthWorld extends MemoryAgentsWorld implements TruthWorld {
  readonly nParallel = 4096;
  readonly settleMs = 15_000;
  readonly #time: VirtualTime;
  readonly #clock: VirtualClock;

  constructor(options: Partial<Omit<MemoryWorldOptions, 'clock'>> = {}) {
    const clock = new VirtualClock();
    super({ ...options, clock });
    this.#clock = clock;
    this.#time = new VirtualTime(clock);
  }

  /** What the world's clock says. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  pass(ms: number): Promise<void> {
    return this.#time.pass(ms);
  }

  during<Value>(work: Promise<Value>): Promise<Value> {
    return this.#time.during(work);
  }

  async setPartition(a: string, b: string, isDown: boolean): Promise<void> {
    this.underlay.setPartition(this.node(a).node.host, this.node(b).node.host, isDown);
  }

  async setNarrow(a: string, b: string, mtuBytes: number): Promise<void> {
    const [one, other] = [this.node(a).node.host, this.node(b).node.host];
    this.underlay.setPath(one, other, { mtuBytes });
    this.underlay.setPath(other, one, { mtuBytes });
  }

  /** Delays what two nodes send each other, so long each way. */
  async setLatency(a: string, b: string, latencyMs: number): Promise<void> {
    const [one, other] = [this.node(a).node.host, this.node(b).node.host];
    this.underlay.setPath(one, other, { latencyMs });
    this.underlay.setPath(other, one, { latencyMs });
  }

  override close(): Promise<void> {
    return this.#time.during(super.close());
  }
}
