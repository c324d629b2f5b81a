import { stat } from 'node:fs/promises';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainName } from '@flatland/shared/model/names';
import type {
  ApplyOutcome,
  HostNetwork,
  MemberOutcome,
  MemberProgram,
  NetworkProgram,
  ObservedRouter,
  RouterCounters,
  RouterProgram,
  UnderlayAddress,
} from '../../ports/host-network.ts';
import { memberInterfaceName, wireguardDeviceName } from '../../ports/interface-names.ts';
import { isPodUid, type PodRuntime } from '../../ports/pod-runtime.ts';
import { ipBatch } from './ip-batch.ts';
import { mapLimited } from '@flatland/shared/map-limited';
import type { NetworkFact } from './network-fact.ts';
import { planFacts } from './plan-facts.ts';
import { readNamespace, type ObservedNamespace } from './read-namespace.ts';
import { parseRouterCounters } from './router-counters.ts';
import { memberLinkName, podFacts, routerFacts } from './router-facts.ts';
import {
  createRouterNamespace,
  ensureRuleset,
  listRouterNamespaces,
  listRuleset,
  removeHalfMadeNamespaces,
  removeRouterNamespace,
  routerNamespacePath,
  writeNetworkSettings,
} from './router-namespace.ts';
import { readUnderlay } from './underlay-addresses.ts';
import { waitUntilUp } from './wait-until-up.ts';

const MAX_PODS_AT_ONCE = 8;
const EMPTY: ObservedNamespace = { facts: [], devices: new Set(), members: new Map() };

interface Deps {
  readonly pods: PodRuntime;
  readonly nowMs: () => number;
}

/**
 * The kernel's network, through `ip` and `nft`. Remembers what it programmed, so that a join costs two
 * processes; `observe` and every failure forget it.
 */
export class LinuxHostNetwork implements HostNetwork {
  readonly datapath = 'kernel';
  readonly #pods: PodRuntime;
  readonly #nowMs: () => number;
  readonly #routers = new Map<DomainName, ObservedNamespace>();
  /** By domain and pod uid. */
  readonly #members = new Map<
    string,
    { readonly identity: string; readonly facts: readonly NetworkFact[] }
  >();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ pods, nowMs }: Deps) {
    this.#pods = pods;
    this.#nowMs = nowMs;
  }

  ensureDomains(domains: readonly DomainName[]): Promise<void> {
    return this.#inTurn(async () => {
      const there = new Set(await removeHalfMadeNamespaces());
      await Promise.all(
        domains.filter((domain) => !there.has(domain)).map((domain) => createRouterNamespace(domain)),
      );
    });
  }

  apply(program: NetworkProgram): Promise<ApplyOutcome> {
    return this.#inTurn(() => this.#apply(program));
  }

  observe(): Promise<readonly ObservedRouter[]> {
    return this.#inTurn(async () => {
      this.#routers.clear();
      this.#members.clear();
      const domains = await listRouterNamespaces();
      return Promise.all(
        domains.map(async (domain) => {
          await ensureRuleset(domain);
          return observedRouter(domain, await this.#router(domain));
        }),
      );
    });
  }

  async counters(): Promise<readonly RouterCounters[]> {
    const domains = await listRouterNamespaces();
    const lists = await Promise.all(
      domains.map(async (domain) => {
        const json = await listRuleset(domain);
        return json === undefined ? [] : [parseRouterCounters(domain, json, this.#nowMs())];
      }),
    );
    return lists.flat();
  }

  underlay(): Promise<readonly UnderlayAddress[]> {
    return readUnderlay();
  }

  async #apply(program: NetworkProgram): Promise<ApplyOutcome> {
    const wanted = new Set(program.routers.map((router) => router.domain));
    const there = await removeHalfMadeNamespaces();
    let nChanges = 0;
    for (const domain of there)
      if (!wanted.has(domain)) {
        await this.#removeRouter(domain);
        nChanges++;
      }
    const applied = await Promise.all(
      program.routers.map((router) => this.#applyRouterSafely(router, there.includes(router.domain))),
    );
    return {
      members: applied.flatMap((router) => router.members),
      nChanges: nChanges + applied.reduce((sum, router) => sum + router.nChanges, 0),
      failedDomains: applied.flatMap((router) => router.failedDomains),
    };
  }

  async #applyRouterSafely(router: RouterProgram, isThere: boolean): Promise<ApplyOutcome> {
    try {
      if (!isThere) await createRouterNamespace(router.domain);
      return await this.#applyRouter(router);
    } catch (error) {
      this.#forget(router);
      const message = error instanceof Error ? error.message : String(error);
      return {
        members: router.members.map(({ podUid }) => failed(router.domain, podUid, message)),
        nChanges: 0,
        failedDomains: [{ domain: router.domain, message }],
      };
    }
  }

  async #applyRouter(router: RouterProgram): Promise<ApplyOutcome> {
    const { domain } = router;
    const device = wireguardDeviceName(domain);
    const sandboxes = await this.#sandboxes(router);
    let observed = await this.#router(domain);
    if (router.routes.length > 0 && !observed.devices.has(device)) {
      this.#routers.delete(domain);
      observed = await this.#router(domain);
    }
    observed = await this.#withoutStaleLinks(router, observed, sandboxes);
    const hasDevice = observed.devices.has(device);
    const paths = new Map([...sandboxes].map(([podUid, { path }]) => [podUid, path]));
    const desired = routerFacts(router, paths, hasDevice);
    const plan = planFacts(observed.facts, desired);
    const failures = await ipBatch(routerNamespacePath(domain), plan.lines);
    const failedKeys = new Map([...failures].map(([line, message]) => [plan.keys[line] ?? '', message]));
    if (failures.size > 0) this.#routers.delete(domain);
    else
      this.#routers.set(domain, {
        facts: desired,
        devices: observed.devices,
        members: new Map(router.members.map(({ podUid }) => [memberLinkName(podUid), podUid])),
      });
    for (const podUid of observed.members.values())
      if (!router.members.some((member) => member.podUid === podUid))
        this.#members.delete(`${domain} ${podUid}`);
    let nChanges = plan.lines.length;
    const members = await mapLimited(router.members, MAX_PODS_AT_ONCE, async (member) => {
      const sandbox = sandboxes.get(member.podUid);
      if (sandbox === undefined) return noSandbox(domain, member.podUid);
      const failure = memberFailure(member, failedKeys);
      if (failure !== undefined) return failed(domain, member.podUid, failure);
      const isNew = !observed.members.has(memberLinkName(member.podUid));
      const attached = await this.#attach(router, member, sandbox, isNew);
      nChanges += attached.nChanges;
      return attached.outcome;
    });
    const failedDomains =
      router.routes.length > 0 && !hasDevice ? [{ domain, message: `${device} is not there yet` }] : [];
    return { members, nChanges, failedDomains };
  }

  /** Programs the pod's end. What is known of it is trusted; of a fresh link nothing has to be read. */
  async #attach(
    router: RouterProgram,
    member: MemberProgram,
    sandbox: Sandbox,
    isNew: boolean,
  ): Promise<{ outcome: MemberOutcome; nChanges: number }> {
    const { domain } = router;
    const key = `${domain} ${member.podUid}`;
    const desired = podFacts(router, member);
    try {
      if (isNew && router.prefixes.some((prefix) => prefix.includes(':')))
        writeNetworkSettings(sandbox.path, memberSettings(memberInterfaceName(domain)));
      const known = isNew ? undefined : this.#members.get(key);
      const observed = isNew ? [] : (known?.facts ?? (await this.#readPod(router, sandbox)));
      const plan = planFacts(observed, desired);
      const failures = await ipBatch(sandbox.path, plan.lines);
      const [failure] = failures.values();
      if (failure !== undefined) throw new Error(failure);
      if (isNew) {
        await waitUntilUp(sandbox.path, memberInterfaceName(domain), member.addresses);
        await waitUntilUp(routerNamespacePath(domain), memberLinkName(member.podUid));
      }
      this.#members.set(key, { identity: sandbox.identity, facts: desired });
      return { outcome: { domain, podUid: member.podUid, ok: true }, nChanges: plan.lines.length };
    } catch (error) {
      this.#members.delete(key);
      this.#routers.delete(domain);
      const message = error instanceof Error ? error.message : String(error);
      return { outcome: failed(domain, member.podUid, message), nChanges: 0 };
    }
  }

  /** What the pod has of this domain; barriers of its prefixes count whoever made them. */
  async #readPod(router: RouterProgram, sandbox: Sandbox): Promise<readonly NetworkFact[]> {
    const device = memberInterfaceName(router.domain);
    const { facts } = await readNamespace(sandbox.path, (name) => name === device);
    const barriers = new Set(podFacts(router, { podUid: '', addresses: [] }).map((fact) => fact.key));
    return facts.filter((fact) => fact.device === device || barriers.has(fact.key));
  }

  /** Takes away links to sandboxes that were replaced: their pods have no interface. */
  async #withoutStaleLinks(
    router: RouterProgram,
    observed: ObservedNamespace,
    sandboxes: ReadonlyMap<string, Sandbox>,
  ): Promise<ObservedNamespace> {
    const stale = new Set<string>();
    await mapLimited(router.members, MAX_PODS_AT_ONCE, async ({ podUid }) => {
      const name = memberLinkName(podUid);
      const sandbox = sandboxes.get(podUid);
      const known = this.#members.get(`${router.domain} ${podUid}`);
      if (!observed.members.has(name) || sandbox === undefined || known?.identity === sandbox.identity)
        return;
      const device = memberInterfaceName(router.domain);
      const facts = await this.#readPod(router, sandbox).catch(() => []);
      if (facts.some((fact) => fact.device === device)) {
        this.#members.set(`${router.domain} ${podUid}`, { identity: sandbox.identity, facts });
        return;
      }
      stale.add(name);
    });
    if (stale.size === 0) return observed;
    const lines = [...stale].toSorted().map((name) => `link del dev ${name}`);
    await ipBatch(routerNamespacePath(router.domain), lines);
    return {
      devices: observed.devices,
      facts: observed.facts.filter((fact) => fact.device === undefined || !stale.has(fact.device)),
      members: new Map([...observed.members].filter(([name]) => !stale.has(name))),
    };
  }

  async #sandboxes(router: RouterProgram): Promise<Map<string, Sandbox>> {
    const found = new Map<string, Sandbox>();
    await Promise.all(
      router.members.map(async ({ podUid }) => {
        if (!isPodUid(podUid)) return;
        const path = await this.#pods.networkNamespace(podUid);
        if (path === undefined) return;
        const stats = await stat(path, { bigint: true }).catch(() => undefined);
        if (stats !== undefined) found.set(podUid, { path, identity: `${stats.ino} ${stats.ctimeNs}` });
      }),
    );
    return found;
  }

  async #router(domain: DomainName): Promise<ObservedNamespace> {
    const known = this.#routers.get(domain);
    if (known !== undefined) return known;
    const device = wireguardDeviceName(domain);
    const isOurs = (name: string) => name === 'lo' || name === device;
    const read = await readNamespace(routerNamespacePath(domain), isOurs);
    this.#routers.set(domain, read);
    return read;
  }

  async #removeRouter(domain: DomainName): Promise<void> {
    const observed = await this.#router(domain).catch(() => EMPTY);
    this.#routers.delete(domain);
    for (const podUid of observed.members.values()) this.#members.delete(`${domain} ${podUid}`);
    // A namespace lives as long as anybody holds it; the members' links must not.
    await ipBatch(
      routerNamespacePath(domain),
      [...observed.members.keys()].map((name) => `link del dev ${name}`),
    ).catch(() => {});
    await removeRouterNamespace(domain);
  }

  #forget(router: RouterProgram): void {
    this.#routers.delete(router.domain);
    for (const { podUid } of router.members) this.#members.delete(`${router.domain} ${podUid}`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

interface Sandbox {
  readonly path: string;
  /** Tells a new sandbox from the old one: numbers of namespaces are used again, moments are not. */
  readonly identity: string;
}

function failed(domain: DomainName, podUid: string, message: string): MemberOutcome {
  return { domain, podUid, ok: false, reason: 'failed', message };
}

function noSandbox(domain: DomainName, podUid: string): MemberOutcome {
  return { domain, podUid, ok: false, reason: 'no-sandbox', message: 'the pod has no sandbox yet' };
}

/** The message of a line that failed and that this member needs. */
function memberFailure(member: MemberProgram, failed: ReadonlyMap<string, string>): string | undefined {
  const name = memberLinkName(member.podUid);
  for (const [key, message] of failed) {
    const [, about = ''] = key.split(' ');
    if (about === name || member.addresses.some((address) => about.startsWith(`${address}/`))) return message;
  }
  return undefined;
}

/** IPv6 as a member needs it, whatever the pod's own defaults are. */
function memberSettings(device: string): Record<string, string> {
  return {
    [`ipv6/conf/${device}/disable_ipv6`]: '0',
    [`ipv6/conf/${device}/accept_ra`]: '0',
    [`ipv6/conf/${device}/dad_transmits`]: '0',
    [`ipv6/conf/${device}/addr_gen_mode`]: '1',
  };
}

function observedRouter(domain: DomainName, { facts, members }: ObservedNamespace): ObservedRouter {
  const parts = facts.map((fact) => ({ fact, words: fact.key.split(' ') }));
  const routerAddresses = parts
    .filter(({ words }) => words[0] === 'address' && words[1] === 'lo')
    .map(({ words }) => words[2] as IpAddress);
  const routesVia = (device: string) =>
    parts.filter(({ fact, words }) => words[0] === 'route' && fact.device === device);
  return {
    domain,
    routerAddresses,
    members: [...members]
      .map(([name, podUid]) => ({
        podUid,
        addresses: routesVia(name).map(({ words }) => words[1]?.split('/')[0] as IpAddress),
      }))
      .toSorted((a, b) => (a.podUid < b.podUid ? -1 : 1)),
    routes: routesVia(wireguardDeviceName(domain)).map(({ fact, words }) => ({
      prefix: words[1] as Cidr,
      mtuBytes: Number(/mtu (\d+)/.exec(fact.value)?.[1] ?? 0),
    })),
  };
}
