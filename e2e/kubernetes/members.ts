import { vi } from 'vitest';
import { CLUSTERS } from '../clusters/layout.ts';
import { get } from './support.ts';

/** A pod of the two clusters. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string; readonly hostNetwork?: boolean };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

/** A member as its node's agent told it. */
export interface TestMember {
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly addresses: readonly string[];
  readonly dnsNames: readonly string[];
}

interface MemberSlice {
  readonly spec: {
    readonly domain: string;
    readonly node: string;
    readonly members?: readonly {
      readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
      readonly addresses: readonly string[];
      readonly dnsNames: readonly string[];
    }[];
  };
}

/** The members of a domain in both clusters, each as its own cluster has it. */
export async function membersOf(domain: string): Promise<TestMember[]> {
  const found = await Promise.all(
    CLUSTERS.map(async ({ name: cluster }) =>
      (await get<MemberSlice>(cluster, 'memberslices'))
        .filter(({ spec }) => spec.domain === domain)
        .flatMap(({ spec: { node, members = [] } }) =>
          members.map(({ pod: { namespace, name, uid }, addresses, dnsNames }) => ({
            cluster,
            node,
            namespace,
            pod: name,
            uid,
            addresses,
            dnsNames,
          })),
        ),
    ),
  );
  return found.flat();
}

/** All pods of both clusters. */
export async function podsOfClusters(): Promise<Pod[]> {
  return (await Promise.all(CLUSTERS.map(({ name }) => get<Pod>(name, 'pods', '-A')))).flat();
}

/** All pods of a cluster that run, every container ready. */
export async function readyPods(cluster: string): Promise<Pod[]> {
  const pods = await get<Pod>(cluster, 'pods', '-A');
  return pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.phase === 'Running' &&
      (status.containerStatuses ?? []).every(({ ready }) => ready),
  );
}

/** How often containers of each pod were started again, by the pod's uid, in both clusters. */
export async function restartCounts(): Promise<Map<string, number>> {
  return new Map(
    (await podsOfClusters()).map(({ metadata, status: { containerStatuses = [] } }) => [
      metadata.uid,
      containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ]),
  );
}

/** Waits until something is so; a loaded machine may take minutes. */
export function eventually<T>(look: () => Promise<T> | T, timeoutMs = 300_000): Promise<T> {
  return vi.waitFor(look, { timeout: timeoutMs, interval: 1000 });
}
