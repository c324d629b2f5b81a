import type { IpAddress } from '@flatland/shared/address/ip';
import { DomainRouter, type RouterInput, type RouterOutput } from '../../core/route/domain-router.ts';
import { IpHost } from '../../core/route/ip-host.ts';
import { ipOfBytes } from '../../core/wire/ip-bytes.ts';
import { viewIpPacket } from '../../core/wire/ip-packet.ts';
import type { FlowCounter, RouterProgram } from '../../ports/host-network.ts';
import type { RandomPort } from '../../ports/random.ts';
import type { MemoryTun } from './memory-tun.ts';

/** How long a conversation is remembered. */
const FLOW_TIMEOUT_MS = 3_600_000;
/** Interface of the router's own sockets. */
export const SELF_INTERFACE = 'self';

/** One domain's router of an in-memory node: forwarding, the router's own sockets, and the conversations seen. */
export class MemoryRouter {
  readonly sockets: IpHost;
  /** The domain's WireGuard interface, where there is one. */
  tun: MemoryTun | undefined;
  program: RouterProgram | undefined;
  /** Whether the interface was there when it was configured last. */
  routesThroughTun = false;
  readonly #router = new DomainRouter();
  readonly #flows = new Map<string, FlowCounter>();

  constructor(random: RandomPort) {
    this.sockets = new IpHost(random);
  }

  /** Makes it route as the program says; without a WireGuard interface nothing is routed through it. */
  configure(program: RouterProgram): void {
    this.program = program;
    const { routerAddresses, mtuBytes, members } = program;
    this.routesThroughTun = this.tun !== undefined;
    const routes = this.routesThroughTun ? program.routes : [];
    this.#router.configure({
      routerAddresses,
      mtuBytes,
      members: members.map(({ podUid, addresses }) => ({ id: podUid, addresses })),
      routes,
    });
    this.sockets.setInterfaces([
      { name: SELF_INTERFACE, addresses: routerAddresses, prefixes: program.prefixes, mtuBytes },
    ]);
    this.tun?.setLink({ mtuBytes });
  }

  /** Takes a packet in; what leaves the router because of it. */
  route(input: RouterInput, packet: Uint8Array, nowMs: number): RouterOutput[] {
    this.#router.handlePacket(input, packet);
    const outputs: RouterOutput[] = [];
    for (;;) {
      const output = this.#router.pollOutput();
      if (output === undefined) return outputs;
      if (input.from === 'member' && output.to !== 'self') this.#count(output.packet, nowMs);
      outputs.push(output);
    }
  }

  drops(): Record<string, number> {
    return { ...this.#router.drops() };
  }

  /** Conversations of the last hour, sorted. */
  flows(nowMs: number): FlowCounter[] {
    for (const [key, flow] of this.#flows)
      if (nowMs - flow.lastSeenMs > FLOW_TIMEOUT_MS) this.#flows.delete(key);
    return [...this.#flows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, flow]) => flow);
  }

  #count(packet: Uint8Array, nowMs: number): void {
    const view = viewIpPacket(packet);
    if (view === undefined) return;
    const length = view.family === 4 ? 4 : 16;
    const at = (offset: number) => ipOfBytes(packet.subarray(offset, offset + length)) as IpAddress;
    const from = at(view.sourceOffset);
    const to = at(view.destinationOffset);
    if (this.program?.routerAddresses.includes(from) === true) return;
    const key = `${from} ${to}`;
    const known = this.#flows.get(key);
    this.#flows.set(key, {
      from,
      to,
      packets: (known?.packets ?? 0) + 1,
      bytes: (known?.bytes ?? 0) + packet.length,
      lastSeenMs: nowMs,
    });
  }
}
