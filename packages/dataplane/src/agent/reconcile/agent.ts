import type { DomainName } from '@flatland/shared/model/names';
import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { DEFAULT_PORTS, type AgentOptions, type AgentPorts } from '../agent-options.ts';
import { compileNode, factsOf, type Compiled } from '../compile/compile-node.ts';
import type { CompileInput, LocalFacts } from '../compile/compile-input.ts';
import { knownAddresses, toldNatFamilies } from '../compile/local-facts.ts';
import { nodeDomains } from '../compile/node-domains.ts';
import { memberSliceObject } from '../compile/node-objects.ts';
import { nodePods } from '../compile/select-members.ts';
import { nodeDnsListeners, routerDnsListeners } from '../dns/dns-listeners.ts';
import { DnsZones } from '../dns/dns-zones.ts';
import { namingPods, type MemberName } from '../dns/naming-pods.ts';
import { echoListeners } from '../listeners/echo-listeners.ts';
import { KeyedListeners, type WantedListener } from '../listeners/keyed-listeners.ts';
import { PeerPaths } from '../paths/peer-paths.ts';
import { PeerWitness } from '../paths/peer-witness.ts';
import { SelfObserver } from '../paths/self-observer.ts';
import { runProbe } from '../probes/run-probe.ts';
import { AgentFiles } from '../state/agent-files.ts';
import { DomainKeys } from '../state/domain-keys.ts';
import { TimestampFloors } from '../state/timestamp-floors.ts';
import type { ApplyOutcome, MemberOutcome, UnderlayAddress } from '../../ports/host-network.ts';
import { AddressKeeper } from './address-keeper.ts';
import { BlockClaimer } from './block-claimer.ts';
import { buildReport } from './build-report.ts';
import { DomainDevices } from './domain-devices.ts';
import { ObjectWriter } from './object-writer.ts';
import { RunLoop } from './run-loop.ts';
import { Since } from './since.ts';

const RESYNC_MS = 120_000;
const NOTHING: ApplyOutcome = { members: [], nChanges: 0, failedDomains: [] };

/**
 * The node's agent. Level-based: each run compiles all objects into what the node should be, makes it so,
 * and tells the API what it did. Events only say that a run is due.
 *
 *     objects ─> compile ─> addresses on disk ─> devices ─> network ─> listeners, names, paths ─> own objects
 */
export class Agent {
  readonly #ports: AgentPorts;
  readonly #options: AgentOptions;
  readonly #keys: DomainKeys;
  readonly #floors: TimestampFloors;
  readonly #addresses: AddressKeeper;
  readonly #devices: DomainDevices;
  readonly #claimer: BlockClaimer;
  readonly #writer: ObjectWriter;
  readonly #paths: PeerPaths;
  readonly #witness: PeerWitness;
  readonly #observer: SelfObserver;
  readonly #zones = new DnsZones();
  readonly #listeners: KeyedListeners;
  readonly #loop: RunLoop;
  readonly #since: Since;
  readonly #changeListeners = new Set<() => void>();
  readonly #endings: (() => void)[] = [];
  readonly #startedAtMs: number;
  #underlay: readonly UnderlayAddress[] = [];
  #needsResync = true;
  #compiled: Compiled | undefined;
  #outcome: ApplyOutcome = NOTHING;
  /** Members that the API is told of. */
  #programmed: ReadonlyMap<string, MemberName> = new Map();
  #generations = new Map<string, number>();

  constructor(ports: AgentPorts, options: AgentOptions) {
    this.#ports = ports;
    this.#options = options;
    const { clock, log, cluster, network, wireguard, crypto, random, sockets } = ports;
    const files = ports.files ?? new AgentFiles(options.dataDirectory);
    const again = () => this.#loop.schedule();
    this.#keys = new DomainKeys({ files, crypto, random, ports: options.ports ?? DEFAULT_PORTS });
    this.#addresses = new AddressKeeper(files);
    this.#floors = new TimestampFloors(files);
    const secrets = { keys: this.#keys, floors: this.#floors };
    this.#devices = new DomainDevices({ network, wireguard, clock, log, ...secrets });
    this.#claimer = new BlockClaimer({ cluster, clock, log, onSettled: again });
    this.#writer = new ObjectWriter({ cluster, clock, log });
    this.#paths = new PeerPaths({ wireguard, sockets, clock, random, log, onChange: again });
    const pathState = (key: string) => this.#paths.state(key);
    this.#witness = new PeerWitness({ wireguard, sockets, clock, pathState });
    this.#observer = new SelfObserver({
      cluster: options.cluster,
      sockets,
      clock,
      random,
      pathState,
      onChange: again,
    });
    this.#listeners = new KeyedListeners(log);
    this.#loop = new RunLoop({ clock, log, run: () => this.#run() });
    this.#since = new Since(() => clock.nowMs());
    this.#startedAtMs = clock.nowMs();
  }

  async start(): Promise<void> {
    const { cluster, pods, wireguard, clock } = this.#ports;
    await cluster.start(() => this.#loop.schedule());
    this.#endings.push(
      pods.watch((podUid) => {
        this.#generations.set(podUid, (this.#generations.get(podUid) ?? 0) + 1);
        this.#loop.schedule();
      }),
      wireguard.onRestart(() => {
        this.#devices.forget();
        this.#resync();
      }),
    );
    void cluster.whenReady.then(() => this.#loop.begin());
    const resyncLater = () => {
      const cancel = clock.at(clock.nowMs() + (this.#options.resyncMs ?? RESYNC_MS), () => {
        this.#resync();
        this.#endings.splice(this.#endings.indexOf(cancel), 1);
        resyncLater();
      });
      this.#endings.push(cancel);
    };
    resyncLater();
  }

  isReady(): boolean {
    return this.#compiled !== undefined;
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  async report(): Promise<NodeReport> {
    const { network, wireguard, clock, cluster } = this.#ports;
    const program = this.#compiled?.program ?? { network: { routers: [] }, domains: [] };
    const [counters, states] = await Promise.all([
      network.counters().catch(() => []),
      Promise.all(
        program.domains.map(
          async ({ domain }) => [domain, await wireguard.read(domain).catch(() => undefined)] as const,
        ),
      ),
    ]);
    return buildReport({
      cluster: this.#options.cluster,
      node: this.#options.node,
      datapath: network.datapath,
      atMs: clock.nowMs(),
      startedAtMs: this.#startedAtMs,
      program,
      outcome: this.#outcome,
      counters,
      devices: new Map(states.flatMap(([domain, state]) => (state === undefined ? [] : [[domain, state]]))),
      pathState: (key) => this.#paths.state(key),
      held: cluster.held(),
      since: (domain, type, status) => this.#since.moment(`${domain} ${type}`, status),
    });
  }

  async probe(request: ProbeRequest): Promise<ProbeResult> {
    const { sockets, random, clock, network } = this.#ports;
    const pod = this.#nodePods().find(
      (candidate) =>
        candidate.pod.namespace === request.from.namespace && candidate.pod.name === request.from.pod,
    );
    return runProbe(
      request,
      pod === undefined ? undefined : { podUid: pod.pod.uid },
      this.#compiled?.program.network ?? { routers: [] },
      { sockets, random, nowMs: () => clock.nowMs(), datapath: network.datapath },
    );
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    for (const end of this.#endings.splice(0)) end();
    this.#writer.stop();
    this.#observer.stop();
    this.#paths.stop();
    await this.#listeners.follow([]);
    await this.#ports.cluster.stop();
  }

  /** One run. Throws where the node cannot be programmed at all; false where a part of it has to be tried again. */
  async #run(): Promise<boolean> {
    await this.#lookAnew();
    const { network } = this.#ports;
    await this.#keys.ensure(this.#domainNames());
    const compiled = compileNode(this.#input());
    await this.#addresses.keep(compiled.addresses);
    const blocksOf = (domain: DomainName) => compiled.addresses[domain]?.blocks ?? [];
    this.#claimer.follow(compiled.claims, compiled.owner, blocksOf);
    const { program } = compiled;
    const failed = await this.#devices.follow(program);
    const outcome = await network.apply(program.network);
    failed.push(...(await this.#devices.configure(program, this.#paths.facts())));
    this.#compiled = compiled;
    this.#outcome = outcome;
    this.#tell(compiled, outcome);
    const facts = this.#facts();
    this.#zones.follow(program, namingPods(facts, this.#options.node, [...this.#programmed.values()]));
    void this.#listeners.follow(this.#wantedListeners(outcome, facts));
    this.#witness.follow(program);
    this.#paths.follow(program.domains);
    this.#observer.follow(
      program.domains,
      this.#underlay.map(({ address }) => address),
    );
    await this.#forgetKeys(compiled);
    for (const listener of this.#changeListeners) listener();
    return failed.length === 0 && outcome.failedDomains.length === 0 && !hasFailure(outcome);
  }

  async #lookAnew(): Promise<void> {
    if (!this.#needsResync) return;
    const { network, clock } = this.#ports;
    const [observed, underlay] = await Promise.all([network.observe(), network.underlay()]);
    this.#underlay = underlay;
    await this.#devices.keepTimestamps();
    if (this.#compiled === undefined)
      await this.#addresses.recover(this.#options.node, this.#facts(), observed, clock.nowMs());
    this.#needsResync = false;
  }

  #resync(): void {
    this.#needsResync = true;
    this.#loop.schedule();
  }

  #input(): CompileInput {
    const { cluster, node, trustDomain } = this.#options;
    return {
      cluster,
      node,
      trustDomain: trustDomain ?? 'cluster.local',
      objects: this.#ports.cluster.objects(),
      addresses: this.#addresses.book(),
      local: this.#local(),
      paths: this.#paths.facts(),
      nowMs: this.#ports.clock.nowMs(),
    };
  }

  #local(): LocalFacts {
    const { external, behindNat, relays } = this.#options;
    return {
      underlay: this.#underlay,
      ...(external !== undefined && { external }),
      natFamilies:
        behindNat === undefined ? (this.#observer.natFamilies() ?? []) : toldNatFamilies(behindNat),
      relays: relays ?? [],
      keys: this.#keys.publicKeys(),
      observedEndpoints: this.#observer.observedEndpoints(),
    };
  }

  /**
   * Tells the API who is a member here, who is not and why, and how this node is reached. A member that was told and whose
   * next run failed is there as before: names and policies must not lose it for a moment's trouble.
   */
  #tell({ program, nodePeers, strangers, obsolete, owner }: Compiled, outcome: ApplyOutcome): void {
    const key = (one: MemberName) => `${one.domain} ${one.podUid}`;
    const stays = (one: MemberOutcome) =>
      one.ok || (one.reason === 'failed' && this.#programmed.has(key(one)));
    this.#programmed = new Map(outcome.members.filter(stays).map((one) => [key(one), one]));
    const isProgrammed = (domain: DomainName, podUid: string) =>
      this.#programmed.has(key({ domain, podUid }));
    const slices = [
      ...program.domains.map(({ domain, members, refused }) =>
        memberSliceObject(
          domain,
          owner,
          members.filter((member) => isProgrammed(domain, member.pod.uid)),
          refused,
        ),
      ),
      ...strangers.map(({ domain, refused }) => memberSliceObject(domain, owner, [], refused)),
    ];
    this.#writer.follow([...nodePeers, ...slices], obsolete);
  }

  #wantedListeners(outcome: ApplyOutcome, facts: ClusterFacts): WantedListener[] {
    const { sockets } = this.#ports;
    const routers = this.#compiled?.program.network.routers ?? [];
    const failed = new Set(
      outcome.members.filter((one) => !one.ok).map((one) => `${one.domain} ${one.podUid}`),
    );
    return [
      ...(this.#options.servesNodeDns === false
        ? []
        : nodeDnsListeners(
            { sockets, zones: this.#zones },
            knownAddresses(facts, this.#options.node, this.#underlay),
          )),
      ...routers.flatMap(({ domain, routerAddresses, members }) => [
        ...routerDnsListeners({ sockets, zones: this.#zones }, domain, routerAddresses),
        ...this.#witness.listeners(domain, routerAddresses),
        ...members
          .filter(({ podUid }) => !failed.has(`${domain} ${podUid}`))
          .flatMap(({ podUid, addresses }) =>
            echoListeners(
              sockets,
              { type: 'pod', podUid },
              addresses,
              `${domain} ${this.#generations.get(podUid) ?? 0}`,
            ),
          ),
      ]),
    ];
  }

  /** A domain that is gone takes its key along. */
  async #forgetKeys({ obsolete }: Compiled): Promise<void> {
    const there = new Set(this.#domainNames());
    for (const { kind, name } of obsolete) {
      const domain = name.slice(0, name.indexOf('.')) as DomainName;
      if (kind !== 'NodePeer' || there.has(domain)) continue;
      await this.#keys.remove(domain);
      await this.#floors.remove(domain);
    }
  }

  #domainNames(): DomainName[] {
    return nodeDomains(this.#facts()).map((domain) => domain.name);
  }

  #nodePods() {
    return nodePods(this.#facts(), this.#options.node);
  }

  #facts() {
    const { cluster, clock } = this.#ports;
    return factsOf({ cluster: this.#options.cluster, objects: cluster.objects(), nowMs: clock.nowMs() });
  }
}

/** True where a member could not be programmed for another reason than a sandbox that is still to come. */
function hasFailure(outcome: ApplyOutcome): boolean {
  return outcome.members.some((one) => !one.ok && one.reason === 'failed');
}
