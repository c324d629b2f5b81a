import { describe, expect, it } from 'vitest';
import type { Intent } from '../intent/intent.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { DomainName } from '../model/names.ts';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { snapshotOf } from '../testing/world.ts';
import { gitManagers, gitOwner } from './git-owner.ts';
import { planChange } from './plan-change.ts';

const reporting = 'onprem-fra/analytics/Deployment/reporting';
const leave: Intent = { kind: 'leave', workload: reporting, domain: 'red' as DomainName };

describe('an object', () => {
  it.each([
    [{ labels: { 'argocd.argoproj.io/instance': 'mesh' } }, 'argo-cd'],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'mesh:flatland.dev/Domain:red' } }, 'argo-cd'],
    [{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'mesh' } }, 'flux'],
    [{ labels: { 'helm.toolkit.fluxcd.io/name': 'mesh' } }, 'flux'],
    [{ managedFields: [{ manager: 'kubectl' }, { manager: 'argocd-controller' }] }, 'argo-cd'],
    [{ managedFields: [{ manager: 'kustomize-controller', operation: 'Apply' }] }, 'flux'],
    [{ managedFields: [{ manager: 'kubectl' }], labels: { 'app.kubernetes.io/instance': 'x' } }, undefined],
    [{ labels: { constructor: 'x', toString: 'y' } }, undefined],
    [{ managedFields: 'nonsense' }, undefined],
    [{ managedFields: [null, { manager: 7 }, { manager: 'toString' }] }, undefined],
    [{}, undefined],
  ])('with %j is kept by %s', (metadata, owner) => {
    const object = { apiVersion: 'v1', kind: 'Domain', metadata: { name: 'red', ...metadata } };
    expect(gitOwner(object)).toBe(owner);
    const kept = { ...metadata, managedFields: gitManagers(object.metadata['managedFields' as never]) };
    expect(
      gitOwner({ ...object, metadata: { name: 'red', ...kept } }),
      'with the managers that are kept',
    ).toBe(owner);
  });
});

describe('a plan', () => {
  it('says of each step whether Git keeps its object, and nothing of a new one', () => {
    const join: Intent = { kind: 'join', workload: reporting, domain: 'green' as DomainName };
    const snapshot = snapshotOf(SAMPLE_WORLD);
    const owned = {
      clusters: snapshot.clusters.map((cluster) => ({
        ...cluster,
        objects: cluster.objects.map((object) => (object.kind === 'Membership' ? byFlux(object) : object)),
      })),
    };
    const gitOf = (from: typeof snapshot) =>
      planChange({ snapshot: from, intents: [join, leave] }).steps.map(({ action, git }) => [action, git]);
    expect(gitOf(snapshot)).toEqual([
      ['create', undefined],
      ['delete', undefined],
    ]);
    expect(gitOf(owned)).toEqual([
      ['create', undefined],
      ['delete', 'flux'],
    ]);
  });
});

function byFlux(object: KubernetesObject): KubernetesObject {
  const labels = { ...object.metadata.labels, 'kustomize.toolkit.fluxcd.io/name': 'mesh' };
  return { ...object, metadata: { ...object.metadata, labels } };
}
