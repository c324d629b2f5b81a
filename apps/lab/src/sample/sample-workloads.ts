import { defaultDnsName } from '@flatland/shared/dns/zones';
import type { WorkloadKind } from '@flatland/shared/model/membership';
import type { KubeObject } from '../workloads/kinds/meta.ts';

/** One workload of the sample: where it runs and what it is a member of. */
export type SampleWorkload = {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: Extract<WorkloadKind, 'Deployment' | 'StatefulSet'>;
  readonly name: string;
  readonly replicas: number;
  readonly domains: readonly string[];
  /** Which mesh's control plane it stands in for. */
  readonly standInFor?: 'consul' | 'istio';
};

/** Organization Harbor's workloads. `print-server` is in no domain, `billing` in two. */
export const SAMPLE_WORKLOADS: readonly SampleWorkload[] = [
  deployment('aws-east', 'shop/frontend', 2, 'red'),
  deployment('aws-east', 'shop/cart', 1, 'red'),
  { ...deployment('aws-east', 'ledger/ledger-db', 1, 'green'), kind: 'StatefulSet' },
  { ...deployment('aws-east', 'istio-red/istiod', 1, 'red'), standInFor: 'istio' },
  deployment('gke-west', 'shop/catalog', 2, 'red'),
  deployment('gke-west', 'ledger/settlement', 1, 'green'),
  deployment('gke-west', 'finance/billing', 1, 'red', 'green'),
  { ...deployment('gke-west', 'consul/consul-server', 1, 'green'), standInFor: 'consul' },
  deployment('onprem-fra', 'shop/inventory', 2, 'red'),
  deployment('onprem-fra', 'analytics/reporting', 1, 'red'),
  deployment('onprem-fra', 'legacy/print-server', 1),
  deployment('onprem-fra', 'dev/sandbox-api', 1, 'sandbox'),
];

/** The namespaces of the sample's workloads, sorted. */
export function sampleNamespaces(cluster?: string): string[] {
  const inCluster = SAMPLE_WORKLOADS.filter(
    (workload) => cluster === undefined || workload.cluster === cluster,
  );
  return [...new Set(inCluster.map(({ namespace }) => namespace))].sort();
}

/** The Deployment or StatefulSet of a sample workload, and the headless Service of the latter. */
export function sampleWorkloadObjects(workload: SampleWorkload): KubeObject[] {
  const { namespace, name, replicas, kind } = workload;
  const labels = { app: name };
  const metadata = { name, namespace, labels };
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      selector: labels,
      ...(kind === 'StatefulSet' ? { clusterIP: 'None' } : {}),
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    },
  };
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
    template: { metadata: { labels }, spec: podSpec(workload) },
  };
  return [service, { apiVersion: 'apps/v1', kind, metadata, spec }];
}

function podSpec(workload: SampleWorkload): object {
  const image =
    workload.standInFor === undefined ? 'flatland.dev/sample-workload' : 'flatland.dev/mesh-stand-in';
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: workload.name,
        image,
        env: [
          { name: 'WORKLOAD_NAME', value: `${workload.cluster}/${workload.namespace}/${workload.name}` },
          field('POD_NAME', 'metadata.name'),
          { name: 'NEIGHBOURS', value: neighboursOf(workload).join(',') },
          ...(workload.standInFor === undefined
            ? []
            : [{ name: 'STAND_IN_FOR', value: workload.standInFor }]),
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
      },
    ],
  };
}

/** Domain names of the workloads that share a domain with one, so that the map has traffic. */
function neighboursOf(workload: SampleWorkload): string[] {
  const names = workload.domains.flatMap((domain) =>
    SAMPLE_WORKLOADS.filter((other) => other !== workload && other.domains.includes(domain)).map(
      (other) => `${other.name}.${other.namespace}.${defaultDnsName(domain)}`,
    ),
  );
  return [...new Set(names)].sort();
}

function deployment(cluster: string, path: string, replicas: number, ...domains: string[]): SampleWorkload {
  const [namespace, name] = path.split('/') as [string, string];
  return { cluster, namespace, kind: 'Deployment', name, replicas, domains };
}
