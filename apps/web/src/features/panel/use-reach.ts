'use client';
import { indexMemberships, reachableFrom } from '@flatland/shared/reachability/membership-index';
import type { Topology, WorkloadView } from '@flatland/shared/topology/topology';
import { useMemo } from 'react';

/** Whom a workload reaches: workloads, and their running instances. */
export function useReach(
  topology: Topology,
  workload: WorkloadView,
): { nWorkloads: number; nMembers: number } {
  return useMemo(() => {
    const reached = [...reachableFrom(indexMemberships(topology), workload.id)];
    const members = reached.flatMap((id) => topology.workloads[id]?.instances ?? []);
    return { nWorkloads: reached.length, nMembers: members.length };
  }, [topology, workload.id]);
}
