import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import { pathKey, type LocalFacts } from '../compile/compile-input.ts';
import type { DomainProgram, PeerProgram } from '../compile/node-program.ts';
import { askRouter, NONCE_BYTES } from './ask-router.ts';
import { parseAnswer, writeQuestion } from './endpoint-question.ts';
import type { PeerPathState } from './peer-paths.ts';

const FIRST_ROUND_MS = 3000;
const ROUND_MS = 30_000;
const ANSWER_MS = 1000;
/** How many peers of a domain are asked; those of other clusters, as the own one may share the NAT. */
const N_ASKED = 3;
const N_TRIES = 3;

interface Deps {
  readonly cluster: string;
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly pathState: (key: string) => PeerPathState;
  readonly onChange: () => void;
}

/**
 * Finds out by asking peers whether this node is behind NAT, and at which endpoint it is seen. An endpoint
 * is of use to others only where all who were asked see the same.
 */
export class SelfObserver {
  readonly #deps: Deps;
  #domains: readonly DomainProgram[] = [];
  #own: ReadonlySet<IpAddress> = new Set();
  #behindNat: boolean | undefined;
  #observed: LocalFacts['observedEndpoints'] = {};
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#later(FIRST_ROUND_MS);
  }

  follow(domains: readonly DomainProgram[], own: readonly IpAddress[]): void {
    this.#domains = domains;
    this.#own = new Set(own);
  }

  /** Nothing where no peer could be asked yet. */
  behindNat(): boolean | undefined {
    return this.#behindNat;
  }

  observedEndpoints(): LocalFacts['observedEndpoints'] {
    return this.#observed;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #later(delayMs: number): void {
    const { clock } = this.#deps;
    this.#cancel = clock.at(clock.nowMs() + delayMs, () => {
      void this.#round().then((learned) => {
        if (!this.#isStopped) this.#later(learned ? ROUND_MS : FIRST_ROUND_MS);
      });
    });
  }

  async #round(): Promise<boolean> {
    const seen = await Promise.all(
      this.#domains.map(async ({ domain, peers }) => [domain, await this.#ask(domain, peers)] as const),
    );
    const all = seen.flatMap(([, endpoints]) => endpoints);
    if (all.length === 0 || this.#isStopped) return false;
    const behindNat = all.some(({ address }) => !this.#own.has(address));
    const observed = Object.fromEntries(
      seen.flatMap(([domain, endpoints]) => {
        const [first] = endpoints;
        if (first === undefined || this.#own.has(first.address)) return [];
        const agree = endpoints.every(
          ({ address, port }) => address === first.address && port === first.port,
        );
        return agree ? [[domain, { address: first.address, port: first.port }]] : [];
      }),
    );
    const isNew =
      behindNat !== this.#behindNat || JSON.stringify(observed) !== JSON.stringify(this.#observed);
    this.#behindNat = behindNat;
    this.#observed = observed;
    if (isNew) this.#deps.onChange();
    return true;
  }

  async #ask(domain: DomainName, peers: readonly PeerProgram[]): Promise<UdpEndpoint[]> {
    const { cluster, pathState } = this.#deps;
    const reachable = peers.filter((peer) => {
      const path = pathState(pathKey(domain, peer.cluster, peer.node));
      return peer.cluster !== cluster && path.up && path.path === 'direct';
    });
    const answers = await Promise.all(
      reachable.slice(0, N_ASKED).map((peer) => this.#askPeer(domain, peer.routerAddresses[0])),
    );
    return answers.flatMap((answer) => answer ?? []);
  }

  async #askPeer(domain: DomainName, to: IpAddress | undefined): Promise<UdpEndpoint | undefined> {
    const { sockets, random } = this.#deps;
    for (let i = 0; i < N_TRIES && to !== undefined && !this.#isStopped; i++) {
      const nonce = random(NONCE_BYTES);
      const payload = writeQuestion(nonce);
      const outcome = await askRouter(sockets, { domain, to, payload, timeoutMs: ANSWER_MS });
      if (outcome.kind === 'answered' && outcome.bytes !== undefined)
        return parseAnswer(outcome.bytes, nonce);
      if (outcome.kind !== 'timeout') return undefined;
    }
    return undefined;
  }
}
