import { describe, expect, it } from 'vitest';
import { CHANGE_SET_ANNOTATION, type KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import { domainObject as domain } from '../testing/domain-object.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import {
  driftedFields,
  driftOf,
  findDrift,
  rememberingDriftOf,
  restoredManifest,
  SETTLE_MS,
  type AppliedObject,
} from './drift.ts';

const CLUSTER = 'east' as ClusterName;

function applied(spec: object, more: Partial<AppliedObject> = {}): AppliedObject {
  const object = { cluster: CLUSTER, apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', name: 'red' };
  return {
    id: 'east Domain  red',
    object,
    manifest: domain(spec),
    leftToOthers: [],
    changeSet: 'c1',
    appliedAtMs: 0,
    ...more,
  };
}

function snapshot(...objects: KubernetesObject[]): Snapshot {
  const state = { reachable: true, lastSeenMs: 0, readOnly: false, version: '' };
  return { clusters: [{ cluster: CLUSTER, objects, ...state }] };
}

describe('a field that drifted', () => {
  it('has both values, the manager that wrote it and when; what others added beside it is shown apart', () => {
    const live = domain(
      { mtuBytes: 1400, owner: 'acme.example' },
      {
        managedFields: [
          {
            manager: 'kubectl-edit',
            operation: 'Update',
            time: '2026-11-26T20:00:00Z',
            fieldsV1: { 'f:spec': { 'f:mtuBytes': {}, 'f:owner': {} } },
          },
          { manager: 'flatland-console', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:home': {} } } },
        ],
      },
    );
    const by = [{ manager: 'kubectl-edit', time: '2026-11-26T20:00:00Z' }];
    expect(driftedFields(applied({ mtuBytes: 1350, home: 'east' }), live, 'flatland-console')).toEqual([
      { path: 'spec.home', applied: 'east', by: [], drifted: true },
      { path: 'spec.mtuBytes', applied: 1350, live: 1400, by, drifted: true },
      { path: 'spec.owner', live: 'acme.example', by, drifted: false },
    ]);
  });

  it('is nobody’s once it is gone, whoever owns the list that it was in', () => {
    const managedFields = [
      {
        manager: 'maker',
        operation: 'Update',
        fieldsV1: { 'f:spec': { 'f:allowedNamespaces': {} } },
      },
    ];
    const live = domain({ allowedNamespaces: ['b'] }, { managedFields });
    expect(driftedFields(applied({ allowedNamespaces: ['a', 'b'] }), live, 'flatland-console')).toEqual([
      { path: 'spec.allowedNamespaces[a]', applied: 'a', by: [], drifted: true },
    ]);
  });

  it('is the workload’s of a Membership that has one', () => {
    const about = (spec: object) =>
      driftOf(
        applied(
          {},
          {
            object: { cluster: CLUSTER, apiVersion: 'v1', kind: 'Membership', namespace: 'shop', name: 'm' },
            manifest: { ...domain(spec), kind: 'Membership' },
          },
        ),
        undefined,
      );
    const workload = { kind: 'Deployment', name: 'cart' };
    expect(about({ domain: 'red', workload })).toMatchObject({
      domain: 'red',
      workload: 'east/shop/Deployment/cart',
    });
    expect(about({ domain: 'red', selector: {} })).not.toHaveProperty('workload');
    expect(about({ domain: 'red', workload: { kind: 'Job', name: 'cart' } })).not.toHaveProperty('workload');
  });

  it('is none where a person left it to others when it was applied; restoring leaves it there too', () => {
    const left = applied({ mtuBytes: 1350, home: 'east' }, { leftToOthers: ['.spec.mtuBytes'] });
    expect(driftOf(left, domain({ mtuBytes: 1400, home: 'east' }))).toBeUndefined();
    const live = domain({ mtuBytes: 1400, home: 'west' });
    expect(driftOf(left, live)?.paths).toEqual(['spec.home']);
    expect(restoredManifest(left, live)['spec']).toEqual({ mtuBytes: 1400, home: 'east' });
  });

  it('is none where a set or a list by keys only has another order; what others added to them stays', () => {
    const was = applied({ allowedNamespaces: ['a', 'b'], clusters: [{ name: 'x' }, { name: 'y' }] });
    const live = domain({
      allowedNamespaces: ['c', 'b', 'a'],
      clusters: [{ name: 'z' }, { name: 'y' }, { name: 'x' }],
    });
    expect(driftOf(was, live)).toBeUndefined();
    expect(restoredManifest(was, live)['spec']).toEqual({
      allowedNamespaces: ['a', 'b', 'c'],
      clusters: [{ name: 'x' }, { name: 'y' }, { name: 'z' }],
    });
  });

  it('says who keeps the object where Git does', () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'network' };
    expect(driftOf(applied({ mtuBytes: 1350 }), domain({ mtuBytes: 1400 }, { labels }))?.git).toBe('flux');
  });
});

describe('an object', () => {
  const find = (object: AppliedObject, live: Snapshot, more: { nowMs?: number; underWay?: string } = {}) =>
    findDrift({
      applied: [object],
      snapshot: live,
      hasRead: () => true,
      underWay: new Set(more.underWay === undefined ? [] : [more.underWay]),
      nowMs: more.nowMs ?? 1e9,
    }).map(({ how }) => how);

  it('is not judged while a change set is about to write it', () => {
    const edited = snapshot(domain({ mtuBytes: 1400 }));
    expect(find(applied({ mtuBytes: 1350 }), edited)).toEqual(['edited']);
    expect(find(applied({ mtuBytes: 1350 }), edited, { underWay: 'east Domain  red' })).toEqual([]);
  });

  it('is not judged by a watch that may not have seen the change set yet', () => {
    const fresh = applied({ mtuBytes: 1350 }, { appliedAtMs: 1000 });
    const old = snapshot(domain({ mtuBytes: 1500 }));
    const seen = snapshot(domain({ mtuBytes: 1400 }, { annotations: { [CHANGE_SET_ANNOTATION]: 'c1' } }));
    expect(find(fresh, old, { nowMs: 1500 })).toEqual([]);
    expect(find(fresh, snapshot(), { nowMs: 1500 })).toEqual([]);
    expect(find(fresh, seen, { nowMs: 1500 })).toEqual(['edited']);
    expect(find(fresh, old, { nowMs: 1000 + SETTLE_MS })).toEqual(['edited']);
  });
});

describe('a judge that remembers', () => {
  it('gives the very answer of the last time for the same objects, and judges others anew', () => {
    const judge = rememberingDriftOf();
    const [wanted, wantedLater] = [applied({ mtuBytes: 1350 }), applied({ mtuBytes: 1400 })];
    const [as, edited] = [domain({ mtuBytes: 1350 }), domain({ mtuBytes: 1400 })];
    expect(judge(wanted, as)).toBeUndefined();
    const found = judge(wanted, edited);
    expect(found).toEqual(driftOf(wanted, edited));
    expect(judge(wanted, edited)).toBe(found);
    expect(judge(wantedLater, edited)).toBeUndefined();
    expect(judge(wantedLater, undefined)?.how).toBe('deleted');
    expect(judge(wanted, as)).toBeUndefined();
  });
});
