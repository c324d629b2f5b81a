import type { PodsOf } from './pods-of.ts';
import type { Stack } from './stack.ts';
import { WORLD } from './worlds/chosen.ts';

/** One object as kubectl shows it. */
export interface SeenObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    /** With `--show-managed-fields`. */
    readonly managedFields?: readonly { readonly subresource?: string }[];
  };
  readonly spec?: unknown;
  readonly status?: {
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
    readonly phase?: string;
  };
}

/** Objects of a cluster, by stock kubectl. */
export async function kubectlGet(stack: Stack, cluster: string, ...args: string[]): Promise<SeenObject[]> {
  const result = await stack.kubectl('--context', cluster, 'get', ...args, '-o', 'json');
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const parsed = JSON.parse(result.stdout) as { items?: SeenObject[] } & SeenObject;
  return parsed.items ?? [parsed];
}

/** Names of the Memberships of all clusters, `cluster/namespace/name`, sorted. */
export async function memberships(stack: Stack): Promise<string[]> {
  const all: string[] = [];
  for (const cluster of WORLD.clusters)
    for (const object of await kubectlGet(stack, cluster, 'memberships', '-A'))
      all.push(`${cluster}/${object.metadata.namespace}/${object.metadata.name}`);
  return all.toSorted();
}

/** uid and restarts of a workload's pods. */
export async function podIdentities(
  stack: Stack,
  pods: Pick<PodsOf, 'cluster' | 'namespace' | 'selector'>,
): Promise<string[]> {
  const seen = await kubectlGet(stack, pods.cluster, 'pods', '-n', pods.namespace, '-l', pods.selector);
  return seen
    .map((pod) => `${pod.metadata.uid} ${pod.status?.containerStatuses?.[0]?.restartCount ?? 0}`)
    .toSorted();
}

/** An instance that is a member of red. */
export interface RedMember {
  /** Its pod's name. */
  readonly pod: string;
  /** Its IPv4 address in red. */
  readonly address: string;
}

/** Instances of a workload that are members of red, by the slices of their nodes. */
export async function membersOf(stack: Stack, cluster: string, workload: string): Promise<RedMember[]> {
  const slices = await kubectlGet(stack, cluster, 'memberslices');
  return slices
    .map((slice) => slice.spec as SliceSpec)
    .filter(({ domain }) => domain === 'red')
    .flatMap(({ members }) => members)
    .filter((member) => member.workload.name === workload)
    .map(({ pod, addresses }) => ({ pod: pod.name, address: addresses[0] ?? '' }));
}

interface SliceSpec {
  readonly domain: string;
  readonly members: readonly {
    readonly pod: { readonly name: string };
    readonly workload: { readonly name: string };
    readonly addresses: readonly string[];
  }[];
}

/** Puts the sample's memberships back as they were, whatever a test did. */
export async function leaveQuietly(stack: Stack, workload: string, domain: string): Promise<void> {
  await stack.flatland('leave', workload, domain, '--acknowledge');
}
