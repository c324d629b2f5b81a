import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { refusalText, type Refusal } from '../../reason/reasons.ts';
import type { DomainView, Topology } from '../../topology/topology.ts';
import { stableYaml } from '../stable-yaml.ts';
import { clientObjects } from './clients.ts';
import { endpointCounts, nsmNotes, nsmRefusals } from './limits.ts';
import { NSM_RELEASE } from './names.ts';
import { endpointObject, ipamObjects, namespaceObject, networkService } from './objects.ts';
import { nsmPools } from './pools.ts';

/** One file of an export; `path` begins with the cluster. */
export interface NsmFile {
  readonly path: string;
  readonly text: string;
}

/** A domain as objects of Network Service Mesh: files, or why there are none. */
export interface NsmExport {
  readonly files: readonly NsmFile[];
  /** What NSM cannot express; `files` is empty where there is one. */
  readonly refusals: readonly Refusal[];
  /** What is otherwise than Flatland has it. */
  readonly notes: readonly Refusal[];
}

/**
 * The upstream Network Service Mesh objects for a domain, a folder for each cluster: `vl3-red.yaml` with the network
 * (NetworkService and IPAM at home, endpoints everywhere) and `clients-red.yaml` with the annotations of its members.
 * They are for people to apply; Flatland applies none of them. The same topology gives the same bytes.
 */
export function nsmExport(topology: Topology, name: string): NsmExport {
  const domain = Object.hasOwn(topology.domains, name) ? topology.domains[name] : undefined;
  if (domain === undefined) {
    const refusal: Refusal = { code: 'domain-not-found', detail: `there is no domain ${name}` };
    return { files: [], refusals: [refusal], notes: [] };
  }
  const refusals = nsmRefusals(topology, domain);
  const notes = nsmNotes(topology, domain);
  return { files: refusals.length > 0 ? [] : filesOf(topology, domain, notes), refusals, notes };
}

function filesOf(topology: Topology, domain: DomainView, notes: readonly Refusal[]): NsmFile[] {
  const counts = endpointCounts(topology, domain);
  const pools = nsmPools(domain);
  const files = domain.clusters.flatMap(({ name: cluster }) => {
    const atHome = cluster === domain.home;
    const network = [
      namespaceObject(domain),
      ...(atHome ? [networkService(domain), ...pools.flatMap((pool) => ipamObjects(domain, pool))] : []),
      endpointObject(domain, { cluster, replicas: counts.get(cluster) ?? 1, pools }),
    ];
    const clients = clientObjects(topology, domain, cluster);
    return [
      { path: `${cluster}/vl3-${domain.id}.yaml`, text: head(domain, notes) + documents(network) },
      ...(clients.length === 0
        ? []
        : [{ path: `${cluster}/clients-${domain.id}.yaml`, text: documents(clients) }]),
    ];
  });
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a person must know before applying, as comments. */
function head(domain: DomainView, notes: readonly Refusal[]): string {
  const lines = [
    `Domain ${domain.id} for Network Service Mesh ${NSM_RELEASE}. Flatland does not apply this.`,
    ...(domain.clusters.length > 1
      ? ['Needs the interdomain set-up of NSM: DNS zones my.CLUSTER, SPIFFE trust domains nsm.CLUSTER.']
      : []),
    `Apply in ${domain.home} first, then in the other clusters; in each: kubectl apply --server-side -f FILE,`,
    `vl3-${domain.id}.yaml and then clients-${domain.id}.yaml.`,
    ...notes.map(refusalText),
  ];
  return lines.map((line) => `# ${line.replaceAll(/\s+/g, ' ')}\n`).join('');
}

function documents(objects: readonly KubernetesObject[]): string {
  return objects.map(stableYaml).join('---\n');
}
