import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { formatUdpEndpoint, udpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { NamespaceSockets, ReceivedDatagram } from '../../ports/namespace-sockets.ts';
import { ECHO_PORT } from '../../ports/namespace-sockets.ts';
import type { WireguardControl, WireguardState } from '../../ports/wireguard-control.ts';
import { pathKey } from '../compile/compile-input.ts';
import type { NodeProgram } from '../compile/node-program.ts';
import type { WantedListener } from '../listeners/keyed-listeners.ts';
import { parseQuestion, writeAnswer } from './endpoint-question.ts';
import type { PeerPathState } from './peer-paths.ts';
import { parseRelayQuestion, writeRelayAnswer } from './relay-question.ts';
import { parseSizeQuestion, writeSizeAnswer } from './size-question.ts';

/** How old the device's state may be that an answer is taken from. */
const FRESH_MS = 2000;

interface Deps {
  readonly wireguard: WireguardControl;
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly pathState: (key: string) => PeerPathState;
}

/**
 * Tells peers at which endpoint this node sees them, and whom it reaches straight, so that it can relay; echoes
 * everything else that is sent to the domain's router.
 */
export class PeerWitness {
  readonly #deps: Deps;
  readonly #states = new Map<
    DomainName,
    { readonly state: WireguardState | undefined; readonly atMs: number }
  >();
  #keys = new Map<string, string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Takes over who has which router address. */
  follow(program: NodeProgram): void {
    this.#keys = new Map(
      program.domains.flatMap(({ domain, peers }) =>
        peers.flatMap((peer) =>
          peer.routerAddresses.map((address) => [`${domain} ${address}`, peer.publicKey] as const),
        ),
      ),
    );
  }

  /** The listeners on the domains' routers. */
  listeners(domain: DomainName, addresses: readonly IpAddress[]): WantedListener[] {
    const place = { type: 'domain', domain } as const;
    return addresses.map((address) => ({
      key: `witness ${domain} ${address}`,
      open: () =>
        this.#deps.sockets.listenUdp(place, address, ECHO_PORT, (request) => this.#answer(domain, request)),
    }));
  }

  #answer(domain: DomainName, { bytes, address }: ReceivedDatagram): Uint8Array | undefined {
    const publicKey = this.#keys.get(`${domain} ${address}`);
    const relay = parseRelayQuestion(bytes);
    // Members, who reach the router too, are told nothing of nodes.
    if (relay !== undefined && publicKey !== undefined)
      return writeRelayAnswer(relay.nonce, this.#reaches(domain, relay.node));
    const size = parseSizeQuestion(bytes);
    if (size !== undefined && publicKey !== undefined) return writeSizeAnswer(size);
    const nonce = parseQuestion(bytes);
    return nonce === undefined ? bytes : this.#answerEndpoint(domain, nonce, publicKey);
  }

  #reaches(domain: DomainName, node: string): boolean {
    const [cluster = '', name = ''] = node.split('/');
    const { up, path } = this.#deps.pathState(pathKey(domain, cluster, name));
    return up && path === 'direct';
  }

  /** A question that comes before the device's state is known stays unanswered; it is asked again. */
  #answerEndpoint(
    domain: DomainName,
    nonce: Uint8Array,
    publicKey: string | undefined,
  ): Uint8Array | undefined {
    const known = this.#states.get(domain);
    const nowMs = this.#deps.clock.nowMs();
    if (known === undefined || nowMs - known.atMs > FRESH_MS) {
      void this.#refresh(domain);
      if (known === undefined) return undefined;
    }
    const endpoint = known.state?.peers.find((peer) => peer.publicKey === publicKey)?.endpoint;
    if (endpoint === undefined) return undefined;
    return writeAnswer(nonce, formatUdpEndpoint(udpEndpoint(endpoint.address, endpoint.port)));
  }

  async #refresh(domain: DomainName): Promise<void> {
    const state = await this.#deps.wireguard.read(domain).catch(() => undefined);
    this.#states.set(domain, { state, atMs: this.#deps.clock.nowMs() });
  }
}
