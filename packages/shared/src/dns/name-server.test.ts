import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { nameServer } from './name-server.ts';
import { NODE_DNS } from './node-dns.ts';

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

const NOTHING = { daemonSets: [], deployments: [], configMaps: [], services: [] };

const asPods = (labels: object, namespace = 'kube-system'): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace },
  spec: { template: { metadata: { labels } } },
});

const service = (spec: object, namespace = 'flatland-system'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'flatland-dns', namespace },
  spec,
});

describe('the cluster’s name server', () => {
  it.each([
    [{ labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } }, 'the cluster’s add-on manager'],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'dns' } }, 'Argo CD'],
    [{ labels: { 'argocd.argoproj.io/instance': 'dns' } }, 'Argo CD'],
    [{ managedFields: [{ manager: 'argocd-controller' }] }, 'Argo CD'],
    [{ labels: { 'helm.toolkit.fluxcd.io/name': 'dns' } }, 'Flux'],
    [{ managedFields: [{ manager: 'kustomize-controller' }] }, 'Flux'],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'a Helm release'],
  ])('with %j is left to %s', (metadata, owner) => {
    const answer = nameServer({ ...NOTHING, daemonSets: [onNodes], configMaps: [corefile(metadata)] });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        kept: { code: 'corefile-managed', detail: expect.stringContaining(owner) as string },
      },
    });
  });

  it('is one to change where nobody keeps its Corefile', () => {
    const kept = corefile({ labels: { 'k8s-app': 'kube-dns', constructor: 'x' } });
    expect(nameServer({ ...NOTHING, daemonSets: [onNodes], configMaps: [kept] })).toEqual({
      ok: true,
      value: { name: 'coredns', corefile: '.', agent: NODE_DNS, kept: undefined },
    });
  });

  it('asks over the Service where it runs as pods, and has no way before that is there', () => {
    const deployments = [asPods({ 'k8s-app': 'kube-dns' })];
    const objects = { ...NOTHING, deployments, configMaps: [corefile({})] };
    const agentBy = (...services: KubernetesObject[]) => {
      const found = nameServer({ ...objects, services });
      return found.ok ? found.value.agent : found.error;
    };
    expect(agentBy(service({ clusterIP: '10.96.7.7' }))).toEqual({ address: '10.96.7.7', port: 53 });
    expect(agentBy()).toBeUndefined();
    expect(agentBy(service({ clusterIP: 'None' }))).toBeUndefined();
    expect(agentBy(service({ clusterIP: '10.96.7.7' }, 'default'))).toBeUndefined();
  });

  it.each([
    ['pods that agents do not take for name servers', [asPods({ 'k8s-app': 'coredns' })]],
    ['another namespace', [asPods({ 'k8s-app': 'kube-dns' }, 'default')]],
    ['nothing', []],
  ])('is none in %s', (_, deployments) => {
    const found = nameServer({ ...NOTHING, deployments, configMaps: [corefile({})] });
    expect(found).toMatchObject({ ok: false, error: { code: 'no-name-server' } });
  });

  it('sees who asks in the nodes’ network only where pods ask that of their own node', () => {
    const kubeDns = (spec: object): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec,
    });
    const codeBy = (...services: KubernetesObject[]) => {
      const objects = { ...NOTHING, daemonSets: [onNodes], configMaps: [corefile({})], services };
      const found = nameServer(objects);
      return found.ok ? 'ok' : found.error.code;
    };
    expect(codeBy()).toBe('ok');
    expect(codeBy(kubeDns({ internalTrafficPolicy: 'Local' }))).toBe('ok');
    expect(codeBy(kubeDns({ internalTrafficPolicy: 'Cluster' }))).toBe('name-server-not-local');
    expect(codeBy(kubeDns({}))).toBe('name-server-not-local');
  });
});
