import type { ClusterName, NamespaceName } from '@flatland/shared/model/names';
import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import { describe, expect, it } from 'vitest';
import { SAMPLE, inputOf, sampleTopology } from '../../testing/sample.ts';
import { describeElement } from '../../features/map/describe-element.ts';
import { buildGraph } from './build-graph.ts';
import { driftMarks } from './drift-marks.ts';
import { memberKey } from './element-key.ts';

const topology = sampleTopology();

function drifted(
  object: Partial<ObjectRef> & Pick<ObjectRef, 'kind' | 'name'>,
  more: Partial<DriftedObject> = {},
): DriftedObject {
  const ref = { cluster: 'aws-east' as ClusterName, apiVersion: 'flatland.dev/v1alpha1', ...object };
  const id = [ref.cluster, ref.kind, ref.namespace ?? '', ref.name].join(' ');
  return { id, object: ref, how: 'edited', paths: ['spec'], changeSet: 'c', appliedAtMs: 0, ...more };
}

const domain = drifted({ kind: 'Domain', name: 'red' }, { domain: 'red' });
const membership = drifted(
  { kind: 'Membership', namespace: 'shop', name: 'green.deployment.cart' },
  { how: 'deleted', paths: [], domain: 'green', workload: SAMPLE.cart },
);
const link = drifted({ kind: 'ClusterLink', name: 'gke-west', cluster: 'onprem-fra' as ClusterName });

describe('what is not as it was applied', () => {
  const keys = (object: DriftedObject) => [...driftMarks([object], topology).keys()].toSorted();

  it('is shown on the domain, the mesh or the cluster that it is, or is about', () => {
    expect(keys(domain)).toEqual(['domain:red']);
    expect(keys(link)).toEqual(['cluster:onprem-fra']);
    const mesh = drifted({ kind: 'Mesh', name: 'istio-red' }, { domain: 'red' });
    const id = 'aws-east/istio-red';
    const meshes = { [id]: { ...Object.values(topology.meshes)[0]!, id } };
    expect([...driftMarks([mesh], { ...topology, meshes }).keys()]).toEqual([`mesh:${id}`]);
    expect([...driftMarks([mesh], { ...topology, meshes: {} }).keys()]).toEqual(['domain:red']);
  });

  it('is shown on the workload of a membership, also once the membership is deleted', () => {
    expect(keys(membership)).toEqual([memberKey(SAMPLE.cart, 'green'), `workload:${SAMPLE.cart}`]);
  });

  it('is shown where a membership was and where it is now, once somebody has pointed it elsewhere', () => {
    const [live] = Object.values(topology.memberships).filter(({ workloads }) =>
      workloads.includes(SAMPLE.frontend),
    );
    const { cluster, namespace, name } = live!;
    const moved = drifted(
      { kind: 'Membership', cluster, namespace: namespace as NamespaceName, name },
      { domain: 'green', workload: SAMPLE.cart },
    );
    expect(keys(moved)).toEqual(
      [SAMPLE.cart, SAMPLE.frontend]
        .flatMap((id) => [`workload:${id}`, memberKey(id, 'green'), memberKey(id, 'red')])
        .toSorted(),
    );
  });

  it('is its cluster’s where nothing that it is about is there any more', () => {
    expect(keys({ ...domain, domain: 'gone' })).toEqual(['cluster:aws-east']);
    expect(keys({ ...membership, domain: 'gone', workload: 'aws-east/shop/Deployment/gone' })).toEqual([
      'cluster:aws-east',
    ]);
  });
});

describe('the map', () => {
  it('counts it on nodes and edges, and says it in words', () => {
    const red = { ...membership, domain: 'red' };
    const model = buildGraph(inputOf(topology, { drifted: [domain, link, red] }));
    expect(model.nodes.get('domain:red')).toMatchObject({ drifted: 1 });
    expect(model.nodes.get('domain:green')).not.toHaveProperty('drifted');
    expect(model.nodes.get('cluster:onprem-fra')).toMatchObject({ drifted: 1 });
    expect(model.nodes.get(`workload:${SAMPLE.cart}`)).toMatchObject({ drifted: 1 });
    expect(model.edges.get(memberKey(SAMPLE.cart, 'red'))).toMatchObject({ drifted: 1 });
    expect(describeElement('domain:red', model)).toMatch(/, 1 object is not as applied$/);
    expect(describeElement('domain:green', model)).not.toContain('applied');
    expect(describeElement(memberKey(SAMPLE.cart, 'red'), model)).toMatch(/, 1 object is not as applied$/);
  });

  it('keeps it in sight where workloads are not drawn: on clusters, counted edges and folded namespaces', () => {
    const red = { ...membership, domain: 'red' };
    const folded = new Set(['namespace:aws-east/shop']);
    const model = buildGraph(
      inputOf(topology, { drifted: [red], options: { groupNamespaces: true, folded } }),
    );
    expect(model.nodes.get('cluster:aws-east')).toMatchObject({ driftedWithin: true });
    expect(model.nodes.get('cluster:gke-west')).not.toHaveProperty('driftedWithin');
    expect(model.edges.get('counted:cluster:aws-east|red')).toMatchObject({ drifted: true });
    expect(model.edges.get('counted:cluster:aws-east|green')).not.toHaveProperty('drifted');
    expect(model.nodes.get('namespace:aws-east/shop')).toMatchObject({ drifted: 1 });
    expect(model.nodes.get('namespace:aws-east/ledger')).not.toHaveProperty('drifted');
  });
});
