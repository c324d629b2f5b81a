import type { IpAddress } from '@flatland/shared/address/ip';
import type { ClusterName, DomainName, NodeName } from '@flatland/shared/model/names';
import type { NodeReport } from '@flatland/shared/report/report';
import { describe, expect, it } from 'vitest';
import { SAMPLE, probeOf, sampleTopology } from '../testing/sample.ts';
import { workloadFlows } from './flow-rates.ts';
import { NOTHING_KNOWN, applyEvent } from './live-state.ts';

const topology = sampleTopology();
const snapshot = {
  kind: 'snapshot',
  topology,
  reports: [],
  probes: [],
  changeSets: [],
  drifted: [],
} as const;
const start = applyEvent(NOTHING_KNOWN, snapshot);

describe('the event stream', () => {
  it('patches single elements, and leaves other collections as they are', () => {
    const workload = { ...topology.workloads[SAMPLE.cart]!, replicas: { desired: 3, ready: 1 } };
    const after = applyEvent(start, {
      kind: 'topology',
      patch: { workloads: { [SAMPLE.cart]: workload, [SAMPLE.frontend]: null } },
    });
    expect(after.topology.workloads[SAMPLE.cart]?.replicas.desired).toBe(3);
    expect(after.topology.workloads[SAMPLE.frontend]).toBeUndefined();
    expect(after.topology.domains).toBe(start.topology.domains);
    expect(start.topology.workloads[SAMPLE.frontend]).toBeDefined();
  });

  it('keeps the last probe of each ordered pair', () => {
    const older = probeOf(SAMPLE.cart, SAMPLE.catalog, 'red', { echoed: false, agrees: false });
    const newer = probeOf(SAMPLE.cart, SAMPLE.catalog, 'red', { echoed: true, agrees: true });
    const after = [older, newer].reduce((state, probe) => applyEvent(state, { kind: 'probe', probe }), start);
    expect(Object.values(after.probes)).toEqual([newer]);
  });

  it('has the objects that drifted as they were told last', () => {
    const object = { cluster: 'aws-east' as ClusterName, apiVersion: 'v1', kind: 'Domain', name: 'red' };
    const about = { how: 'edited', paths: ['spec.mtuBytes'], changeSet: 'c', appliedAtMs: 1 } as const;
    const drifted = [{ id: 'aws-east Domain  red', object, ...about }];
    const after = applyEvent(start, { kind: 'drift', drifted });
    expect(after.drifted).toBe(drifted);
    expect(applyEvent(after, { kind: 'drift', drifted: [] }).drifted).toEqual([]);
  });

  it('counts what others did, also what they may have done before a snapshot', () => {
    const after = applyEvent(start, { kind: 'audit', seq: 7 });
    expect(after).toEqual({ ...start, nDone: start.nDone + 1 });
    expect(applyEvent(after, snapshot).nDone).toBe(start.nDone + 2);
  });

  it('begins anew with a snapshot', () => {
    const probe = probeOf(SAMPLE.cart, SAMPLE.catalog, 'red', { echoed: true, agrees: true });
    expect(applyEvent(applyEvent(start, { kind: 'probe', probe }), snapshot).probes).toEqual({});
  });

  it('keeps the report before the last of each node, for rates', () => {
    const [first, second] = [report(1000, 0), report(2000, 500)];
    const after = [first, second].reduce(
      (state, next) => applyEvent(state, { kind: 'report', report: next }),
      start,
    );
    expect(after.reports['aws-east/aws-east-0']).toBe(second);
    expect(after.earlierReports['aws-east/aws-east-0']).toBe(first);
  });
});

describe('traffic between workloads', () => {
  it('has the rate of what grew between two reports', () => {
    const flows = workloadFlows(
      topology,
      { 'aws-east/aws-east-0': report(3000, 5000) },
      { 'aws-east/aws-east-0': report(1000, 1000) },
    );
    expect(flows).toEqual([
      {
        from: SAMPLE.cart,
        to: SAMPLE.catalog,
        domain: 'red',
        bytes: 5000,
        bytesPerSecond: 2000,
        lastSeenMs: 2900,
      },
    ]);
  });

  it('counts a flow once that both ends report', () => {
    const here = report(3000, 5000);
    const there = { ...here, cluster: 'gke-west' as ClusterName };
    const flows = workloadFlows(topology, { 'aws-east/aws-east-0': here, 'gke-west/aws-east-0': there }, {});
    expect(flows.map((flow) => flow.bytes)).toEqual([5000]);
  });

  it('leaves out addresses that no member has', () => {
    const stranger = report(3000, 5000);
    const domains = stranger.domains.map((domain) => ({
      ...domain,
      flows: domain.flows.map((flow) => ({ ...flow, to: '10.81.99.99' as IpAddress })),
    }));
    expect(workloadFlows(topology, { n: { ...stranger, domains } }, {})).toEqual([]);
  });
});

function report(atMs: number, bytes: number): NodeReport {
  const address = (id: string) => topology.workloads[id]!.instances[0]!.members[0]!.addresses[0]!;
  return {
    cluster: 'aws-east' as ClusterName,
    node: 'aws-east-0' as NodeName,
    datapath: 'kernel',
    atMs,
    startedAtMs: 0,
    domains: [
      {
        domain: 'red' as DomainName,
        conditions: [],
        peers: [],
        drops: {},
        flows: [
          {
            from: address(SAMPLE.cart),
            to: address(SAMPLE.catalog),
            packets: 1,
            bytes,
            lastSeenMs: atMs - 100,
          },
        ],
      },
    ],
  };
}
