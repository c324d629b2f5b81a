import type { DomainName } from '@flatland/shared/model/names';
import { IPV4_MIN_MTU_BYTES, IPV6_MIN_MTU_BYTES } from '../../core/path/mtu.ts';
import { MtuSearch, type MtuProbe } from '../../core/path/mtu-search.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import type { PeerProgram } from '../compile/node-program.ts';
import { askRouter, NONCE_BYTES } from './ask-router.ts';
import { isSizeAnswer, writeSizeQuestion } from './size-question.ts';

/** How long an answer is waited for: some round trips. */
const TIMEOUT_ROUND_TRIPS = 4;
const MIN_TIMEOUT_MS = 300;
const MAX_TIMEOUT_MS = 1500;

interface Deps {
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  /** Another length passes than before. */
  readonly onChange: () => void;
}

/** Keeps to what length packets pass straight to one peer of a domain. */
export class PeerMtu {
  readonly #deps: Deps;
  readonly #domain: DomainName;
  readonly #search: MtuSearch;
  #peer: PeerProgram;
  #way: string | undefined;
  #rttMs: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(
    deps: Deps,
    { domain, peer, confirmMs }: { domain: DomainName; peer: PeerProgram; confirmMs: number },
  ) {
    this.#deps = deps;
    this.#domain = domain;
    this.#peer = peer;
    const hasIpv6 = peer.blocks.some((block) => block.includes(':'));
    const floorBytes = hasIpv6 ? IPV6_MIN_MTU_BYTES : IPV4_MIN_MTU_BYTES;
    this.#search = new MtuSearch(peer.mtuBytes, { floorBytes, confirmMs });
  }

  mtuBytes(): number {
    return this.#search.mtuBytes();
  }

  /** The peer's program has changed. */
  setPeer(peer: PeerProgram): void {
    this.#peer = peer;
    this.#search.setLimit(peer.mtuBytes, this.#deps.clock.nowMs());
    this.#drain();
  }

  /** The way that packets take now, straight to an endpoint; nothing where there is none. */
  setWay(way: string | undefined, rttMs?: number): void {
    this.#rttMs = rttMs ?? this.#rttMs;
    if (way === this.#way) return;
    this.#way = way;
    if (way === undefined) this.#search.stop();
    else this.#search.start(this.#deps.clock.nowMs());
    this.#drain();
  }

  stop(): void {
    this.#search.stop();
    this.#cancelTimer?.();
  }

  #drain(): void {
    const { clock } = this.#deps;
    const probe = this.#search.pollProbe();
    if (probe !== undefined) void this.#send(probe);
    this.#cancelTimer?.();
    const deadlineMs = this.#search.pollTimeout();
    this.#cancelTimer =
      deadlineMs === undefined
        ? undefined
        : clock.at(deadlineMs, () => {
            this.#search.handleTimeout(clock.nowMs());
            this.#drain();
          });
  }

  async #send({ sizeBytes, attempt }: MtuProbe): Promise<void> {
    const beforeBytes = this.#search.mtuBytes();
    const passed = await this.#ask(sizeBytes);
    this.#search.handleProbeResult({ attempt, passed }, this.#deps.clock.nowMs());
    this.#drain();
    if (this.#search.mtuBytes() !== beforeBytes) this.#deps.onChange();
  }

  /** Whether a packet of this length arrives. Takes its whole time where it does not, so that tries are apart. */
  async #ask(sizeBytes: number): Promise<boolean> {
    const { sockets, clock, random } = this.#deps;
    const [to] = this.#peer.routerAddresses;
    const wantedMs = (this.#rttMs ?? 0) * TIMEOUT_ROUND_TRIPS;
    const timeoutMs = Math.min(Math.max(wantedMs, MIN_TIMEOUT_MS), MAX_TIMEOUT_MS);
    const endsAtMs = clock.nowMs() + timeoutMs;
    if (to !== undefined) {
      const nonce = random(NONCE_BYTES);
      const outcome = await askRouter(sockets, {
        domain: this.#domain,
        to,
        payload: writeSizeQuestion(nonce, sizeBytes, to.includes(':') ? 6 : 4),
        timeoutMs,
        dontFragment: true,
      });
      // A peer of an older version returns the question: it has arrived as well.
      if (outcome.kind === 'echoed') return true;
      if (outcome.kind === 'answered' && outcome.bytes !== undefined && isSizeAnswer(outcome.bytes, nonce))
        return true;
    }
    if (clock.nowMs() < endsAtMs) await new Promise<void>((resolve) => clock.at(endsAtMs, resolve));
    return false;
  }
}
