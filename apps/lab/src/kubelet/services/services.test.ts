import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../workloads/kinds/service.ts';
import { answerFromCluster } from './dns/cluster-zone.ts';
import { serviceRules } from './service-rules.ts';

const WEB: Service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { clusterIP: '10.96.1.1', ports: [{ name: 'http', port: 80 }] },
};
const DB: Service = { metadata: { name: 'db', namespace: 'shop' }, spec: { clusterIP: 'None', ports: [] } };

test('a connection to a Service goes to one of its ready endpoints at random', () => {
  const state = {
    services: [WEB],
    endpointSlices: [sliceOf('web', ['10.244.1.2', '10.244.2.3'], { not: ['10.244.1.9'] })],
  };
  const rules = serviceRules(state, 'n1')
    .split('\n')
    .filter((line) => line.includes('dnat'));
  expect(rules).toEqual([
    'ip daddr 10.96.1.1 tcp dport 80 numgen random mod 2 0 dnat to 10.244.1.2:8080',
    'ip daddr 10.96.1.1 tcp dport 80 dnat to 10.244.2.3:8080',
  ]);
});

test('with the Local policy it stays on the node', () => {
  const local: Service = { ...WEB, spec: { ...WEB.spec, internalTrafficPolicy: 'Local' } };
  const state = { services: [local], endpointSlices: [sliceOf('web', ['10.244.1.2', '10.244.2.3'])] };
  expect(serviceRules(state, 'n2')).toContain('dport 80 dnat to 10.244.2.3:8080');
  expect(serviceRules(state, 'n2')).not.toContain('10.244.1.2:8080');
});

test('the rules do not depend on the order of objects', () => {
  const slices = [
    sliceOf('web', ['10.244.1.2']),
    sliceOf('web', ['10.244.2.3']),
    sliceOf('db', ['10.244.1.4']),
  ];
  const services = [WEB, DB, { ...WEB, metadata: { name: 'web', namespace: 'other' } }];
  const expected = serviceRules({ services, endpointSlices: slices }, 'n1');
  fc.assert(
    fc.property(
      fc.shuffledSubarray(slices, { minLength: 3 }),
      fc.shuffledSubarray(services, { minLength: 3 }),
      (a, b) => {
        expect(serviceRules({ services: b, endpointSlices: a }, 'n1')).toBe(expected);
      },
    ),
  );
});

test('the cluster’s zone answers for Services, headless ones and their hosts, and for nothing else', () => {
  const state = {
    services: [WEB, DB],
    endpointSlices: [sliceOf('db', ['10.244.2.3', '10.244.1.2'], { hosts: true })],
  };
  const ask = (name: string) => answerFromCluster(name, state);
  expect(ask('web.shop.svc.cluster.local')).toEqual({ exists: true, addresses: ['10.96.1.1'] });
  expect(ask('WEB.shop.svc.cluster.local.')).toEqual({ exists: true, addresses: ['10.96.1.1'] });
  expect(ask('db.shop.svc.cluster.local')).toEqual({ exists: true, addresses: ['10.244.1.2', '10.244.2.3'] });
  expect(ask('db-1.db.shop.svc.cluster.local')).toEqual({ exists: true, addresses: ['10.244.1.2'] });
  for (const name of ['none.shop.svc.cluster.local', 'shop.svc.cluster.local', 'example.com', '']) {
    expect(ask(name)).toEqual({ exists: false, addresses: [] });
  }
});

function sliceOf(
  service: string,
  ready: string[],
  more: { not?: string[]; hosts?: boolean } = {},
): EndpointSlice {
  const endpoint = (address: string, index: number, isReady: boolean) => ({
    addresses: [address],
    nodeName: address.startsWith('10.244.1.') ? 'n1' : 'n2',
    conditions: { ready: isReady },
    ...(more.hosts ? { hostname: `${service}-${index}` } : {}),
  });
  return {
    metadata: { name: `${service}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      ...ready.map((address, index) => endpoint(address, index, true)),
      ...(more.not ?? []).map((address, index) => endpoint(address, index, false)),
    ],
  };
}
