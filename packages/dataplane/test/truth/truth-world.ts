import type { AgentsWorld } from '../compliance/agents-world-port.ts';
import type { Mirror } from '../memory-world/mirror.ts';

/** A world of agents in which a topology can be made and its truth found out. */
export interface TruthWorld extends AgentsWorld {
  readonly mirror: Mirror;
  /** Probes under way at once. */
  readonly nParallel: number;
  /** Time in which every path has been tried. */
  readonly settleMs: number;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Lets as much time pass as some work needs. */
  during<Value>(work: Promise<Value>): Promise<Value>;
  /** Lets no datagram pass between two nodes, or all again. */
  setPartition(a: string, b: string, isDown: boolean): Promise<void>;
  /** Lets outer packets that are longer vanish between two nodes without a word. */
  setNarrow(a: string, b: string, mtuBytes: number): Promise<void>;
}
