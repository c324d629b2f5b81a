import { KernelAgentsWorld } from '../machine/kernel-world.ts';
import type { TruthWorld } from './truth-world.ts';

/** A world in the kernel, where time is what it is. */
export class KernelTruthWorld extends KernelAgentsWorld implements TruthWorld {
  readonly nParallel = 24;
  /** Not all of it: here it passes. */
  readonly settleMs = 5000;

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  during<Value>(work: Promise<Value>): Promise<Value> {
    return work;
  }

  async setPartition(a: string, b: string, isDown: boolean): Promise<void> {
    this.fleet.underlay.setPartition(this.node(a), this.node(b), isDown);
  }

  async setNarrow(a: string, b: string, mtuBytes: number): Promise<void> {
    await this.fleet.underlay.setNarrow(this.node(a), this.node(b), mtuBytes);
  }
}
