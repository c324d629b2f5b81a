import { KernelNode } from './kernel-node.ts';
import { KernelUnderlay } from './kernel-underlay.ts';

/** The nodes of a machine and their underlay, kept from one world to the next: to start a node takes long. */
export class KernelFleet {
  readonly underlay = new KernelUnderlay();
  readonly #free: KernelNode[] = [];
  #nNodes = 0;

  /** Nodes that nobody uses. */
  async take(nNodes: number): Promise<KernelNode[]> {
    const taken = this.#free.splice(0, nNodes);
    const missing = Array.from({ length: nNodes - taken.length }, () => ++this.#nNodes);
    const started = await Promise.all(missing.map((slot) => KernelNode.start(slot)));
    for (const node of started) this.underlay.connect(node);
    return [...taken, ...started];
  }

  /** Takes nodes back, as empty as they were. */
  async giveBack(nodes: readonly KernelNode[]): Promise<void> {
    await Promise.all(nodes.map((node) => node.call('leave')));
    this.underlay.clear();
    this.#free.push(...nodes);
    this.#free.sort((a, b) => a.slot - b.slot);
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.splice(0).map((node) => node.end()));
    this.underlay.close();
  }
}
