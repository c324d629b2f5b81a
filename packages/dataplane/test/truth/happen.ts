import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { MemoryApi } from '../memory-world/memory-api.ts';
import { clusterName, nodeName } from './build-world.ts';
import { instancesOf, type TruthCluster, type TruthTopology } from './topology.ts';
import { truthDomainObject } from './topology-objects.ts';
import type { TruthWorld } from './truth-world.ts';

/** Lets what happens in a topology happen; gives the topology as it is from then on. Nothing, where nothing does. */
export async function happen(topology: TruthTopology, world: TruthWorld): Promise<TruthTopology | undefined> {
  const { what, n, m } = topology.happens;
  const after: TruthTopology = { ...topology, happens: { what: 'nothing', n: 0, m: 0 } };
  const nodes = topology.clusters.flatMap(({ name, nodes: own }) =>
    own.map((node) => `${name}/${node.name}`),
  );
  const node = pick(nodes, n) ?? '';
  const instances = instancesOf(topology);
  switch (what) {
    case 'nothing':
      return undefined;
    case 'partition': {
      const [a, b] = [pick(instances, n)?.nodeId ?? '', pick(instances, m)?.nodeId ?? ''];
      if (a === b) return undefined;
      await world.setPartition(nodeName(a), nodeName(b), true);
      return { ...after, partitions: [...topology.partitions, [a, b]] };
    }
    case 'heal':
      if (topology.partitions.length === 0) return undefined;
      for (const [a, b] of topology.partitions) await world.setPartition(nodeName(a), nodeName(b), false);
      return { ...after, partitions: [] };
    case 'leave': {
      const membership = pick(topology.memberships, n);
      if (membership === undefined) return undefined;
      world.api(membership.cluster).drop('Membership', membership.name);
      return { ...after, memberships: topology.memberships.filter((other) => other !== membership) };
    }
    case 'pod-goes': {
      const instance = pick(instances, n);
      if (instance === undefined) return undefined;
      const { workload, pod } = instance;
      if (workload.hostNetwork || pod.state === 'waiting' || pod.state === 'ended')
        world.api(workload.cluster).drop('Pod', pod.name);
      else await world.during(world.removePod(workload.cluster, pod.name));
      return {
        ...after,
        workloads: topology.workloads.map((other) =>
          other === workload ? { ...other, pods: other.pods.filter((one) => one !== pod) } : other,
        ),
      };
    }
    case 'namespaces-close': {
      const domain = pick(topology.domains, n);
      if (domain === undefined) return undefined;
      const closed = { ...domain, allowedNamespaces: [] };
      for (const api of world.apis.values())
        if (api.get('Domain', domain.name) !== undefined) api.put(truthDomainObject(closed));
      return { ...after, domains: topology.domains.map((other) => (other === domain ? closed : other)) };
    }
    case 'domain-goes': {
      const domain = pick(topology.domains, n);
      if (domain === undefined) return undefined;
      for (const api of world.apis.values()) api.drop('Domain', domain.name);
      return { ...after, domains: topology.domains.filter((other) => other !== domain) };
    }
    case 'block-goes': {
      const [api, block] = pickBlock(topology, world, n, m);
      if (block === undefined) return undefined;
      api.drop('AddressBlock', block.metadata.name);
      return after;
    }
    case 'block-changes-hands': {
      const [api, block] = pickBlock(topology, world, n, m);
      const spec = block?.['spec'] as { readonly node: string } | undefined;
      const other = api.list('Node').find(({ metadata }) => metadata.name !== spec?.node);
      if (block === undefined || other === undefined) return undefined;
      api.put({ ...block, spec: { ...spec, node: other.metadata.name } });
      return after;
    }
    case 'node-object-goes': {
      removeNodeObject(world.api(clusterName(node)), nodeName(node));
      return {
        ...after,
        clusters: topology.clusters.map((cluster) => withoutRelaysOf(cluster, nodeName(node))),
      };
    }
    case 'agent-restarts':
      await world.during(world.restartAgent(nodeName(node)));
      return after;
    case 'forwarder-restarts':
      await world.during(world.restartForwarder(nodeName(node)));
      return after;
    case 'api-goes-away': {
      const cluster = pick(topology.clusters, n)?.name ?? '';
      world.api(cluster).isAway = true;
      return { ...after, away: [cluster] };
    }
  }
}

function pickBlock(
  topology: TruthTopology,
  world: TruthWorld,
  n: number,
  m: number,
): [MemoryApi, KubernetesObject | undefined] {
  const api = world.api(pick(topology.clusters, n)?.name ?? '');
  return [api, pick(api.list('AddressBlock'), m)];
}

/** Takes a Node away, and what Kubernetes takes away with it. */
function removeNodeObject(api: MemoryApi, name: string): void {
  const uid = api.get('Node', name)?.metadata.uid;
  api.drop('Node', name);
  for (const { kind, metadata } of api.list())
    if (metadata.ownerReferences?.some((owner) => owner.uid === uid) === true) api.drop(kind, metadata.name);
}

/** What an operator said of a node goes with its object. */
function withoutRelaysOf(cluster: TruthCluster, name: string): TruthCluster {
  return {
    ...cluster,
    nodes: cluster.nodes.map((node) => (node.name === name ? { ...node, via: [] } : node)),
  };
}

function pick<Value>(values: readonly Value[], number: number): Value | undefined {
  return values[number % values.length];
}
