import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { startListWatch, type ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import { applyObject } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  Domain,
  MemberSlice,
  Membership,
  Namespace,
  Node,
  NodePeer,
  Pod,
  RemoteSlice,
  StatefulSet,
} from '@flatland/kube/client/resources';
import { addressAt, hostCidr } from '@flatland/shared/address/arithmetic';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import { zProbeRequest, type NodeReport, type ProbeResult } from '@flatland/shared/report/report';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import type { Topology } from '@flatland/shared/topology/topology';
import { readObject } from '../src/clusters/watched-kinds.ts';

const WATCHED = [Domain, Membership, Namespace, Node, Pod, StatefulSet];

interface Member {
  readonly domain: string;
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly workload: string;
  readonly address: IpAddress;
}

/**
 * Stands in for agents and controllers of several clusters: writes MemberSlices, NodePeers and RemoteSlices for the
 * Memberships that count, and answers reports and probes over HTTP as agents do, packets passing exactly between
 * members of one domain.
 */
export class SimulatedAgents {
  readonly #clients: ReadonlyMap<string, KubeClient>;
  readonly #watches: { readonly cluster: string; readonly watch: ListWatch<KubernetesObject> }[] = [];
  readonly #addresses = new Map<string, IpAddress>();
  readonly #written = new Map<string, string>();
  readonly #servers = new Map<string, Server>();
  readonly #streams = new Set<ServerResponse>();
  #members: readonly Member[] = [];
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Packets sent so far. */
  nProbes = 0;
  /** Agents do nothing while it is true. */
  paused = false;
  /** Addresses that nothing reaches, whatever the Memberships say. */
  readonly dead = new Set<string>();
  /** Nodes, `cluster/node`, of which others report that no packet passes to them. */
  readonly cutOff = new Set<string>();

  constructor(clients: ReadonlyMap<string, KubeClient>) {
    this.#clients = clients;
    for (const [cluster, client] of clients) {
      for (const type of WATCHED) {
        const watch = startListWatch<KubernetesObject>(client, type, {
          parse: (raw) => readObject(type, raw),
          onChanges: () => this.poke(),
          relistMinMs: 100,
        });
        this.#watches.push({ cluster, watch });
      }
    }
  }

  /** The port on which the agent of a node answers. */
  async portOf(cluster: string, node: string): Promise<number> {
    const key = `${cluster}/${node}`;
    let server = this.#servers.get(key);
    if (server === undefined) {
      server = createServer((request, response) => {
        const isProbe = request.method === 'POST';
        if (!isProbe) return this.#streamReports(cluster, node, response);
        let text = '';
        request.on('data', (part: Buffer) => (text += part.toString()));
        request.on('end', () => {
          const result = this.#probe(cluster, zProbeRequest.parse(JSON.parse(text)));
          response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
        });
      });
      this.#servers.set(key, server);
      server.listen(0, '127.0.0.1');
    }
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  }

  addressOf(pod: string, domain: string): IpAddress | undefined {
    return this.#members.find((member) => member.pod === pod && member.domain === domain)?.address;
  }

  /** Looks again soon. */
  poke(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work = this.#work.then(() => this.#reconcile());
    }, 10);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { watch } of this.#watches) watch.stop();
    await this.#work;
    for (const stream of this.#streams) stream.destroy();
    for (const server of this.#servers.values()) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #reconcile(): Promise<void> {
    if (this.#stopped) return;
    if (this.paused) {
      setTimeout(() => this.poke(), 50);
      return;
    }
    const topology = buildTopology({
      clusters: [...this.#clients.keys()].map((cluster) => ({
        cluster: cluster as ClusterName,
        reachable: true,
        lastSeenMs: 0,
        readOnly: false,
        version: '',
        objects: this.#watches
          .filter((entry) => entry.cluster === cluster)
          .flatMap(({ watch }) => watch.cache.list()),
      })),
    });
    this.#members = this.#membersOf(topology);
    for (const domain of Object.keys(topology.domains)) {
      for (const node of Object.values(topology.nodes))
        await this.#writeNode(domain, node.cluster, node.name);
      for (const cluster of this.#clients.keys()) {
        for (const origin of this.#clients.keys()) {
          if (origin !== cluster) await this.#writeMirror({ domain, cluster, origin }, topology);
        }
      }
    }
  }

  #membersOf(topology: Topology): Member[] {
    return Object.values(topology.workloads).flatMap((workload) =>
      workload.domains
        .filter((entry) => entry.counts)
        .flatMap(({ domain }) =>
          workload.instances
            .filter((instance) => instance.phase === 'Running')
            .map((instance) => ({
              domain,
              cluster: workload.cluster,
              node: instance.node,
              namespace: workload.namespace,
              pod: instance.name,
              uid: instance.uid,
              workload: workload.name,
              address: this.#addressFor(topology, { domain, cluster: workload.cluster, uid: instance.uid }),
            })),
        ),
    );
  }

  #addressFor(topology: Topology, of: { domain: string; cluster: string; uid: string }): IpAddress {
    const key = `${of.domain} ${of.uid}`;
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const view = topology.domains[of.domain]!;
    const slice = view.clusters.find(({ name }) => name === of.cluster)!.slices[0]!;
    const address = addressAt(slice, BigInt(10 + this.#addresses.size))!;
    this.#addresses.set(key, address);
    return address;
  }

  async #writeNode(domain: string, cluster: string, node: string): Promise<void> {
    const members = this.#members
      .filter((member) => member.domain === domain && member.cluster === cluster && member.node === node)
      .map(({ namespace, pod, uid, workload, address }) => ({
        pod: { namespace, name: pod, uid },
        workload: { kind: 'StatefulSet', name: workload },
        addresses: [address],
        dnsNames: [`${pod}.${domain}`],
        identity: '',
      }));
    await this.#write(cluster, MemberSlice, {
      name: `${domain}.${node}`,
      spec: { domain, node, members, refused: [] },
    });
    await this.#write(cluster, NodePeer, {
      name: `${domain}.${node}`,
      spec: this.#peerSpec(domain, cluster, node),
    });
  }

  /** A node's peer, with a block of its own for each address on it. */
  #peerSpec(domain: string, cluster: string, node: string) {
    return {
      domain,
      node,
      publicKey: Buffer.alloc(32, node).toString('base64').replace(/.=$/, 'A='),
      candidates: [],
      via: [],
      behindNat: false,
      blocks: this.#members
        .filter((member) => member.domain === domain && member.cluster === cluster && member.node === node)
        .map(({ address }) => hostCidr(address)),
      routerAddresses: [],
      underlayMtuBytes: 1500,
      protocolVersions: [1],
    };
  }

  async #writeMirror(
    { domain, cluster, origin }: { domain: string; cluster: string; origin: string },
    topology: Topology,
  ): Promise<void> {
    const nodes = Object.values(topology.nodes).filter((node) => node.cluster === origin);
    await this.#write(cluster, RemoteSlice, {
      name: `${origin}.${domain}`,
      spec: {
        origin: { cluster: origin, uid: origin, epoch: 1 },
        domain,
        payloadVersion: 1,
        peers: nodes.map((node) => this.#peerSpec(domain, origin, node.name)),
        members: [],
      },
    });
  }

  async #write(cluster: string, type: Resource, object: { name: string; spec: object }): Promise<void> {
    const key = `${cluster} ${type.kind} ${object.name}`;
    const text = JSON.stringify(object.spec);
    if (this.#stopped || this.#written.get(key) === text) return;
    const answer = await applyObject(this.#clients.get(cluster)!, type, {
      object: { metadata: { name: object.name }, spec: object.spec },
      fieldManager: 'simulated-agents',
      force: true,
      maxTries: 1,
    });
    if (answer.ok) this.#written.set(key, text);
    else if (!this.#stopped) setTimeout(() => this.poke(), 100);
  }

  #streamReports(cluster: string, node: string, response: ServerResponse): void {
    response.setHeader('content-type', 'application/x-ndjson');
    this.#streams.add(response);
    const tell = () => response.write(`${JSON.stringify(this.#report(cluster, node))}\n`);
    tell();
    const timer = setInterval(tell, 1000);
    response.on('close', () => {
      clearInterval(timer);
      this.#streams.delete(response);
    });
  }

  /** The other nodes with members of a domain. */
  #peersOf(domain: string, own: { readonly cluster: string; readonly node: string }) {
    const others = this.#members.filter(
      (member) => member.domain === domain && (member.cluster !== own.cluster || member.node !== own.node),
    );
    const nodes = new Map(others.map(({ cluster, node }) => [`${cluster}/${node}`, { cluster, node }]));
    return [...nodes].map(([id, { cluster, node }]) => ({
      cluster: cluster as ClusterName,
      node: node as NodeName,
      publicKey: '',
      endpoint: '',
      path: this.cutOff.has(id) ? ('none' as const) : ('direct' as const),
      up: !this.cutOff.has(id),
      mtuBytes: 1420,
      rxBytes: 0,
      txBytes: 0,
    }));
  }

  #report(cluster: string, node: string): NodeReport {
    const nowMs = Date.now();
    const own = this.#members.filter((member) => member.cluster === cluster && member.node === node);
    const domains = [...new Set(own.map(({ domain }) => domain))].map((domain) => ({
      domain,
      conditions: [],
      peers: this.#peersOf(domain, { cluster, node }),
      drops: {},
      flows: own
        .filter((member) => member.domain === domain)
        .flatMap((from) =>
          this.#members
            .filter((to) => to.domain === domain && to.address !== from.address)
            .map((to) => ({ from: from.address, to: to.address, packets: 7, bytes: 700, lastSeenMs: nowMs })),
        ),
    }));
    return {
      cluster,
      node,
      datapath: 'in-memory',
      atMs: nowMs,
      startedAtMs: nowMs,
      domains,
    } as unknown as NodeReport;
  }

  #probe(cluster: string, request: ReturnType<typeof zProbeRequest.parse>): ProbeResult {
    this.nProbes += 1;
    const { from, to, protocol } = request;
    const own = this.#members.filter(
      (member) =>
        member.cluster === cluster && member.namespace === from.namespace && member.pod === from.pod,
    );
    const responder = this.#members.find(
      (member) => member.address === to && own.some(({ domain }) => domain === member.domain),
    );
    const echoed =
      responder !== undefined &&
      !this.dead.has(to) &&
      (request.expectUid === undefined || protocol !== 'UDP' || request.expectUid === responder.uid);
    return {
      from,
      to,
      protocol,
      echoed,
      ...(echoed ? { rttMs: 0.3 } : { reason: 'probe-unreachable' as const }),
      detail: echoed ? 'echoed' : 'unreachable',
      datapath: 'in-memory',
      atMs: Date.now(),
    };
  }
}
