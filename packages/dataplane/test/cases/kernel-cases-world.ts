import type { DomainName } from '@flatland/shared/model/names';
import { ROUTER_MAC } from '../../src/io/linux/network-fact.ts';
import { scaled } from '../support/scale.ts';
import { KernelTruthWorld } from '../truth/kernel-truth-world.ts';
import type { CasesWorld, Exchange, Exchanged } from './cases-world.ts';
import { LISTENER, SENDER, START_LISTENER } from './exchange-scripts.ts';

/** Sends one echo request and waits for nothing. */
const PING = ['ping', '-c', '1', '-W', '0.2', '-n'];

/** The cases' world in the kernel. */
export class KernelCasesWorld extends KernelTruthWorld implements CasesWorld {
  readonly fragments = true;
  readonly echoTimeoutMs = 2000;
  readonly nMembers = scaled(20, 250);
  /** Changes reach the node and are made by programs of their own, beside whatever else this machine does. */
  readonly removedWithinMs = 10_000;

  nowMs(): number {
    return performance.now();
  }

  async listen(node: string, podUid: string): Promise<void> {
    await this.#node(node, podUid, START_LISTENER, LISTENER);
  }

  async exchange(node: string, podUid: string, exchanges: readonly Exchange[]): Promise<Exchanged[]> {
    return JSON.parse(await this.#node(node, podUid, SENDER, JSON.stringify(exchanges))) as Exchanged[];
  }

  async sendUnrouted(node: string, podUid: string, { domain, to }: { domain: DomainName; to: string }) {
    const pod = `pod-${podUid}`;
    const device = `fl-${domain}`;
    // A packet for nobody's neighbour: to the router, whose address every such link has.
    const script = `
      ip route replace table 77 ${to} dev ${device} scope link
      ip rule add to ${to} lookup 77 priority 77
      ip neigh replace ${to} lladdr ${ROUTER_MAC} dev ${device}
      ${PING.join(' ')} -b -I ${device} ${to}
      ip rule del to ${to} lookup 77 priority 77
      ip route flush table 77
      ip neigh del ${to} dev ${device}
      true`;
    await this.run(node, pod, ['sh', '-c', `(${script}) 2>/dev/null`]);
  }

  async sendFromNode(node: string, packet: { domain: DomainName; from: string; to: string }) {
    const router = `fl-${packet.domain}`;
    const script = `
      ip addr add ${packet.from}/32 dev lo
      ${PING.join(' ')} -I ${packet.from} ${packet.to}
      ip addr del ${packet.from}/32 dev lo
      true`;
    await this.run(node, router, ['sh', '-c', `(${script}) 2>/dev/null`]);
  }

  async cutOneWay(from: string, to: string, isDown: boolean): Promise<void> {
    this.fleet.underlay.cutOneWay(this.node(from), this.node(to), isDown);
  }

  async setDegraded(a: string, b: string, isDegraded: boolean): Promise<void> {
    if (isDegraded) this.fleet.underlay.swallowData(this.node(a), this.node(b));
    else this.fleet.underlay.widen();
  }

  async moveNode(node: string): Promise<void> {
    await this.fleet.underlay.move(this.node(node));
  }

  #node(node: string, podUid: string, ...script: readonly string[]): Promise<string> {
    return this.run(node, `pod-${podUid}`, [process.execPath, '-e', ...script]);
  }
}
