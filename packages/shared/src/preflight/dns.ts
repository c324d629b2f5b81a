import { text } from '../topology/facts/json.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

const BY_HAND = 'The steps are printed for each domain; a domain shows “DNS not wired” until they are done';

/** Whether the cluster’s DNS can be told to forward a domain’s names. */
export function dnsLines({ coreDns, access }: PreflightFacts): PreflightLine[] {
  if (!coreDns.ok)
    return [line('dns', 'unknown', `kube-system/coredns cannot be read: ${coreDns.error}`, BY_HAND)];
  const map = coreDns.value;
  if (map === undefined || text(map, '', 'data', 'Corefile') === '')
    return [line('dns', 'warning', 'There is no Corefile in kube-system/coredns', BY_HAND)];
  const owner = ownerOf(map);
  if (owner !== undefined)
    return [line('dns', 'warning', `The Corefile belongs to ${owner}, which would undo a change`, BY_HAND)];
  const rights = access.filter(({ purpose }) => purpose === 'dns');
  const mayChange = rights.length > 0 && rights.every(({ allowed }) => allowed.ok && allowed.value);
  return [
    mayChange
      ? line('dns', 'ok', 'CoreDNS has a Corefile, and the credentials may change it')
      : line('dns', 'warning', 'CoreDNS has a Corefile that the credentials may not change', BY_HAND),
  ];
}

/** Who keeps the Corefile as it is, as labels and annotations say. */
function ownerOf({ metadata }: KubernetesObject): string | undefined {
  const { labels = {}, annotations = {} } = metadata;
  if (labels['addonmanager.kubernetes.io/mode'] === 'Reconcile') return 'the cluster’s add-on manager';
  if (annotations['argocd.argoproj.io/tracking-id'] !== undefined) return 'Argo CD';
  if (labels['kustomize.toolkit.fluxcd.io/name'] !== undefined) return 'Flux';
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') return 'a Helm release';
  return undefined;
}
