import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { arbitraryWorld } from '../testing/arbitrary-world.ts';
import { snapshotOf } from '../testing/world.ts';
import { buildTopology } from './build-topology.ts';

describe('the topology', () => {
  const topology = buildTopology(snapshotOf(SAMPLE_WORLD));

  it('shows clusters with their ranges, nodes with their agents, and domains with their members', () => {
    expect(topology.clusters['aws-east']?.ranges).toEqual({
      pods: ['10.244.0.0/16'],
      services: ['10.96.0.0/12'],
      nodes: ['192.0.2.1/32', '192.0.2.2/32'],
    });
    expect(topology.nodes['onprem-fra/onprem-fra-1']?.hasAgent).toBe(true);
    expect([topology.domains['red']?.memberCount, topology.domains['red']?.programmedCount]).toEqual([
      10, 10,
    ]);
    expect(topology.domains['green']?.clusters.every((cluster) => cluster.present && cluster.agrees)).toBe(
      true,
    );
  });

  it('gives a workload in two domains both, with their addresses and names', () => {
    const billing = topology.workloads['gke-west/finance/Deployment/billing'];
    expect(billing?.domains.map((entry) => [entry.domain, entry.counts])).toEqual([
      ['green', true],
      ['red', true],
    ]);
    expect(billing?.instances[0]?.members.map((member) => member.domain)).toEqual(['green', 'red']);
  });

  it('tells objects apart that cannot be read, and keeps the rest', () => {
    const snapshot = snapshotOf(SAMPLE_WORLD);
    const nonsense = {
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Domain',
      metadata: { name: 'mud' },
      spec: { prefixes: ['10.300.0.0/16'] },
    };
    const broken = buildTopology({
      clusters: snapshot.clusters.map((cluster) => ({ ...cluster, objects: [...cluster.objects, nonsense] })),
    });
    expect(Object.keys(broken.broken)).toEqual([
      'aws-east/Domain//mud',
      'gke-west/Domain//mud',
      'onprem-fra/Domain//mud',
    ]);
    expect(broken.domains['red']?.memberCount).toBe(10);
  });

  it('shows a condition that fails in one of a domain’s clusters, with the cluster, else as home has it', () => {
    const snapshot = snapshotOf(SAMPLE_WORLD);
    const statuses: Record<string, string> = { 'gke-west': 'Unknown', 'onprem-fra': 'False' };
    const condition = (type: string, status: string, cluster: string) => ({
      type,
      status,
      reason: status === 'True' ? 'ready' : 'dns-not-wired',
      message: `said by ${cluster}`,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    const { domains } = buildTopology({
      clusters: snapshot.clusters.map((cluster) => ({
        ...cluster,
        objects: cluster.objects.map((object) => {
          if (object.kind !== 'Domain') return object;
          const name = cluster.cluster;
          const names = condition('NamesWired', statuses[name] ?? 'True', name);
          return { ...object, status: { conditions: [condition('Ready', 'True', name), names] } };
        }),
      })),
    });
    const { home, conditions } = domains['red']!;
    expect(conditions.map(({ type, status, message }) => [type, status, message])).toEqual([
      ['NamesWired', 'False', 'gke-west: said by gke-west; onprem-fra: said by onprem-fra'],
      ['Ready', 'True', `said by ${home}`],
    ]);
  });

  it('refuses the younger of two memberships in domains with overlapping prefixes', () => {
    const clash = buildTopology(
      snapshotOf({
        ...SAMPLE_WORLD,
        clusters: [
          {
            name: 'onprem-fra',
            nNodes: 1,
            workloads: [{ namespace: 'dev', name: 'both', domains: ['red', 'sandbox'] }],
          },
        ],
      }),
    );
    expect(clash.workloads['onprem-fra/dev/Deployment/both']?.domains).toMatchObject([
      { domain: 'red', counts: true },
      {
        domain: 'sandbox',
        counts: false,
        refusal: { code: 'prefix-clash', detail: 'sandbox and red both use 10.81.0.0/16' },
      },
    ]);
  });

  it('survives any JSON in place of any object', () => {
    fc.assert(
      fc.property(
        arbitraryWorld,
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.constantFrom(
          'Pod',
          'Node',
          'Deployment',
          'ReplicaSet',
          'ConfigMap',
          'Domain',
          'Membership',
          'MemberSlice',
          'NetworkPolicy',
        ),
        (world, junk, kind) => {
          const snapshot = snapshotOf(world);
          const bad = junk.map((fields, index) => ({
            ...fields,
            apiVersion: 'v1',
            kind,
            metadata: { name: `junk-${index}`, namespace: 'shop' },
          }));
          expect(() =>
            buildTopology({
              clusters: snapshot.clusters.map((cluster) => ({
                ...cluster,
                objects: [...cluster.objects, ...bad],
              })),
            }),
          ).not.toThrow();
        },
      ),
      { numRuns: 200 },
    );
  });
});
