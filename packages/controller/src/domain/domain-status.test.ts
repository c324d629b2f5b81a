import type { AddressBlock } from '@flatland/shared/model/address-block';
import type { IpAddress } from '@flatland/shared/address/ip';
import { NODE_DNS } from '@flatland/shared/dns/node-dns';
import { wireCorefile } from '@flatland/shared/dns/wire-corefile';
import type { ClusterName } from '@flatland/shared/model/names';
import { expect, test } from 'vitest';
import { domainOf, memberSliceOf } from '../testing/objects.ts';
import { domainHash, domainStatus } from './domain-status.ts';
import type { DomainStatusInput } from './domain-status.ts';

const DOMAIN = domainOf('red', ['east', 'west']);
const ROOT = '.:53 {\n}\n';
const INPUT: DomainStatusInput = {
  cluster: 'west' as ClusterName,
  ranges: { pods: [], services: [], nodes: [] },
  home: { spec: DOMAIN.spec, generation: 4 },
  addressBlocks: [],
  memberSlices: [],
  names: { daemonSets: [], deployments: [], configMaps: [], services: [] },
};

function conditions(change: Partial<DomainStatusInput> = {}, domain = DOMAIN): Record<string, string> {
  const { conditions: wanted } = domainStatus(domain, { ...INPUT, ...change });
  return Object.fromEntries(
    wanted.map(({ type, status, reason, message }) => [type, `${status} ${reason} ${message}`.trim()]),
  );
}

function block(index: number): AddressBlock {
  return {
    spec: { domain: 'red', prefix: `10.81.${16 + (index >> 4)}.${(index & 15) * 16}/28` },
  } as AddressBlock;
}

test('all is well, and the copy carries its home’s generation and hash', () => {
  expect(conditions()).toEqual({
    Ready: 'True ready',
    Consistent: `True ready generation 4 of east, ${domainHash(DOMAIN.spec).slice(0, 12)}`,
    AddressesAvailable: 'True ready 0 of 256 blocks of 10.81.16.0/20 are claimed',
  });
});

test('slices that differ from home’s are a conflict that names the cluster', () => {
  const home = domainOf('red', ['east', 'west'], { slices: { west: '10.81.32.0/20' } });
  expect(conditions({ home: { spec: home.spec, generation: 5 } })['Consistent']).toBe(
    'False slice-conflict the slice of west is 10.81.16.0/20, at home 10.81.32.0/20; generation 5 of east',
  );
});

test('without a link to the home cluster nobody knows', () => {
  expect(conditions({ home: undefined })['Consistent']).toBe(
    'Unknown cluster-unreachable no link shows the copy in east',
  );
});

test('slices over each other, and ranges of the cluster, are told apart', () => {
  const overlapping = domainOf('red', ['east', 'west'], { slices: { west: '10.81.0.0/21' } });
  expect(conditions({}, overlapping)['Ready']).toMatch(
    /^False slice-conflict spec\.clusters\[name=west\]\.slices: /,
  );
  const ranges = { ...INPUT.ranges, pods: ['10.80.0.0/15' as never] };
  expect(conditions({ ranges })['Ready']).toMatch(/^False prefix-clash /);
});

test('a slice of which nine tenths are claimed is running out', () => {
  const claimed = (n: number) => Array.from({ length: n }, (_, index) => block(index));
  expect(conditions({ addressBlocks: claimed(230) })['AddressesAvailable']).toMatch(/^True/);
  expect(conditions({ addressBlocks: claimed(231) })['AddressesAvailable']).toBe(
    'False addresses-exhausted 231 of 256 blocks of 10.81.16.0/20 are claimed',
  );
});

test('members of the own cluster are counted', () => {
  const memberSlices = [
    memberSliceOf('red', 'w1', ['10.81.16.2', '10.81.16.3']),
    memberSliceOf('green', 'w1', ['10.82.16.2']),
  ];
  expect(domainStatus(DOMAIN, { ...INPUT, memberSlices }).fields).toEqual({ memberCount: 2 });
});

test('a name server that could forward the zone and does not is told of, with what is put in and by whom', () => {
  const about = { name: 'coredns', namespace: 'kube-system' };
  const daemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: about,
    spec: { template: { spec: { hostNetwork: true } } },
  };
  const named = (Corefile: string) => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: about, data: { Corefile } };
    return conditions({ names: { ...INPUT.names, daemonSets: [daemonSet], configMaps: [map] } })[
      'NamesWired'
    ];
  };
  const wired = wireCorefile(ROOT, ['red.flatland'], NODE_DNS);
  const elsewhere = { address: '10.96.0.53' as IpAddress, port: 53 };
  const stale = wireCorefile(ROOT, ['red.flatland'], elsewhere);
  if (!wired.ok || !stale.ok) throw new Error('no Corefile');
  expect(named(wired.value)).toBe('True ready coredns forwards red.flatland');
  const forAll = wireCorefile(ROOT, ['flatland'], NODE_DNS);
  expect(forAll.ok && named(forAll.value)).toBe('True ready coredns forwards red.flatland');
  for (const without of [ROOT, wired.value.replace('red.', 'green.'), stale.value])
    expect(named(without)).toBe('False dns-not-wired coredns does not forward red.flatland');
  expect(named(`red.flatland {\n  forward . 10.0.0.1\n}\n${ROOT}`)).toMatch(/^True/);
  expect(named('import others\n')).toBe(
    'Unknown corefile-unreadable line 1 imports what is not to be seen here',
  );
  expect(conditions()['NamesWired']).toBeUndefined();
});
