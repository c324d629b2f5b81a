import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { AgentPorts } from '../../src/agent/agent-options.ts';
import type { MemoryRouter } from '../../src/io/memory/host-network-router.ts';
import { parseIp } from '../../src/core/wire/ip.ts';
import type { NetworkProgram } from '../../src/ports/host-network.ts';
import type { MemoryWorldOptions } from '../memory-world/agents-world.ts';

type Tamper = MemoryWorldOptions['tamper'];

/** Rules that are broken on purpose, so that it is seen that somebody notices. */
export const BREAKAGES: Readonly<Record<string, Tamper>> = {
  'agents admit every namespace': (ports) =>
    withObjects(ports, (object) =>
      object.kind === 'Domain'
        ? { ...object, spec: { ...specOf(object), allowedNamespaces: ['*'] } }
        : object,
    ),

  'agents do not hear of members that leave': (ports) => {
    const seen = new Map<string, KubernetesObject>();
    return withObjects(
      ports,
      (object) => object,
      (objects) => {
        for (const object of objects)
          if (object.kind === 'Membership')
            seen.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
        return [...objects.filter(({ kind }) => kind !== 'Membership'), ...seen.values()];
      },
    );
  },

  'pods answer for others that have the same address in another domain': (ports) => ({
    ...ports,
    sockets: {
      ...ports.sockets,
      listenUdp: (place, address, port, respond) =>
        ports.sockets.listenUdp(place, address, port, (request) =>
          place.type === 'pod' ? request.bytes : respond(request),
        ),
    },
  }),

  'routers believe any source': (ports, node) =>
    withProgram(
      ports,
      (program) => program,
      () => {
        for (const router of node.routers.values()) believeAnything(router);
      },
    ),

  'two members of a router have each other’s addresses': (ports) =>
    withProgram(ports, ({ routers }) => ({
      routers: routers.map((router) => ({
        ...router,
        members: router.members.map((member, index, all) => ({
          ...member,
          podUid: all[all.length - 1 - index]?.podUid ?? member.podUid,
        })),
      })),
    })),

  'routers carry the members of all domains': (ports) =>
    withProgram(ports, ({ routers }) => ({
      routers: routers.map((router) => ({
        ...router,
        prefixes: routers.flatMap(({ prefixes }) => prefixes),
        members: routers.flatMap(({ members }) => members),
      })),
    })),

  'routers lack the way to other nodes': (ports) =>
    withProgram(ports, ({ routers }) => ({ routers: routers.map((router) => ({ ...router, routes: [] })) })),

  'tunnels are said to be up, whatever probes say': (ports) => ({
    ...ports,
    sockets: {
      ...ports.sockets,
      echo: async (request) =>
        request.place.type === 'domain' && request.protocol === 'ICMP'
          ? { kind: 'echoed', rttMs: 1, from: undefined }
          : ports.sockets.echo(request),
    },
  }),
};

function withObjects(
  ports: AgentPorts,
  change: (object: KubernetesObject) => KubernetesObject,
  changeAll: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[] = (objects) => objects,
): AgentPorts {
  const changed = new WeakMap<KubernetesObject, KubernetesObject>();
  const once = (object: KubernetesObject) => {
    const found = changed.get(object) ?? change(object);
    changed.set(object, found);
    return found;
  };
  const { cluster } = ports;
  return { ...ports, cluster: { ...cluster, objects: () => changeAll(cluster.objects().map(once)) } };
}

function withProgram(
  ports: AgentPorts,
  change: (program: NetworkProgram) => NetworkProgram,
  after: () => void = () => {},
): AgentPorts {
  const { network } = ports;
  return {
    ...ports,
    network: {
      datapath: network.datapath,
      ensureDomains: (domains) => network.ensureDomains(domains),
      async apply(program) {
        const outcome = await network.apply(change(program));
        after();
        return outcome;
      },
      observe: () => network.observe(),
      counters: () => network.counters(),
      underlay: () => network.underlay(),
    },
  };
}

const believing = new WeakSet<MemoryRouter>();

/** Lets a router take a packet for one of whoever has its source address. */
function believeAnything(router: MemoryRouter): void {
  if (believing.has(router)) return;
  believing.add(router);
  const route = router.route.bind(router);
  router.route = (input, packet, nowMs) => {
    const ip = parseIp(packet);
    const owner =
      ip.ok && router.program?.members.find(({ addresses }) => addresses.includes(ip.value.source));
    return route(
      input.from === 'member' && owner ? { from: 'member', id: owner.podUid } : input,
      packet,
      nowMs,
    );
  };
}

function specOf(object: KubernetesObject): Record<string, unknown> {
  return object['spec'] as Record<string, unknown>;
}
