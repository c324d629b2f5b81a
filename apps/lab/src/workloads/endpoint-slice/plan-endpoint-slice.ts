import { isTerminal, isReady } from '../kinds/pod.ts';
import type { Container, Pod } from '../kinds/pod.ts';
import type { Endpoint, EndpointSlice, Service } from '../kinds/service.ts';
import { matchesSelector } from '../matches-selector.ts';
import { fnv1a32, safeEncode } from '../template-hash.ts';

/** Label that names the Service of an EndpointSlice (discovery/v1). */
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** What a Service's EndpointSlice says. Undefined for a Service without selector, whose slices others write. */
export function planEndpointSlice(service: Service, pods: readonly Pod[]): EndpointSlice | undefined {
  const { selector } = service.spec ?? {};
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  const { name, namespace, uid } = service.metadata;
  const backing = pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      pod.status?.podIP !== undefined &&
      !isTerminal(pod) &&
      matchesSelector({ matchLabels: selector }, pod.metadata.labels),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${safeEncode(String(fnv1a32(uid ?? ''))).slice(0, 5)}`,
      namespace: namespace!,
      labels: {
        [SERVICE_NAME]: name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name, uid: uid!, controller: true, blockOwnerDeletion: true },
      ],
    },
    addressType: 'IPv4',
    endpoints: backing.map((pod) => endpointOf(service, pod)),
    ports: portsOf(service, backing[0]),
  };
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [pod.status!.podIP!],
    conditions: { ready, serving, terminating },
    ...(pod.spec.hostname !== undefined && pod.spec.subdomain === service.metadata.name
      ? { hostname: pod.spec.hostname }
      : {}),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: namespace!, name, uid: uid! },
  };
}

function portsOf(service: Service, pod: Pod | undefined): NonNullable<EndpointSlice['ports']> {
  return (service.spec?.ports ?? []).flatMap(({ name, port, protocol, targetPort }) => {
    const number = resolvePort(targetPort ?? port, pod?.spec.containers ?? []);
    if (number === undefined) return [];
    return [{ name: name ?? '', port: number, protocol: protocol ?? 'TCP' }];
  });
}

/** The number of a port that may be named after one of the containers'. */
export function resolvePort(port: number | string, containers: readonly Container[]): number | undefined {
  if (typeof port === 'number') return port;
  const named = containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === port);
  return named?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}
