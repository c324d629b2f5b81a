import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { ExchangeOutcome, ExchangeRequest } from '../../core/route/exchange.ts';
import type { HostInterface } from '../../core/route/host-interfaces.ts';
import type { RouterInput } from '../../core/route/domain-router.ts';
import { IpHost } from '../../core/route/ip-host.ts';
import type { ClockPort } from '../../ports/clock.ts';
import { memberInterfaceName } from '../../ports/interface-names.ts';
import type { SocketPlace } from '../../ports/namespace-sockets.ts';
import type { PodRuntime } from '../../ports/pod-runtime.ts';
import type { RandomPort } from '../../ports/random.ts';
import { MemoryRouter, SELF_INTERFACE } from './host-network-router.ts';
import type { SimulatedHost } from './simulated-host.ts';

export interface MemoryNodeDeps {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  /** The node's place in the underlay. */
  readonly host: SimulatedHost;
}

interface Pod {
  readonly host: IpHost;
  interfaces: readonly HostInterface[];
}

/** A packet on its way inside the node. */
type Step =
  | {
      readonly to: 'router';
      readonly domain: DomainName;
      readonly input: RouterInput;
      readonly packet: Uint8Array;
    }
  | { readonly to: 'pod'; readonly uid: string; readonly interfaceName: string; readonly packet: Uint8Array };

/**
 * A node in memory: pods, one router for each domain, and the packets between them. What the kernel
 * keeps on a real node is kept here, so that an agent over it can be restarted.
 */
export class MemoryNode implements PodRuntime {
  readonly host: SimulatedHost;
  readonly random: RandomPort;
  readonly routers = new Map<DomainName, MemoryRouter>();
  readonly #clock: ClockPort;
  readonly #pods = new Map<string, Pod>();
  readonly #watchers = new Set<(podUid: string) => void>();
  readonly #waiting = new Map<IpHost, Map<number, (outcome: ExchangeOutcome) => void>>();
  readonly #timers = new Map<IpHost, () => void>();
  readonly #steps: Step[] = [];
  #isMoving = false;

  constructor({ clock, random, host }: MemoryNodeDeps) {
    this.#clock = clock;
    this.random = random;
    this.host = host;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Makes a pod's sandbox, and gives the host in it. */
  addPod(podUid: string): IpHost {
    const host = new IpHost(this.random);
    this.#pods.set(podUid, { host, interfaces: [] });
    for (const watcher of this.#watchers) watcher(podUid);
    return host;
  }

  removePod(podUid: string): void {
    const pod = this.#pods.get(podUid);
    if (pod === undefined) return;
    this.#forget(pod.host);
    this.#pods.delete(podUid);
    for (const watcher of this.#watchers) watcher(podUid);
  }

  pod(podUid: string): IpHost | undefined {
    return this.#pods.get(podUid)?.host;
  }

  podUids(): string[] {
    return [...this.#pods.keys()].toSorted();
  }

  interfaces(podUid: string): readonly HostInterface[] {
    return this.#pods.get(podUid)?.interfaces ?? [];
  }

  /** Replaces a pod's interfaces. */
  setInterfaces(podUid: string, interfaces: readonly HostInterface[]): void {
    const pod = this.#pods.get(podUid);
    if (pod === undefined) return;
    pod.interfaces = interfaces;
    pod.host.setInterfaces(interfaces);
  }

  async networkNamespace(podUid: string): Promise<string | undefined> {
    return this.#pods.has(podUid) ? `memory:${podUid}` : undefined;
  }

  watch(listener: (podUid: string) => void): () => void {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  }

  /** The host whose sockets a place means; undefined where it is not there. */
  socketsAt(place: SocketPlace): IpHost | undefined {
    switch (place.type) {
      case 'node':
        return undefined;
      case 'domain':
        return this.routers.get(place.domain)?.sockets;
      case 'pod':
        return this.pod(place.podUid);
    }
  }

  /** Sends a request from a place. */
  exchange(place: SocketPlace, request: ExchangeRequest): Promise<ExchangeOutcome> {
    const host = this.socketsAt(place);
    if (host === undefined) return Promise.resolve({ kind: 'impossible', detail: 'no such namespace' });
    return new Promise((resolve) => {
      const id = host.exchange(request, this.nowMs());
      const waiting = this.#waiting.get(host) ?? new Map<number, (outcome: ExchangeOutcome) => void>();
      waiting.set(id, resolve);
      this.#waiting.set(host, waiting);
      this.#move();
    });
  }

  /** Lets whatever a host has to say go its way, after something was done with its sockets. */
  run(host: IpHost, work: () => void): void {
    host.run(this.nowMs(), work);
    this.#move();
  }

  /** A packet that came out of the domain's tunnels. */
  handleTunnelPacket(domain: DomainName, packet: Uint8Array): void {
    this.#steps.push({ to: 'router', domain, input: { from: 'tunnel' }, packet });
    this.#move();
  }

  /** Puts a packet, as it is, on a pod's interface in a domain. */
  injectFromPod(podUid: string, domain: DomainName, packet: Uint8Array): void {
    this.#steps.push({ to: 'router', domain, input: { from: 'member', id: podUid }, packet });
    this.#move();
  }

  /** Carries packets until all is quiet; a packet that causes another does not nest. */
  #move(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    try {
      for (;;) {
        this.#collect();
        const step = this.#steps.shift();
        if (step === undefined) break;
        if (step.to === 'router') this.#route(step);
        else this.#pods.get(step.uid)?.host.handlePacket(step.interfaceName, step.packet, this.nowMs());
      }
    } finally {
      this.#isMoving = false;
    }
    for (const { host } of this.#pods.values()) this.#arm(host);
    for (const { sockets } of this.routers.values()) this.#arm(sockets);
  }

  #collect(): void {
    for (const [uid, { host }] of this.#pods) {
      for (let out = host.pollPacket(); out !== undefined; out = host.pollPacket()) {
        const domain = this.#domainOfInterface(out.interfaceName);
        if (domain !== undefined)
          this.#steps.push({ to: 'router', domain, input: { from: 'member', id: uid }, packet: out.packet });
      }
      this.#resolve(host);
    }
    for (const [domain, { sockets }] of this.routers) {
      for (let out = sockets.pollPacket(); out !== undefined; out = sockets.pollPacket())
        this.#steps.push({ to: 'router', domain, input: { from: 'self' }, packet: out.packet });
      this.#resolve(sockets);
    }
  }

  #route({ domain, input, packet }: Extract<Step, { to: 'router' }>): void {
    const router = this.routers.get(domain);
    if (router === undefined) return;
    for (const output of router.route(input, packet, this.nowMs()))
      switch (output.to) {
        case 'member':
          this.#steps.push({
            to: 'pod',
            uid: output.id,
            interfaceName: memberInterfaceName(domain),
            packet: output.packet,
          });
          break;
        case 'tunnel':
          router.tun?.inject(output.packet);
          break;
        case 'self':
          router.sockets.handlePacket(SELF_INTERFACE, output.packet, this.nowMs());
          break;
      }
  }

  #resolve(host: IpHost): void {
    for (let done = host.pollOutcome(); done !== undefined; done = host.pollOutcome()) {
      const waiting = this.#waiting.get(host);
      waiting?.get(done.id)?.(done.outcome);
      waiting?.delete(done.id);
    }
  }

  #arm(host: IpHost): void {
    this.#timers.get(host)?.();
    this.#timers.delete(host);
    const deadlineMs = host.pollTimeout();
    if (deadlineMs === undefined) return;
    const cancel = this.#clock.at(deadlineMs, () => {
      this.#timers.delete(host);
      host.handleTimeout(this.nowMs());
      this.#move();
    });
    this.#timers.set(host, cancel);
  }

  #forget(host: IpHost): void {
    this.#timers.get(host)?.();
    this.#timers.delete(host);
    for (const resolve of this.#waiting.get(host)?.values() ?? [])
      resolve({ kind: 'impossible', detail: 'the sandbox is gone' });
    this.#waiting.delete(host);
  }

  #domainOfInterface(name: string): DomainName | undefined {
    for (const domain of this.routers.keys()) if (memberInterfaceName(domain) === name) return domain;
    return undefined;
  }

  /** Takes a router away with its sockets. */
  removeRouter(domain: DomainName): void {
    const router = this.routers.get(domain);
    if (router === undefined) return;
    this.#forget(router.sockets);
    this.routers.delete(domain);
  }

  /** The addresses that the node has in the underlay. */
  addresses(): readonly IpAddress[] {
    return this.host.addresses();
  }
}
