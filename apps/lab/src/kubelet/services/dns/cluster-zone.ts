import { SERVICE_NAME } from '../../../workloads/endpoint-slice/plan-endpoint-slice.ts';
import type { Services } from '../service-state.ts';

/** What the cluster's zone says of a name: its addresses, or that there is no such name. */
export type ZoneAnswer = { readonly exists: boolean; readonly addresses: readonly string[] };

/** The zone of Kubernetes' Services (the DNS specification 1.1, A records). */
export const CLUSTER_ZONE = 'cluster.local';

/**
 * Answers `SERVICE.NAMESPACE.svc.cluster.local` with the Service's address, or with its ready endpoints where it has
 * none, and `HOSTNAME.SERVICE.NAMESPACE.svc.cluster.local` with that endpoint.
 */
export function answerFromCluster(name: string, state: Services): ZoneAnswer {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.slice(-3).join('.') !== `svc.${CLUSTER_ZONE}`) return NO_SUCH_NAME;
  const [serviceName, namespace] = labels.slice(-5, -3);
  const hostname = labels.length === 6 ? labels[0] : undefined;
  if (labels.length < 5 || labels.length > 6) return NO_SUCH_NAME;
  const service = state.services.find(
    ({ metadata }) => metadata.name === serviceName && metadata.namespace === namespace,
  );
  if (service === undefined) return NO_SUCH_NAME;
  const { clusterIP } = service.spec ?? {};
  if (hostname === undefined && clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None') {
    return { exists: true, addresses: [clusterIP] };
  }
  const endpoints = state.endpointSlices
    .filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME] === serviceName,
    )
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false);
  const named =
    hostname === undefined ? endpoints : endpoints.filter((endpoint) => endpoint.hostname === hostname);
  if (hostname !== undefined && named.length === 0) return NO_SUCH_NAME;
  return { exists: true, addresses: named.flatMap(({ addresses }) => addresses).sort() };
}

const NO_SUCH_NAME: ZoneAnswer = { exists: false, addresses: [] };
