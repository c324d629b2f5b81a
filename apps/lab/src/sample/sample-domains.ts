import { parseCidr } from '@flatland/shared/address/cidr';
import type { Cidr } from '@flatland/shared/address/cidr';
import { nextSlice } from '@flatland/shared/address/slice';
import { defaultDnsName } from '@flatland/shared/dns/zones';
import { domainManifest } from '@flatland/shared/manifest/domain-manifest';
import { membershipManifest } from '@flatland/shared/manifest/membership-manifest';
import { zDomainSpec } from '@flatland/shared/model/domain';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
} from '@flatland/shared/model/kubernetes-object';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import { SAMPLE_WORKLOADS, sampleNamespaces } from './sample-workloads.ts';
import type { SampleWorkload } from './sample-workloads.ts';

/** Owner of everything in the sample. */
export const SAMPLE_OWNER = 'harbor.example';

type SampleDomain = {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly clusters: readonly string[];
  readonly home: string;
};

/* sandbox has red's prefix: no workload may be in both. */
const SAMPLE_DOMAINS: readonly SampleDomain[] = [
  {
    name: 'green',
    prefixes: ['10.82.0.0/16', 'fd00:82::/48'],
    clusters: ['aws-east', 'gke-west', 'onprem-fra'],
    home: 'gke-west',
  },
  {
    name: 'red',
    prefixes: ['10.81.0.0/16', 'fd00:81::/48'],
    clusters: ['aws-east', 'gke-west', 'onprem-fra'],
    home: 'aws-east',
  },
  { name: 'sandbox', prefixes: ['10.81.0.0/16'], clusters: ['onprem-fra'], home: 'onprem-fra' },
];

/** The Domains, Memberships and Meshes of the sample in one cluster, in the order of creating. */
export function sampleIntent(cluster: string): KubeObject[] {
  const domains = SAMPLE_DOMAINS.filter(({ clusters }) => clusters.includes(cluster)).map(domainObject);
  const memberships = SAMPLE_WORKLOADS.filter((workload) => workload.cluster === cluster).flatMap(
    (workload) => workload.domains.map((domain) => membershipManifest({ ...workload, domain })),
  );
  const meshes = SAMPLE_WORKLOADS.filter(
    (workload) => workload.cluster === cluster && workload.standInFor !== undefined,
  ).map(meshObject);
  return [...domains, ...memberships, ...meshes] as KubeObject[];
}

function domainObject({ name, prefixes, clusters, home }: SampleDomain) {
  const slices = slicesOf(prefixes, clusters.length);
  const spec = zDomainSpec.parse({
    prefixes,
    clusters: clusters.map((cluster, index) => ({ name: cluster, slices: slices[index] })),
    home,
    dnsName: defaultDnsName(name),
    allowedNamespaces: ['default', ...sampleNamespaces()],
    owner: SAMPLE_OWNER,
  });
  return domainManifest(name, spec);
}

/** For each cluster in turn the next slice of every prefix. */
function slicesOf(prefixes: readonly string[], nClusters: number): Cidr[][] {
  const perPrefix = prefixes.map((text) => {
    const prefix = parseCidr(text);
    if (!prefix.ok) throw new Error(prefix.error);
    const taken: Cidr[] = [];
    while (taken.length < nClusters) taken.push(nextSlice(prefix.value, taken, nClusters)!);
    return taken;
  });
  return Array.from({ length: nClusters }, (_none, index) => perPrefix.map((slices) => slices[index]!));
}

const MESHES = {
  consul: { name: 'consul-green', version: '1.21', domain: 'green', intercepts: false },
  istio: { name: 'istio-red', version: '1.28', domain: 'red', intercepts: true },
} as const;

function meshObject(controlPlane: SampleWorkload) {
  const { name, version, domain, intercepts } = MESHES[controlPlane.standInFor!];
  const reference = ({ cluster, namespace, kind, name: workload }: SampleWorkload) => ({
    cluster,
    namespace,
    kind,
    name: workload,
  });
  // billing is in both domains; only one mesh of a pod may intercept, and it is Consul's without interception.
  const enrolled = SAMPLE_WORKLOADS.filter(
    (workload) =>
      workload.standInFor === undefined &&
      workload.domains.includes(domain) &&
      (!intercepts || workload.domains.length === 1),
  );
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Mesh',
    metadata: { name, labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } },
    spec: {
      kind: controlPlane.standInFor!,
      version,
      domain,
      controlPlane: reference(controlPlane),
      intercepts,
      enrolled: enrolled.map(reference),
    },
  };
}
