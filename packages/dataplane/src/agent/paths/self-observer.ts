import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import { addressFamily } from '../addresses/block-addresses.ts';
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
const FAMILIES: readonly IpFamily[] = [4, 6];

interface Deps {
  readonly cluster: string;
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly pathState: (key: string) => PeerPathState;
  readonly onChange: () => void;
}

/**
 * Finds out by asking peers in which address families this node is behind NAT, and at which endpoints it is seen. An
 * endpoint is of use to others only where all who see it in its family see the same.
 */
export class SelfObserver {
  readonly #deps: Deps;
  #domains: readonly DomainProgram[] = [];
  #own: ReadonlySet<IpAddress> = new Set();
  #natFamilies: readonly IpFamily[] | undefined;
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
  natFamilies(): readonly IpFamily[] | undefined {
    return this.#natFamilies;
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
    const natFamilies = FAMILIES.filter((family) => this.#foreign(all, family).length > 0);
    const observed = Object.fromEntries(
      seen.flatMap(([domain, endpoints]) => {
        const agreed = FAMILIES.flatMap((family) => this.#agreed(endpoints, family));
        return agreed.length === 0 ? [] : [[domain, agreed]];
      }),
    );
    const isNew =
      JSON.stringify([natFamilies, observed]) !== JSON.stringify([this.#natFamilies, this.#observed]);
    this.#natFamilies = natFamilies;
    this.#observed = observed;
    if (isNew) this.#deps.onChange();
    return true;
  }

  /** Endpoints of a family that are none of the node's own. */
  #foreign(endpoints: readonly UdpEndpoint[], family: IpFamily): UdpEndpoint[] {
    return endpoints.filter(({ address }) => addressFamily(address) === family && !this.#own.has(address));
  }

  /** The one endpoint of a family that is seen, where it is not the node's own; none where peers do not agree. */
  #agreed(endpoints: readonly UdpEndpoint[], family: IpFamily): { address: IpAddress; port: number }[] {
    const [first, ...others] = this.#foreign(endpoints, family);
    if (first === undefined) return [];
    const agree = others.every(({ address, port }) => address === first.address && port === first.port);
    return agree ? [{ address: first.address, port: first.port }] : [];
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
