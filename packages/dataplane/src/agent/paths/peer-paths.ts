import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { PathSelector, type Path, type PathCommand } from '../../core/path/path-selector.ts';
import { formatUdpEndpoint, udpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import type { WireguardControl, WireguardPeerState } from '../../ports/wireguard-control.ts';
import { pathKey, type PathFact } from '../compile/compile-input.ts';
import type { DomainProgram, PeerProgram } from '../compile/node-program.ts';
import { PeerMtu } from './peer-mtu.ts';
import { PathQuality, type PathNumbers } from './path-quality.ts';
import { probePath, tryPath, type ProbeTarget } from './probe-path.ts';

/** How long a path has to prove itself, and the pause after none did. */
const ATTEMPT_MS = 2000;
const PAUSE_MS = 2000;
/**
 * A path that is tried is asked several times, for its first packets may be lost to handshakes. All have until the end of
 * the attempt: an underlay, or a machine under load, may be slow, and what is slow is not dead.
 */
const TRY = { n: 4, everyMs: 450, timeoutMs: 1900 } as const;
/**
 * Of a path that is up, some round trips are waited for, so that two lost probes tell within three seconds; of one that is
 * slower than that, a round trip and a half.
 */
const UP_TIMEOUT = { roundTrips: 4, minMs: 700, maxMs: 1000, ofSlow: 1.5 } as const;
/** A peer that was heard of so lately is where the device says it is (REJECT_AFTER_TIME). */
const HEARD_MS = 180_000;
/** Probes of all peers together keep below this rate. */
const PROBES_PER_SECOND = 50;

/** What is known of the way to a peer. */
export interface PeerPathState extends PathNumbers {
  readonly up: boolean;
  readonly path: 'none' | 'direct' | 'relay';
  readonly relay?: string;
  /** The longest packet that passes straight, where there is a straight way. */
  readonly mtuBytes?: number;
}

interface Deps {
  readonly wireguard: WireguardControl;
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: LogPort;
  /** A path changed: routes may have to follow. */
  readonly onChange: () => void;
}

interface Tracked {
  readonly domain: DomainName;
  peer: PeerProgram;
  choices: string;
  readonly selector: PathSelector<string>;
  readonly quality: PathQuality;
  readonly mtu: PeerMtu;
  cancelTimer: (() => void) | undefined;
  seen: string;
  /** Bytes that came from the peer straight, when they were looked at last while relayed. */
  heardBytes: number | undefined;
}

/**
 * Finds and keeps a way to every peer: rotates endpoints and relays until a probe inside the tunnel passes,
 * and probes on, so that a path that fails is left.
 */
export class PeerPaths {
  readonly #deps: Deps;
  readonly #tracked = new Map<string, Tracked>();
  /** Router addresses of peers by domain and `cluster/node`, for probes of relays. */
  readonly #routers = new Map<string, readonly IpAddress[]>();
  #isStopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Follows the program's peers. Call it once their devices are configured. */
  follow(domains: readonly DomainProgram[]): void {
    const wanted = new Set<string>();
    this.#routers.clear();
    for (const { domain, peers } of domains)
      for (const peer of peers)
        this.#routers.set(pathKey(domain, peer.cluster, peer.node), peer.routerAddresses);
    const nPeers = this.#routers.size;
    for (const { domain, peers } of domains)
      for (const peer of peers) {
        const key = pathKey(domain, peer.cluster, peer.node);
        wanted.add(key);
        this.#followPeer(key, { domain, peer, nPeers });
      }
    for (const [key, tracked] of this.#tracked)
      if (!wanted.has(key)) {
        forget(tracked);
        this.#tracked.delete(key);
      }
  }

  /** Which relay carries the packets to each peer that needs one, and where shorter packets pass than promised. */
  facts(): Record<string, PathFact> {
    const facts: Record<string, PathFact> = {};
    for (const [key, { selector, peer, mtu }] of this.#tracked) {
      const path = selector.path();
      const mtuBytes = mtu.mtuBytes();
      if (path?.kind === 'via') facts[key] = { relay: path.relay };
      else if (mtuBytes < peer.mtuBytes) facts[key] = { mtuBytes };
    }
    return facts;
  }

  state(key: string): PeerPathState {
    const tracked = this.#tracked.get(key);
    if (tracked === undefined) return { up: false, path: 'none' };
    const { selector, quality, mtu } = tracked;
    const path = selector.path();
    return {
      up: path !== undefined,
      path: path === undefined ? 'none' : path.kind === 'via' ? 'relay' : 'direct',
      ...(path?.kind === 'via' && { relay: path.relay }),
      ...(isStraight(path) && { mtuBytes: mtu.mtuBytes() }),
      ...quality.numbers(),
    };
  }

  stop(): void {
    this.#isStopped = true;
    for (const tracked of this.#tracked.values()) forget(tracked);
    this.#tracked.clear();
  }

  #followPeer(
    key: string,
    { domain, peer, nPeers }: { domain: DomainName; peer: PeerProgram; nPeers: number },
  ): void {
    const known = this.#tracked.get(key);
    const isSameKey = known?.peer.publicKey === peer.publicKey;
    const tracked = known !== undefined && isSameKey ? known : this.#track(key, domain, peer, nPeers);
    tracked.peer = peer;
    tracked.mtu.setPeer(peer);
    const choices = JSON.stringify([peer.candidates, peer.relays]);
    if (choices === tracked.choices) return;
    const isFirst = tracked.choices === '';
    tracked.choices = choices;
    void this.#choose(tracked, isFirst);
  }

  #track(key: string, domain: DomainName, peer: PeerProgram, nPeers: number): Tracked {
    const before = this.#tracked.get(key);
    if (before !== undefined) forget(before);
    const livenessMs = Math.max(1000, (nPeers * 1000) / PROBES_PER_SECOND);
    const tracked: Tracked = {
      domain,
      peer,
      choices: '',
      selector: new PathSelector<string>({ livenessMs, attemptMs: ATTEMPT_MS, pauseMs: PAUSE_MS }),
      quality: new PathQuality(),
      mtu: new PeerMtu(this.#deps, { domain, peer, confirmMs: 3 * livenessMs }),
      cancelTimer: undefined,
      seen: '',
      heardBytes: undefined,
    };
    this.#tracked.set(key, tracked);
    return tracked;
  }

  /** The endpoint that the device uses already comes first, so that a restart moves nothing that works. */
  async #choose(tracked: Tracked, isFirst: boolean): Promise<void> {
    const { peer, domain, selector } = tracked;
    const endpoints = peer.candidates.map(({ address, port }) => udpEndpoint(address, port));
    if (isFirst) {
      const state = await this.#deps.wireguard.read(domain).catch(() => undefined);
      const current = state?.peers.find((one) => one.publicKey === peer.publicKey);
      if (current?.endpoint !== undefined && current.lastHandshakeMs !== undefined)
        endpoints.unshift(udpEndpoint(current.endpoint.address, current.endpoint.port));
    }
    selector.setChoices({ endpoints: unique(endpoints), relays: peer.relays }, this.#deps.clock.nowMs());
    this.#drain(tracked);
  }

  #drain(tracked: Tracked): void {
    if (this.#isStopped) return;
    const { selector } = tracked;
    for (let command = selector.pollCommand(); command !== undefined; command = selector.pollCommand())
      this.#perform(tracked, command);
    const path = selector.path();
    const seen = path === undefined ? 'none' : path.kind === 'via' ? path.relay : 'direct';
    tracked.mtu.setWay(wayOf(path), tracked.quality.numbers().rttMs);
    if (seen !== tracked.seen) {
      const before = tracked.seen || 'none';
      tracked.seen = seen;
      const { domain, peer } = tracked;
      const to = `${peer.cluster}/${peer.node}`;
      if (seen !== before) this.#deps.log.info({ domain, to, path: seen, before }, 'path changed');
      this.#deps.onChange();
    }
    tracked.cancelTimer?.();
    const deadlineMs = selector.pollTimeout();
    tracked.cancelTimer =
      deadlineMs === undefined
        ? undefined
        : this.#deps.clock.at(deadlineMs, () => {
            selector.handleTimeout(this.#deps.clock.nowMs());
            this.#drain(tracked);
          });
  }

  #perform(tracked: Tracked, command: PathCommand<string>): void {
    switch (command.kind) {
      case 'use':
        if (command.path.kind === 'direct') void this.#steer(tracked, command.path.endpoint);
        return;
      case 'probe':
        void this.#probe(tracked, command.path, command.attempt);
    }
  }

  /** Sends a peer's packets to an endpoint, unless the peer itself was heard from one that nobody announced. */
  async #steer({ domain, peer }: Tracked, endpoint: UdpEndpoint): Promise<void> {
    const { wireguard, clock } = this.#deps;
    const { address, port } = endpoint;
    try {
      const state = await wireguard.read(domain);
      const current = state?.peers.find((one) => one.publicKey === peer.publicKey);
      if (current !== undefined && hasRoamed(peer, current, clock.nowMs())) return;
      await wireguard.steer(domain, peer.publicKey, { address, port });
    } catch {
      // The device is not there at the moment: the next attempt steers again.
    }
  }

  async #probe(tracked: Tracked, path: Path<string>, attempt: number): Promise<void> {
    const { quality, selector } = tracked;
    const target = this.#target(tracked, path);
    const rttMs = await (selector.state() === 'up'
      ? probePath(target, upTimeoutMs(quality), this.#deps)
      : tryPath(target, TRY, this.#deps));
    if (this.#isStopped) return;
    quality.add(rttMs);
    selector.handleProbeResult({ attempt, passed: rttMs !== undefined }, this.#deps.clock.nowMs());
    if (await this.#isHeard(tracked)) selector.handleHeard(this.#deps.clock.nowMs());
    this.#drain(tracked);
  }

  #target({ domain, peer }: Tracked, path: Path<string>): ProbeTarget {
    if (path.kind !== 'via') return { kind: 'peer', domain, to: peer.routerAddresses[0] };
    const to = this.#routers.get(`${domain}/${path.relay}`)?.[0];
    return { kind: 'relay', domain, to, node: `${peer.cluster}/${peer.node}` };
  }

  /** True where a peer that is reached through a relay has sent something straight since the last time. */
  async #isHeard(tracked: Tracked): Promise<boolean> {
    const before = tracked.heardBytes;
    tracked.heardBytes = undefined;
    if (tracked.selector.state() !== 'up' || tracked.selector.path()?.kind !== 'via') return false;
    const state = await this.#deps.wireguard.read(tracked.domain).catch(() => undefined);
    const peer = state?.peers.find(({ publicKey }) => publicKey === tracked.peer.publicKey);
    tracked.heardBytes = peer?.rxBytes;
    return before !== undefined && peer !== undefined && peer.rxBytes > before;
  }
}

/** True where the device sends to an endpoint that the peer was heard from and does not announce itself. */
function hasRoamed(peer: PeerProgram, current: WireguardPeerState, nowMs: number): boolean {
  const { endpoint, lastHandshakeMs } = current;
  if (endpoint === undefined || lastHandshakeMs === undefined || nowMs - lastHandshakeMs > HEARD_MS)
    return false;
  return !peer.candidates.some(({ address, port }) => address === endpoint.address && port === endpoint.port);
}

/** A way whose packets go straight to the peer. */
function isStraight(path: Path<string> | undefined): boolean {
  return path !== undefined && path.kind !== 'via';
}

/** Names the straight way that packets take. */
function wayOf(path: Path<string> | undefined): string | undefined {
  if (path === undefined || path.kind === 'via') return undefined;
  return path.kind === 'passive' ? 'passive' : formatUdpEndpoint(path.endpoint);
}

function forget({ mtu, cancelTimer }: Tracked): void {
  mtu.stop();
  cancelTimer?.();
}

function upTimeoutMs(quality: PathQuality): number {
  const { roundTrips, minMs, maxMs, ofSlow } = UP_TIMEOUT;
  const { rttMs = 0 } = quality.numbers();
  return Math.max(minMs, Math.min(rttMs * roundTrips, maxMs), rttMs * ofSlow);
}

function unique(endpoints: readonly UdpEndpoint[]): UdpEndpoint[] {
  const seen = new Set<string>();
  return endpoints.filter(({ address, port }) => {
    const key = `${address} ${port}`;
    return !seen.has(key) && seen.add(key);
  });
}
