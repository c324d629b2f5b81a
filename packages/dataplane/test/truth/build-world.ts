import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { NODE_ANNOTATIONS } from '../../src/agent/compile/local-facts.ts';
import type { TruthCluster, TruthTopology } from './topology.ts';
import { instancesOf } from './topology.ts';
import { clusterObjects } from './topology-objects.ts';
import type { TruthWorld } from './truth-world.ts';

/** Makes a topology in an empty world: nodes and agents first, then everything that people and Kubernetes write. */
export async function buildWorld(topology: TruthTopology, world: TruthWorld): Promise<void> {
  world.mirror.inParts = topology.mirrorsInParts;
  for (const { origin, target } of topology.unmirrored) world.mirror.cut(origin, target);
  for (const { name, nodes, nat } of topology.clusters)
    await world.during(world.addCluster(name, nodes.length, nat));
  for (const [a, b] of topology.partitions) await world.setPartition(nodeName(a), nodeName(b), true);
  const bare = new Set(
    instancesOf(topology)
      .filter(({ workload, pod }) => workload.hostNetwork || pod.state === 'waiting' || pod.state === 'ended')
      .map(({ pod }) => pod.uid),
  );
  for (const cluster of topology.clusters) {
    annotateNodes(cluster, world);
    const { objects, pods } = clusterObjects(topology, cluster);
    const hasSandbox = (pod: KubernetesObject) => !bare.has(pod.metadata.uid ?? '');
    await world.during(world.addPods(cluster.name, pods.filter(hasSandbox)));
    world.api(cluster.name).put(...objects, ...pods.filter((pod) => !hasSandbox(pod)));
  }
}

function annotateNodes({ name, nodes, nat, saysNat }: TruthCluster, world: TruthWorld): void {
  const api = world.api(name);
  for (const node of nodes) {
    const object = api.get('Node', node.name);
    if (object === undefined) continue;
    const annotations = {
      ...(nat !== undefined && saysNat && { [NODE_ANNOTATIONS.behindNat]: 'true' }),
      ...(node.via.length > 0 && { [NODE_ANNOTATIONS.via]: node.via.join(',') }),
    };
    api.put({ ...object, metadata: { ...object.metadata, annotations } });
  }
}

/** The cluster's name in `cluster/node`. */
export function clusterName(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/** The node's own name in `cluster/node`. */
export function nodeName(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}
