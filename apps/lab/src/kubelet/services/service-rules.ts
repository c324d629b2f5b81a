import { isIPv4 } from 'node:net';
import { SERVICE_NAME } from '../../workloads/endpoint-slice/plan-endpoint-slice.ts';
import type { Endpoint, EndpointSlice, Service, ServicePort } from '../../workloads/kinds/service.ts';
import type { Services } from './service-state.ts';

const TABLE = 'lab_services';

/**
 * The nftables ruleset of a node that sends connections to ClusterIPs on to ready endpoints, one at random; what
 * kube-proxy does. The same state in another order gives the same text.
 */
export function serviceRules(state: Services, nodeName: string): string {
  const services = state.services
    .filter(({ spec }) => isIPv4(spec?.clusterIP ?? ''))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const rules = services.flatMap((service) =>
    (service.spec?.ports ?? []).flatMap((port) =>
      portRules(service, port, endpointsOf(service, port, state, nodeName)),
    ),
  );
  const hairpins = [...new Set(services.flatMap((service) => addressesOf(service, state)))]
    .sort()
    .map((address) => `ip saddr ${address} ip daddr ${address} masquerade`);
  return [
    `add table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    'chain services {',
    ...rules,
    '}',
    'chain prerouting {',
    'type nat hook prerouting priority dstnat;',
    'jump services',
    '}',
    'chain output {',
    'type nat hook output priority -100;',
    'jump services',
    '}',
    'chain postrouting {',
    'type nat hook postrouting priority srcnat;',
    // A pod that reaches itself through its Service must not get an answer from its own address.
    ...hairpins,
    '}',
    '}',
    '',
  ].join('\n');
}

type Target = { readonly address: string; readonly port: number };

function portRules(service: Service, port: ServicePort, targets: readonly Target[]): string[] {
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  const match = `ip daddr ${service.spec!.clusterIP} ${protocol} dport ${port.port}`;
  return targets.map(({ address, port: targetPort }, index) => {
    const nLeft = targets.length - index;
    const chance = nLeft === 1 ? '' : ` numgen random mod ${nLeft} 0`;
    return `${match}${chance} dnat to ${address}:${targetPort}`;
  });
}

function endpointsOf(service: Service, port: ServicePort, state: Services, nodeName: string): Target[] {
  const isHere = (endpoint: Endpoint) =>
    service.spec?.internalTrafficPolicy !== 'Local' || endpoint.nodeName === nodeName;
  return slicesOf(service, state)
    .flatMap((slice) => {
      const number = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
      if (number === undefined) return [];
      return (slice.endpoints ?? [])
        .filter((endpoint) => endpoint.conditions?.ready !== false && isHere(endpoint))
        .flatMap(({ addresses }) => addresses)
        .filter((address) => isIPv4(address))
        .map((address) => ({ address, port: number }));
    })
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

function addressesOf(service: Service, state: Services): string[] {
  return slicesOf(service, state)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ addresses }) => addresses)
    .filter((address) => isIPv4(address));
}

function slicesOf({ metadata }: Service, state: Services): EndpointSlice[] {
  return state.endpointSlices.filter(
    (slice) =>
      slice.metadata.namespace === metadata.namespace &&
      slice.metadata.labels?.[SERVICE_NAME] === metadata.name &&
      slice.addressType === 'IPv4',
  );
}

function key({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}
