/** The requests of an in-memory host: sent, awaited, and what came of them. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { concatBytes, EMPTY } from '../noise/bytes.ts';
import { icmpBytes } from '../wire/icmp.ts';
import { familyOf } from '../wire/ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_UDP } from '../wire/protocol-numbers.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';
import { udpBytes } from '../wire/udp.ts';
import type { ExchangeOutcome, ExchangeRequest } from './exchange.ts';
import type { QuotedPacket } from './exchange-errors.ts';
import type { HostInterfaces } from './host-interfaces.ts';
import type { IpOutput } from './ip-output.ts';
import type { TcpClose } from './tcp-connection.ts';
import type { TcpSockets } from './tcp-sockets.ts';

const FIRST_LOCAL = 40_000;
const LAST_LOCAL = 49_000;

/** How an answer finds its request: ICMP by identifier, UDP and TCP by local port. */
export interface ExchangeKey {
  readonly protocol: 'ICMP' | 'UDP' | 'TCP';
  readonly local: number;
}

/** Bytes that came back. */
export interface ExchangeAnswer {
  readonly bytes: Uint8Array;
  readonly from: IpAddress;
}

interface Pending {
  readonly key: ExchangeKey;
  readonly request: ExchangeRequest;
  readonly source: IpAddress;
  readonly sentAtMs: number;
  readonly deadlineMs: number;
}

export interface ExchangesDeps {
  readonly tcp: TcpSockets;
  readonly output: IpOutput;
  readonly interfaces: HostInterfaces;
}

export class Exchanges {
  readonly #deps: ExchangesDeps;
  readonly #pending = new Map<number, Pending>();
  readonly #outcomes: { readonly id: number; readonly outcome: ExchangeOutcome }[] = [];
  #nextId = 1;
  #nextLocal = FIRST_LOCAL;

  constructor(deps: ExchangesDeps) {
    this.#deps = deps;
  }

  /** Sends a request; the id under which its outcome comes. */
  begin(request: ExchangeRequest, nowMs: number): number {
    const id = this.#nextId++;
    const { from, to } = request;
    const route = this.#deps.interfaces.routeTo(to, from);
    if (!route.ok) {
      const isOurMistake = from !== undefined && !this.#deps.interfaces.owns(from);
      this.#outcomes.push({
        id,
        outcome: { kind: isOurMistake ? 'impossible' : 'unreachable', detail: route.error },
      });
      return id;
    }
    const ends = { source: route.value.source, destination: to };
    if (request.protocol === 'TCP') this.#beginTcp(id, { request, ends, nowMs });
    else this.#beginDatagram(id, { request, ends, nowMs });
    return id;
  }

  /** Takes in an answer; false where no request waits for it. */
  handleAnswer(key: ExchangeKey, answer: ExchangeAnswer, nowMs: number): boolean {
    const id = this.#find(key, answer.from);
    if (id !== undefined) this.#answer(id, answer, nowMs);
    return id !== undefined;
  }

  /** Takes in an error about a packet of ours. */
  handleError(quoted: QuotedPacket, outcome: ExchangeOutcome): void {
    const id = this.#find(quoted.key, quoted.destination);
    if (id !== undefined && this.#pending.get(id)?.source === quoted.source) this.#finish(id, outcome);
  }

  handleTimeout(nowMs: number): void {
    for (const [id, { deadlineMs }] of this.#pending)
      if (deadlineMs <= nowMs) this.#finish(id, { kind: 'timeout' });
  }

  pollOutcome(): { readonly id: number; readonly outcome: ExchangeOutcome } | undefined {
    return this.#outcomes.shift();
  }

  pollTimeout(): number | undefined {
    let earliest: number | undefined;
    for (const { deadlineMs } of this.#pending.values())
      if (earliest === undefined || deadlineMs < earliest) earliest = deadlineMs;
    return earliest;
  }

  #beginDatagram(id: number, { request, ends, nowMs }: Begin): void {
    const local = this.#takeLocal();
    this.#await(id, { request, ends, nowMs }, local);
    const { protocol, payload, port } = request;
    const isIcmp = protocol === 'ICMP';
    const segment = isIcmp
      ? icmpBytes({ kind: 'echo-request', identifier: local, sequence: 1, data: payload }, ends)
      : udpBytes({ sourcePort: local, destinationPort: port, payload }, ends);
    const icmp = familyOf(ends.source) === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    const refused = this.#deps.output.send(ends, isIcmp ? icmp : PROTOCOL_UDP, segment);
    if (refused !== undefined) this.#finish(id, { kind: 'unreachable', detail: refused });
  }

  #beginTcp(id: number, { request, ends, nowMs }: Begin): void {
    const { tcp } = this.#deps;
    let received: Uint8Array = EMPTY;
    let isOpen = false;
    const connection = tcp.connect(ends, request.port, {
      nowMs,
      listener: {
        onOpen: () => {
          isOpen = true;
          connection.write(request.payload, tcp.nowMs());
        },
        onData: (bytes) => {
          received = concatBytes(received, bytes);
          if (received.length < request.payload.length) return;
          this.#answer(id, { bytes: received, from: request.to }, tcp.nowMs());
          connection.end(tcp.nowMs());
        },
        onClose: (why) => this.#closeTcp(id, { why, isOpen, rttMs: tcp.nowMs() - nowMs }),
      },
    });
    this.#await(id, { request, ends, nowMs }, connection.localPort());
  }

  #closeTcp(id: number, { why, isOpen, rttMs }: { why: TcpClose; isOpen: boolean; rttMs: number }): void {
    if (why === 'timeout') return this.#finish(id, { kind: 'timeout' });
    if (!isOpen) return this.#finish(id, { kind: 'refused', detail: 'connection refused' });
    this.#finish(id, { kind: 'answered', rttMs, detail: 'the connection closed before the bytes came back' });
  }

  #await(id: number, { request, ends, nowMs }: Begin, local: number): void {
    this.#pending.set(id, {
      key: { protocol: request.protocol, local },
      request,
      source: ends.source,
      sentAtMs: nowMs,
      deadlineMs: nowMs + request.timeoutMs,
    });
  }

  #answer(id: number, { bytes, from }: ExchangeAnswer, nowMs: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const rttMs = nowMs - pending.sentAtMs;
    const isSame = bytes.toHex() === pending.request.payload.toHex();
    const detail = `${bytes.length} other bytes came back`;
    this.#finish(id, isSame ? { kind: 'echoed', rttMs, from } : { kind: 'answered', rttMs, detail, bytes });
  }

  #finish(id: number, outcome: ExchangeOutcome): void {
    if (this.#pending.delete(id)) this.#outcomes.push({ id, outcome });
  }

  #find({ protocol, local }: ExchangeKey, remote: IpAddress): number | undefined {
    for (const [id, { key, request }] of this.#pending)
      if (key.protocol === protocol && key.local === local && request.to === remote) return id;
    return undefined;
  }

  #takeLocal(): number {
    this.#nextLocal = this.#nextLocal === LAST_LOCAL ? FIRST_LOCAL : this.#nextLocal + 1;
    return this.#nextLocal;
  }
}

interface Begin {
  readonly request: ExchangeRequest;
  readonly ends: IpEnds;
  readonly nowMs: number;
}
