/**
 * An in-memory host, such as a pod, or a router's own sockets: interfaces with addresses, answers to ICMP echo,
 * UDP and TCP sockets, and requests of its own. No I/O and no clock.
 *
 * After each `handle*`, `exchange` or `run`, drain `pollPacket` and `pollOutcome`, then arm one timer for
 * `pollTimeout`. Packets never make it throw.
 */
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DropReason } from '../drop-reason.ts';
import type { RandomBytes } from '../noise/crypto.ts';
import { DropCounters } from '../peer/drop-counters.ts';
import { icmpErrorAbout } from '../wire/icmp-error.ts';
import { icmpBytes, parseIcmp, type IcmpMessage } from '../wire/icmp.ts';
import { parseIp, type IpPacket, type IpParseError } from '../wire/ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/protocol-numbers.ts';
import { parseTcp, tcpBytes } from '../wire/tcp.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';
import { parseUdp, udpBytes } from '../wire/udp.ts';
import type { ExchangeOutcome, ExchangeRequest } from './exchange.ts';
import { outcomeOfIcmpError, parseQuotedPacket } from './exchange-errors.ts';
import { Exchanges } from './exchanges.ts';
import { HostInterfaces, type HostInterface } from './host-interfaces.ts';
import { IpOutput, type HostOutput } from './ip-output.ts';
import { TcpSockets, type TcpAcceptor } from './tcp-sockets.ts';
import { UdpSockets, type ANY_ADDRESS, type UdpResponder } from './udp-sockets.ts';

export class IpHost {
  readonly #interfaces = new HostInterfaces();
  readonly #output = new IpOutput(this.#interfaces);
  readonly #udp = new UdpSockets();
  readonly #tcp: TcpSockets;
  readonly #exchanges: Exchanges;
  readonly #drops = new DropCounters();

  constructor(random: RandomBytes) {
    this.#tcp = new TcpSockets({ random, mtuBytes: (ends) => this.#interfaces.mtuBytes(ends) });
    this.#exchanges = new Exchanges({ tcp: this.#tcp, output: this.#output, interfaces: this.#interfaces });
  }

  /** Replaces the host's interfaces. Where no interface leads, nothing goes. */
  setInterfaces(interfaces: readonly HostInterface[]): void {
    this.#interfaces.set(interfaces);
  }

  /** Dropped packets by reason. */
  drops(): Partial<Record<DropReason, number>> {
    return this.#drops.toRecord();
  }

  /** Answers datagrams; false where the port is taken. */
  listenUdp(address: IpAddress | typeof ANY_ADDRESS, port: number, respond: UdpResponder): boolean {
    return this.#udp.listen(address, port, respond);
  }

  closeUdp(address: IpAddress | typeof ANY_ADDRESS, port: number): void {
    this.#udp.close(address, port);
  }

  /** Takes connections; false where the port is taken. */
  listenTcp(address: IpAddress | typeof ANY_ADDRESS, port: number, accept: TcpAcceptor): boolean {
    return this.#tcp.listen(address, port, accept);
  }

  closeTcp(address: IpAddress | typeof ANY_ADDRESS, port: number): void {
    this.#tcp.close(address, port);
  }

  /** Sends a request; its outcome comes from `pollOutcome` under the id that this gives. */
  exchange(request: ExchangeRequest, nowMs: number): number {
    const id = this.#exchanges.begin(request, nowMs);
    this.#flush(nowMs);
    return id;
  }

  /** A packet that arrived at an interface. */
  handlePacket(interfaceName: string, packet: Uint8Array, nowMs: number): void {
    this.#receive({ interfaceName, packet }, nowMs);
    this.#flush(nowMs);
  }

  handleTimeout(nowMs: number): void {
    this.#exchanges.handleTimeout(nowMs);
    this.#tcp.handleTimeout(nowMs);
    this.#flush(nowMs);
  }

  /** Does something with streams outside of their listeners, such as a write that took its time. */
  run(nowMs: number, work: () => void): void {
    this.#tcp.setNow(nowMs);
    work();
    this.#flush(nowMs);
  }

  pollPacket(): HostOutput | undefined {
    return this.#output.poll();
  }

  pollOutcome(): { readonly id: number; readonly outcome: ExchangeOutcome } | undefined {
    return this.#exchanges.pollOutcome();
  }

  pollTimeout(): number | undefined {
    const deadlines = [this.#exchanges.pollTimeout(), this.#tcp.pollTimeout()];
    const earliest = Math.min(...deadlines.map((deadline) => deadline ?? Infinity));
    return earliest === Infinity ? undefined : earliest;
  }

  /** Sends what TCP has to say, and takes in what the host sends to itself, until both are quiet. */
  #flush(nowMs: number): void {
    for (;;) {
      for (const { ends, segment } of this.#tcp.takeSegments())
        this.#send(ends, PROTOCOL_TCP, tcpBytes(segment, ends));
      const own = this.#output.pollLoopback();
      if (own === undefined) return;
      this.#receive(own, nowMs);
    }
  }

  #receive({ interfaceName, packet }: HostOutput, nowMs: number): void {
    const parsed = parseIp(packet);
    if (!parsed.ok) return this.#refuse(parsed.error);
    const one = this.#interfaces.find(interfaceName);
    if (one?.addresses.includes(parsed.value.destination) !== true) return this.#drops.add('no-route');
    if (parsed.value.isFragment) return this.#refuse('malformed');
    switch (parsed.value.protocol) {
      case PROTOCOL_ICMP:
      case PROTOCOL_ICMPV6:
        return this.#receiveIcmp(parsed.value, nowMs);
      case PROTOCOL_UDP:
        return this.#receiveUdp(parsed.value, packet, nowMs);
      case PROTOCOL_TCP:
        return this.#receiveTcp(parsed.value, nowMs);
      default:
        return this.#refuse('malformed');
    }
  }

  #receiveIcmp(packet: IpPacket, nowMs: number): void {
    const message = parseIcmp(packet.payload, packet);
    if (!message.ok) return this.#refuse(message.error);
    const { value } = message;
    switch (value.kind) {
      case 'echo-request': {
        const reply = icmpBytes({ ...value, kind: 'echo-reply' }, turned(packet));
        return this.#send(turned(packet), packet.protocol, reply);
      }
      case 'echo-reply': {
        const key = { protocol: 'ICMP', local: value.identifier } as const;
        this.#exchanges.handleAnswer(key, { bytes: value.data, from: packet.source }, nowMs);
        return;
      }
      case 'host-unreachable':
      case 'port-unreachable':
      case 'administratively-prohibited':
      case 'too-big':
      case 'ttl-exceeded':
        return this.#receiveError(value, packet.source, nowMs);
      case 'other':
        return;
    }
  }

  #receiveError(
    { kind, mtuBytes, original }: Extract<IcmpMessage, { original: Uint8Array }>,
    reporter: IpAddress,
    nowMs: number,
  ): void {
    const quoted = parseQuotedPacket(original);
    if (quoted === undefined) return;
    const { key, remotePort } = quoted;
    if (kind === 'too-big' && key.protocol === 'TCP')
      return this.#tcp.handleTooBig(quoted, { localPort: key.local, remotePort, mtuBytes }, nowMs);
    this.#exchanges.handleError(quoted, outcomeOfIcmpError(kind, reporter));
  }

  #receiveUdp(packet: IpPacket, bytes: Uint8Array, nowMs: number): void {
    const parsed = parseUdp(packet.payload, packet);
    if (!parsed.ok) return this.#refuse(parsed.error);
    const { sourcePort, destinationPort, payload } = parsed.value;
    const key = { protocol: 'UDP', local: destinationPort } as const;
    if (this.#exchanges.handleAnswer(key, { bytes: payload, from: packet.source }, nowMs)) return;
    const handled = this.#udp.handle(parsed.value, packet);
    if (handled === undefined) return this.#refusePort(packet, bytes);
    if (handled.answer === undefined) return;
    const answer = { sourcePort: destinationPort, destinationPort: sourcePort, payload: handled.answer };
    this.#send(turned(packet), PROTOCOL_UDP, udpBytes(answer, turned(packet)));
  }

  #receiveTcp(packet: IpPacket, nowMs: number): void {
    const segment = parseTcp(packet.payload, packet);
    if (!segment.ok) return this.#refuse(segment.error);
    this.#tcp.handle(segment.value, packet, nowMs);
  }

  #refusePort(packet: IpPacket, bytes: Uint8Array): void {
    const error = { kind: 'port-unreachable', mtuBytes: 0 } as const;
    const refusal = icmpErrorAbout(bytes, error, [packet.destination]);
    if (refusal !== undefined) this.#output.sendPacket(packet.source, refusal, packet.destination);
  }

  #send(ends: IpEnds, protocol: number, segment: Uint8Array): void {
    const reason = this.#output.send(ends, protocol, segment);
    if (reason !== undefined) this.#drops.add(reason);
  }

  #refuse(error: IpParseError): void {
    this.#drops.add(error === 'malformed' ? 'inner-malformed' : 'checksum-invalid');
  }
}

function turned({ source, destination }: IpEnds): IpEnds {
  return { source: destination, destination: source };
}
