import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { domainObject as domain } from '../testing/domain-object.ts';
import { parseFieldPath, withoutField } from './field-path.ts';
import { threeWay } from './three-way.ts';

const OURS = 'flatland-console';

function owned(manager: string, fieldsV1: object, subresource = '') {
  return { manager, operation: 'Apply', fieldsV1, subresource };
}

const slices = (east: string) => [{ name: 'aws-east', slices: [east] }];

describe('a three-way comparison', () => {
  it('shows each field as reviewed, as it is with who made it so, and as wanted', () => {
    const live = domain(
      { mtuBytes: 1400, clusters: slices('10.9.0.0/20') },
      {
        managedFields: [
          owned('bob', { 'f:spec': { 'f:mtuBytes': {} } }),
          owned('carol', { 'f:spec': { 'f:clusters': { 'k:{"name":"aws-east"}': { 'f:slices': {} } } } }),
          owned('flatland-controller', { 'f:status': {} }, 'status'),
        ],
      },
    );
    const fields = threeWay({
      base: domain({ mtuBytes: 1500, clusters: slices('10.9.0.0/20') }),
      live,
      manifest: domain({ mtuBytes: 1350, clusters: slices('10.9.16.0/20') }),
      ownManager: OURS,
    });
    expect(fields).toEqual([
      {
        path: 'spec.clusters[name=aws-east].slices',
        field: '.spec.clusters[name="aws-east"].slices',
        base: ['10.9.0.0/20'],
        theirs: ['10.9.0.0/20'],
        ours: ['10.9.16.0/20'],
        managers: ['carol'],
        contested: true,
      },
      {
        path: 'spec.mtuBytes',
        field: '.spec.mtuBytes',
        base: 1500,
        theirs: 1400,
        ours: 1350,
        managers: ['bob'],
        contested: true,
      },
    ]);
  });

  it('leaves alone what somebody added and the change does not mention', () => {
    const annotations = { 'bob.example/note': 'mine' };
    const live = domain(
      { mtuBytes: 1500 },
      {
        annotations,
        managedFields: [owned('bob', { 'f:metadata': { 'f:annotations': { 'f:bob.example/note': {} } } })],
      },
    );
    const [only, ...rest] = threeWay({
      base: domain({ mtuBytes: 1500 }),
      live,
      manifest: domain({ mtuBytes: 1350 }),
      ownManager: OURS,
    });
    expect(rest).toEqual([]);
    expect(only).toMatchObject({
      contested: false,
      managers: ['bob'],
      theirs: annotations,
      ours: annotations,
    });
  });

  it('does not ask for what is the console’s own, or wanted by both', () => {
    const own = owned(OURS, { 'f:spec': { 'f:mtuBytes': {} } });
    const manifest = domain({ mtuBytes: 1350 });
    const base = domain({ mtuBytes: 1500 });
    const compare = (live: KubernetesObject) => threeWay({ base, live, manifest, ownManager: OURS });
    expect(compare(domain({ mtuBytes: 1500 }, { managedFields: [own] }))).toEqual([]);
    const same = domain(
      { mtuBytes: 1350 },
      { managedFields: [owned('bob', { 'f:spec': { 'f:mtuBytes': {} } })] },
    );
    expect(compare(same).map(({ contested }) => contested)).toEqual([false]);
  });

  it('asks again for what somebody took away', () => {
    const [field] = threeWay({
      base: domain({ mtuBytes: 1500 }),
      live: domain({}),
      manifest: domain({ mtuBytes: 1350 }),
      ownManager: OURS,
    });
    expect(field).toMatchObject({ path: 'spec.mtuBytes', base: 1500, ours: 1350, contested: true });
    expect(field).not.toHaveProperty('theirs');
  });
});

describe('a field that is left to others', () => {
  const object = {
    spec: { mtuBytes: 1, clusters: [{ name: 'a', slices: ['x'] }, { name: 'b' }], names: ['p', 'q'] },
  };
  const without = (path: string) => {
    const parts = parseFieldPath(path);
    if (!parts.ok) throw new Error(parts.error);
    return withoutField(object, parts.value);
  };

  it('is taken out of what is sent, and nothing else is', () => {
    expect(without('spec.mtuBytes')).toEqual({ spec: { clusters: object.spec.clusters, names: ['p', 'q'] } });
    expect(without('spec.clusters[name=a].slices').spec.clusters).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(without('spec.clusters[name=b]').spec.clusters).toEqual([{ name: 'a', slices: ['x'] }]);
    expect(without('spec.names[q]').spec.names).toEqual(['p']);
    expect(without('spec.nothing."of.this/kind"')).toEqual(object);
  });
});
