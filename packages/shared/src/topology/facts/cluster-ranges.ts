import { parse } from 'yaml';
import { compareCidr, hostCidr } from '../../address/arithmetic.ts';
import { parseCidr, type Cidr } from '../../address/cidr.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { ClusterRanges } from '../topology.ts';
import { memoized } from './memoized.ts';
import { addresses, field, list, text } from './json.ts';

const MAX_CONFIGURATION_CHARACTERS = 65_536;

/**
 * Ranges that a cluster uses: pods and services from `kube-system/kubeadm-config` where it is, else
 * from the nodes' `podCIDRs` and the ServiceCIDR objects; nodes from their addresses.
 */
export function clusterRanges(byKind: ReadonlyMap<string, readonly KubernetesObject[]>): ClusterRanges {
  const of = (kind: string) => byKind.get(kind) ?? [];
  const configuration = of('ConfigMap').find(
    (map) => map.metadata.namespace === 'kube-system' && map.metadata.name === 'kubeadm-config',
  );
  const kubeadm = configuration === undefined ? { pods: [], services: [] } : kubeadmRanges(configuration);
  const nodePods = of('Node').flatMap((node) =>
    cidrs([...list(node, 'spec', 'podCIDRs'), field(node, 'spec', 'podCIDR')]),
  );
  const serviceCidrs = of('ServiceCIDR').flatMap((object) => cidrs(list(object, 'spec', 'cidrs')));
  const nodes = of('Node').flatMap((node) => nodeAddresses(node).map(hostCidr));
  return {
    pods: unique(kubeadm.pods.length > 0 ? kubeadm.pods : nodePods),
    services: unique(kubeadm.services.length > 0 ? kubeadm.services : serviceCidrs),
    nodes: unique(nodes),
  };
}

/** Addresses of a Node that other machines may know it by. */
export function nodeAddresses(node: KubernetesObject) {
  return addresses(
    list(node, 'status', 'addresses')
      .filter((entry) => ['InternalIP', 'ExternalIP'].includes(text(entry, '', 'type')))
      .map((entry) => field(entry, 'address')),
  );
}

const kubeadmRanges = memoized((configuration: KubernetesObject): { pods: Cidr[]; services: Cidr[] } => {
  const networking = field(readYaml(text(configuration, '', 'data', 'ClusterConfiguration')), 'networking');
  return {
    pods: cidrs(text(networking, '', 'podSubnet').split(',')),
    services: cidrs(text(networking, '', 'serviceSubnet').split(',')),
  };
});

function readYaml(source: string): unknown {
  if (source.length > MAX_CONFIGURATION_CHARACTERS) return undefined;
  try {
    return parse(source, { maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

function cidrs(texts: readonly unknown[]): Cidr[] {
  return texts.flatMap((candidate) => {
    const parsed = typeof candidate === 'string' ? parseCidr(candidate.trim()) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });
}

function unique(all: readonly Cidr[]): Cidr[] {
  return [...new Set(all)].toSorted(compareCidr);
}
