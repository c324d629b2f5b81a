import type { KubeClient } from '@flatland/kube/client/kube-client';
import {
  ConfigMap,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Lease,
  Namespace,
  Node,
  Pod,
  ReplicaSet,
  Service,
  ServiceAccount,
  StatefulSet,
} from '@flatland/kube/client/resources';
import { Collection } from './collection.ts';
import type { KubeObject } from './kinds/meta.ts';
import type * as nodeKinds from './kinds/node.ts';
import type * as podKinds from './kinds/pod.ts';
import type * as serviceKinds from './kinds/service.ts';
import type * as workloadKinds from './kinds/workload.ts';

/** What the controllers of a cluster know of it: one collection a kind, shared by all of them. */
export type Collections = {
  readonly configMaps: Collection<KubeObject>;
  readonly daemonSets: Collection<workloadKinds.DaemonSet>;
  readonly deployments: Collection<workloadKinds.Deployment>;
  readonly endpointSlices: Collection<serviceKinds.EndpointSlice>;
  readonly leases: Collection<nodeKinds.Lease>;
  readonly namespaces: Collection<KubeObject>;
  readonly nodes: Collection<nodeKinds.Node>;
  readonly pods: Collection<podKinds.Pod>;
  readonly replicaSets: Collection<workloadKinds.ReplicaSet>;
  readonly serviceAccounts: Collection<KubeObject>;
  readonly services: Collection<serviceKinds.Service>;
  readonly statefulSets: Collection<workloadKinds.StatefulSet>;
};
export type CollectionName = keyof Collections;
type Listener = (object: KubeObject) => void;

export type ClusterState = Collections & {
  /** Calls back for every change, and at once for every object that is known. Gives the function that ends it. */
  onChange(name: CollectionName, listener: Listener): () => void;
  readonly whenSynced: Promise<void>;
  stop(): void;
};

const RESOURCES = {
  configMaps: ConfigMap,
  daemonSets: DaemonSet,
  deployments: Deployment,
  endpointSlices: EndpointSlice,
  leases: Lease,
  namespaces: Namespace,
  nodes: Node,
  pods: Pod,
  replicaSets: ReplicaSet,
  serviceAccounts: ServiceAccount,
  services: Service,
  statefulSets: StatefulSet,
} as const;

/** Starts to keep the state of a cluster. */
export function watchCluster(client: KubeClient): ClusterState {
  const listeners = new Map<CollectionName, Set<Listener>>();
  const collections = Object.fromEntries(
    Object.entries(RESOURCES).map(([name, resource]) => {
      const own = new Set<Listener>();
      listeners.set(name as CollectionName, own);
      const onChange = (object: KubeObject) => {
        for (const listener of own) listener(object);
      };
      return [name, new Collection<KubeObject>(client, resource, { onChange })];
    }),
  ) as unknown as Collections;
  const all = Object.values(collections) as Collection<KubeObject>[];
  return {
    ...collections,
    onChange(name, listener) {
      listeners.get(name)!.add(listener);
      for (const object of collections[name].list()) listener(object);
      return () => listeners.get(name)!.delete(listener);
    },
    whenSynced: Promise.all(all.map(({ whenSynced }) => whenSynced)).then(() => {}),
    stop() {
      for (const collection of all) collection.stop();
    },
  };
}
