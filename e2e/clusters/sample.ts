import { join } from 'node:path';
import { sampleIntent as labIntent } from '@flatland/lab/sample/sample-domains';
import {
  SAMPLE_WORKLOADS,
  sampleWorkloadObjects,
  type SampleWorkload,
} from '@flatland/lab/sample/sample-workloads';
import { runCommand } from '@flatland/lab/machine/run-command';
import type { Cluster } from './layout.ts';

const ROLLOUT_TIMEOUT_SECONDS = 180;

/** A cluster that only the lab has, and where its part of the sample runs here. */
const MOVED: Readonly<Record<string, string>> = { 'gke-west': 'aws-east' };

/** Runs stock kubectl against one context of a kubeconfig; gives what it printed, throws where it fails. */
export function kubectl(
  given: { readonly programs: string; readonly kubeconfig: string },
  context: string,
  args: readonly string[],
  options: { readonly input?: string } = {},
): Promise<string> {
  const where = ['--kubeconfig', given.kubeconfig, '--context', context];
  return runCommand(join(given.programs, 'kubectl'), [...where, ...args], { ...options, timeoutMs: 240_000 });
}

/** Makes the cluster's nodes known with their pod ranges, before their kubelets come. */
export function nodeObjects(cluster: Cluster): object {
  return list(
    cluster.nodes.map(({ name, podCidrs }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      spec: { podCIDR: podCidrs[0], podCIDRs: podCidrs },
    })),
  );
}

/** The lab's sample workloads of one cluster, to run from the images that the nodes were given. */
export function sampleObjects(cluster: string): object {
  const names = new Set(sampleOf(cluster).map(({ namespace }) => namespace));
  const namespaces = [...names].toSorted().map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  return list([
    ...namespaces,
    ...sampleOf(cluster).flatMap(sampleWorkloadObjects).map(withoutPulling).map(spreadOut),
  ]);
}

/** Waits until every sample workload of a cluster has all its pods ready. Throws where one does not get there. */
export async function waitForSample(
  given: { readonly programs: string; readonly kubeconfig: string },
  cluster: string,
): Promise<void> {
  for (const { namespace, kind, name } of sampleOf(cluster)) {
    const timeout = `--timeout=${ROLLOUT_TIMEOUT_SECONDS}s`;
    await kubectl(given, cluster, [
      '-n',
      namespace,
      'rollout',
      'status',
      `${kind.toLowerCase()}/${name}`,
      timeout,
    ]);
  }
}

/** What the sample runs in a cluster. */
export function sampleOf(cluster: string): readonly SampleWorkload[] {
  return SAMPLE_WORKLOADS.map((workload) => ({ ...workload, cluster: placeOf(workload.cluster) })).filter(
    (workload) => workload.cluster === cluster,
  );
}

/** The Domains, Memberships and Meshes of the lab's sample in one cluster, without clusters that only the lab has. */
export function sampleIntent(cluster: string): object[] {
  const labs = [cluster, ...Object.keys(MOVED).filter((name) => MOVED[name] === cluster)];
  const objects = labs.flatMap(labIntent).map((object) => {
    const text = JSON.stringify(object, (key, value: unknown) =>
      key === 'clusters'
        ? (value as { name: string }[]).filter(({ name }) => MOVED[name] === undefined)
        : value,
    );
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? placeOf(value) : value,
    ) as Named;
  });
  const keyed = objects.map((object) => {
    const { namespace = '', name } = object.metadata;
    return [`${object.kind} ${namespace}/${name}`, object] as const;
  });
  return [...new Map(keyed).values()];
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function placeOf(cluster: string): string {
  return MOVED[cluster] ?? cluster;
}

/** A workload whose containers run images of the node only; other objects as they are. */
function withoutPulling(object: object): object {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    key === 'containers' ? (value as object[]).map((one) => ({ ...one, imagePullPolicy: 'Never' })) : value,
  ) as object;
}

/** A workload whose pods are on as many nodes as they can be, whatever else a scheduler weighs; other objects as they are. */
function spreadOut(object: object): object {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    if (key !== 'template') return value;
    const { metadata, spec, ...rest } = value as {
      metadata: { labels: Record<string, string> };
      spec: object;
    };
    const constraint = {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: metadata.labels },
    };
    return { ...rest, metadata, spec: { ...spec, topologySpreadConstraints: [constraint] } };
  }) as object;
}

function list(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}
