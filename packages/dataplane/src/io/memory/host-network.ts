import type { DomainName } from '@flatland/shared/model/names';
import type { HostInterface } from '../../core/route/host-interfaces.ts';
import type {
  ApplyOutcome,
  HostNetwork,
  MemberOutcome,
  NetworkProgram,
  ObservedRouter,
  RouterCounters,
  RouterProgram,
  UnderlayAddress,
} from '../../ports/host-network.ts';
import { memberInterfaceName, wireguardDeviceName } from '../../ports/interface-names.ts';
import type { MemoryNode } from './host-network-node.ts';
import { MemoryRouter } from './host-network-router.ts';

/** The network of an in-memory node. Keeps nothing itself: all that is programmed is the node's. */
export class MemoryHostNetwork implements HostNetwork {
  readonly datapath = 'in-memory';
  readonly #node: MemoryNode;

  constructor(node: MemoryNode) {
    this.#node = node;
  }

  async ensureDomains(domains: readonly DomainName[]): Promise<void> {
    for (const domain of domains) this.#ensure(domain);
  }

  async apply(program: NetworkProgram): Promise<ApplyOutcome> {
    const wanted = new Set(program.routers.map((router) => router.domain));
    let nChanges = 0;
    for (const domain of this.#node.routers.keys())
      if (!wanted.has(domain)) {
        this.#node.removeRouter(domain);
        nChanges++;
      }
    const members: MemberOutcome[] = [];
    const failedDomains: { domain: DomainName; message: string }[] = [];
    for (const router of program.routers) {
      const attached = { ...router, members: router.members.filter(({ podUid }) => this.#node.pod(podUid)) };
      if (this.#configure(attached)) nChanges++;
      if (router.routes.length > 0 && this.#ensure(router.domain).tun === undefined)
        failedDomains.push({
          domain: router.domain,
          message: `${wireguardDeviceName(router.domain)} is not there yet`,
        });
      for (const { podUid } of router.members)
        members.push(
          attached.members.some((member) => member.podUid === podUid)
            ? { domain: router.domain, podUid, ok: true }
            : {
                domain: router.domain,
                podUid,
                ok: false,
                reason: 'no-sandbox',
                message: 'the pod has no sandbox yet',
              },
        );
    }
    for (const podUid of this.#node.podUids()) if (this.#setInterfaces(podUid, program)) nChanges++;
    return { members, nChanges, failedDomains };
  }

  async observe(): Promise<readonly ObservedRouter[]> {
    return [...this.#node.routers]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([domain, { program, tun }]) => ({
        domain,
        routerAddresses: program?.routerAddresses ?? [],
        members: program?.members ?? [],
        routes: tun === undefined ? [] : (program?.routes ?? []),
      }));
  }

  async counters(): Promise<readonly RouterCounters[]> {
    const nowMs = this.#node.nowMs();
    return [...this.#node.routers]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([domain, router]) => ({ domain, flows: router.flows(nowMs), drops: router.drops() }));
  }

  async underlay(): Promise<readonly UnderlayAddress[]> {
    const mtuBytes = Math.min(this.#node.host.mtuBytes, 1500);
    return this.#node.addresses().map((address) => ({ address, interfaceName: 'eth0', mtuBytes }));
  }

  #ensure(domain: DomainName): MemoryRouter {
    const known = this.#node.routers.get(domain);
    if (known !== undefined) return known;
    const router = new MemoryRouter(this.#node.random);
    this.#node.routers.set(domain, router);
    return router;
  }

  #configure(program: RouterProgram): boolean {
    const router = this.#ensure(program.domain);
    const hadTun = router.routesThroughTun;
    const isSame =
      JSON.stringify(router.program) === JSON.stringify(program) && hadTun === (router.tun !== undefined);
    if (!isSame) router.configure(program);
    return !isSame;
  }

  /** A pod has the interfaces of its domains; where none leads, nothing goes, so no barrier is needed. */
  #setInterfaces(podUid: string, program: NetworkProgram): boolean {
    const wanted = program.routers.flatMap((router): HostInterface[] => {
      const member = router.members.find((candidate) => candidate.podUid === podUid);
      if (member === undefined) return [];
      const { mtuBytes, prefixes } = router;
      return [{ name: memberInterfaceName(router.domain), addresses: member.addresses, prefixes, mtuBytes }];
    });
    const domainNames = new Set(wanted.map((one) => one.name));
    const others = this.#node
      .interfaces(podUid)
      .filter((one) => !domainNames.has(one.name) && !one.name.startsWith('fl-'));
    const interfaces = [...others, ...wanted];
    if (JSON.stringify(interfaces) === JSON.stringify(this.#node.interfaces(podUid))) return false;
    this.#node.setInterfaces(podUid, interfaces);
    return true;
  }
}
