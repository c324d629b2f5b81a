import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { nodeNameServer } from './node-name-server.ts';

const about = { name: 'coredns', namespace: 'kube-system' };
const onNodes = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: about,
  spec: { template: { spec: { hostNetwork: true } } },
};

function corefile(metadata: object): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...about, ...metadata },
    data: { Corefile: '.' },
  };
}

describe('the name server of every node', () => {
  it.each([
    [{ labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } }, 'the cluster’s add-on manager'],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'dns' } }, 'Argo CD'],
    [{ labels: { 'argocd.argoproj.io/instance': 'dns' } }, 'Argo CD'],
    [{ managedFields: [{ manager: 'argocd-controller' }] }, 'Argo CD'],
    [{ labels: { 'helm.toolkit.fluxcd.io/name': 'dns' } }, 'Flux'],
    [{ managedFields: [{ manager: 'kustomize-controller' }] }, 'Flux'],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'a Helm release'],
  ])('with %j is left to %s', (metadata, owner) => {
    const answer = nodeNameServer([onNodes], [corefile(metadata)]);
    expect(answer).toMatchObject({
      ok: false,
      error: { code: 'corefile-managed', detail: expect.stringContaining(owner) as string },
    });
  });

  it('is one to change where nobody keeps its Corefile', () => {
    const kept = corefile({ labels: { 'k8s-app': 'kube-dns', constructor: 'x' } });
    expect(nodeNameServer([onNodes], [kept])).toEqual({
      ok: true,
      value: { name: 'coredns', corefile: '.' },
    });
  });
});
