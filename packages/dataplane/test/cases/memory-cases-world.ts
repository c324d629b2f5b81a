import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { MESSAGE_TRANSPORT_TYPE } from '../../src/core/noise/constants.ts';
import { echoRequest } from '../memory-world/memory-world.ts';
import { MemoryTruthWorld } from '../truth/memory-truth-world.ts';
import type { CasesWorld, Exchange, Exchanged } from './cases-world.ts';

const PORT = 7001;
const TIMEOUT_MS = 300_000;
const FIRST_MOVED = 101;

/** The cases' world in memory. */
export class MemoryCasesWorld extends MemoryTruthWorld implements CasesWorld {
  readonly fragments = false;
  readonly echoTimeoutMs = 300;
  readonly nMembers = 250;
  readonly removedWithinMs = 1000;
  readonly #seen: IpAddress[] = [];
  #nMoved = 0;

  async listen(node: string, podUid: string): Promise<void> {
    const host = this.node(node).node.pod(podUid);
    host?.listenUdp('any', PORT, ({ bytes, address }) => {
      this.#seen.push(address);
      return bytes;
    });
    host?.listenTcp('any', PORT, (stream) => {
      this.#seen.push(stream.address);
      stream.onData((bytes) => stream.write(bytes));
    });
  }

  async exchange(node: string, podUid: string, exchanges: readonly Exchange[]): Promise<Exchanged[]> {
    const results: Exchanged[] = [];
    for (const { protocol, to, payloadBytes } of exchanges) {
      const payload = Uint8Array.from({ length: payloadBytes }, (_, i) => (i * 7 + (i >> 8)) & 255);
      const request = { protocol, to: to as IpAddress, port: PORT, payload, timeoutMs: TIMEOUT_MS };
      const { kind } = await this.node(node).node.exchange({ type: 'pod', podUid }, request);
      results.push({ isSame: kind === 'echoed', seenFrom: this.#seen.pop() ?? '' });
    }
    return results;
  }

  async sendUnrouted(node: string, podUid: string, { domain, to }: { domain: DomainName; to: string }) {
    const { node: memory, cluster } = this.node(node);
    const from = this.addressesOf(cluster, podUid, domain).find(
      (own) => own.includes(':') === to.includes(':'),
    );
    memory.injectFromPod(podUid, domain, echoRequest(from as IpAddress, to as IpAddress));
  }

  async sendFromNode(node: string, packet: { domain: DomainName; from: string; to: string }) {
    const { domain, from, to } = packet;
    this.node(node)
      .node.routers.get(domain)
      ?.tun?.inject(echoRequest(from as IpAddress, to as IpAddress));
    await this.pass(100);
  }

  async cutOneWay(from: string, to: string, isDown: boolean): Promise<void> {
    this.underlay.setPath(this.node(from).node.host, this.node(to).node.host, { isDown });
  }

  async setDegraded(a: string, b: string, isDegraded: boolean): Promise<void> {
    const lets = (datagram: Uint8Array) => !isDegraded || datagram[0] !== MESSAGE_TRANSPORT_TYPE;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      this.underlay.setPath(this.node(from).node.host, this.node(to).node.host, { lets });
  }

  async moveNode(node: string): Promise<void> {
    this.node(node).node.host.setAddresses([`192.0.2.${FIRST_MOVED + this.#nMoved++}` as IpAddress]);
  }
}
