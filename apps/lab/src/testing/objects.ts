import type { Node } from '../workloads/kinds/node.ts';
import type { Pod } from '../workloads/kinds/pod.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../workloads/kinds/workload.ts';

/* Objects for tests, with what matters given and the rest as the API server would fill it in. */

type Labels = Record<string, string>;

export const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'flatland.dev/sample-workload' }] },
};

export function makeDeployment(
  spec: Partial<Deployment['spec']> = {},
  rest: Partial<Deployment> = {},
): Deployment {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'deployment', generation: 1 },
    ...rest,
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, ...spec },
  };
}

export function makeReplicaSet(name: string, spec: Partial<ReplicaSet['spec']> = {}): ReplicaSet {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, ...spec },
  };
}

export function makeStatefulSet(spec: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'shop', uid: 'set', generation: 1 },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, ...spec },
  };
}

export function makeDaemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: { name: 'agent', namespace: 'shop', uid: 'daemons', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, ...spec },
  };
}

export type PodParts = {
  node?: string;
  ready?: boolean;
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  labels?: Labels;
  owner?: { kind: string; uid: string };
  deleting?: boolean;
  created?: string;
  spec?: Partial<Pod['spec']>;
  podIP?: string;
};

export function makePod(name: string, parts: PodParts = {}): Pod {
  const { node, ready = false, phase = ready ? 'Running' : 'Pending', owner, podIP } = parts;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      labels: { app: 'web', ...parts.labels },
      creationTimestamp: parts.created ?? '2026-01-01T00:00:00Z',
      ...(parts.deleting === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'apps/v1', name: 'owner', controller: true, ...owner }] }),
    },
    spec: { ...TEMPLATE.spec, ...(node === undefined ? {} : { nodeName: node }), ...parts.spec },
    status: {
      phase,
      ...(podIP === undefined ? {} : { podIP }),
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:10Z' },
      ],
    },
  };
}

export function makeNode(
  name: string,
  parts: { ready?: boolean; labels?: Labels; spec?: Node['spec'] } = {},
): Node {
  return {
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    ...(parts.spec === undefined ? {} : { spec: parts.spec }),
    status: { conditions: [{ type: 'Ready', status: (parts.ready ?? true) ? 'True' : 'False' }] },
  };
}
