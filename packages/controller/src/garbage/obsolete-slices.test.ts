import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { expect, test } from 'vitest';
import { remoteSliceObject } from '../mirror/remote-slice-object.ts';
import { domainOf } from '../testing/objects.ts';
import { obsoleteSlices } from './obsolete-slices.ts';

const EAST = 'east' as ClusterName;
const slice = (cluster: string, domain: string): RemoteSlice =>
  remoteSliceObject(
    {
      origin: { cluster: cluster as ClusterName, uid: cluster, epoch: 1 },
      domain: domain as DomainName,
      payloadVersion: 1,
      peers: [],
      members: [],
    },
    { originVersion: '1' },
  );
const names = (slices: readonly RemoteSlice[]) => slices.map(({ metadata }) => metadata.name);
const SLICES = [slice('west', 'red'), slice('north', 'red'), slice('west', 'green'), slice('west', 'blue')];

test('slices of domains that are gone, or that span one of the two no longer, are obsolete', () => {
  const domains = [domainOf('red', ['east', 'west']), domainOf('blue', ['west', 'north'])];
  expect(names(obsoleteSlices(EAST, domains, SLICES))).toEqual(['north.red', 'west.green', 'west.blue']);
});

test('an empty list of domains makes nothing obsolete, nor does anything make somebody else’s slice so', () => {
  expect(obsoleteSlices(EAST, [], SLICES)).toEqual([]);
  const foreign = { ...slice('west', 'green'), metadata: { name: 'west.green' } };
  expect(obsoleteSlices(EAST, [domainOf('red', ['east'])], [foreign])).toEqual([]);
});
