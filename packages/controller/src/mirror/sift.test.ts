import type { IpAddress } from '@flatland/shared/address/ip';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import { expect, test } from 'vitest';
import { domainOf, memberSliceOf, nodePeerOf } from '../testing/objects.ts';
import { allowedSlices } from './allowed-slices.ts';
import { dropsMessage } from './drop.ts';
import { siftMembers } from './sift-members.ts';
import { siftPeers } from './sift-peers.ts';

const RED = 'red' as DomainName;
const SLICES = ['10.81.16.0/20'] as Cidr[];

function sift(...peers: NodePeer[]) {
  const { peers: kept, drops } = siftPeers(RED, peers, SLICES);
  return {
    kept: kept.map(({ node, blocks, routerAddresses }) => ({ node, blocks, routerAddresses })),
    drops: drops.map(({ node, what, reason }) => `${node} ${what} ${reason}`),
  };
}

test('blocks and router addresses inside the slice are kept', () => {
  expect(sift(nodePeerOf('red', 'w1', ['10.81.16.0/28'], { routerAddresses: ['10.81.16.1'] }))).toEqual({
    kept: [{ node: 'w1', blocks: ['10.81.16.0/28'], routerAddresses: ['10.81.16.1'] }],
    drops: [],
  });
});

test('what lies outside the slice is dropped, and nothing else', () => {
  const peer = nodePeerOf('red', 'w1', ['10.81.0.0/28', '10.81.16.0/28', '10.81.0.0/19', '0.0.0.0/0'], {
    routerAddresses: ['10.81.0.1', '10.81.16.1', '10.81.17.1'],
  });
  expect(sift(peer)).toEqual({
    kept: [{ node: 'w1', blocks: ['10.81.16.0/28'], routerAddresses: ['10.81.16.1'] }],
    drops: [
      'w1 block outside-slice',
      'w1 block outside-slice',
      'w1 block outside-slice',
      'w1 router outside-slice',
      'w1 router outside-slice',
    ],
  });
});

test('a block belongs to the older of two that claim it', () => {
  const old = nodePeerOf('red', 'w2', ['10.81.16.0/28']);
  const thief = nodePeerOf('red', 'w1', ['10.81.16.0/27', '10.81.17.0/28'], {
    createdAt: '2026-06-01T00:00:00Z',
  });
  for (const order of [
    [old, thief],
    [thief, old],
  ] as const) {
    expect(sift(...order)).toEqual({
      kept: [
        { node: 'w1', blocks: ['10.81.17.0/28'], routerAddresses: [] },
        { node: 'w2', blocks: ['10.81.16.0/28'], routerAddresses: [] },
      ],
      drops: ['w1 block slice-conflict'],
    });
  }
});

test('a peer under another node’s name, or with another node’s key, is dropped', () => {
  const honest = nodePeerOf('red', 'w1', ['10.81.16.0/28']);
  const misnamed = nodePeerOf('red', 'w2', ['10.81.17.0/28'], { name: 'red.w3' });
  const keyThief = nodePeerOf('red', 'w4', ['10.81.18.0/28'], {
    key: 'w1',
    createdAt: '2026-06-01T00:00:00Z',
  });
  expect(sift(honest, misnamed, keyThief)).toEqual({
    kept: [{ node: 'w1', blocks: ['10.81.16.0/28'], routerAddresses: [] }],
    drops: ['w2 peer invalid-object', 'w4 peer invalid-object'],
  });
});

test('a member counts only with all its addresses in its own node’s blocks', () => {
  const { peers } = siftPeers(
    RED,
    [nodePeerOf('red', 'w1', ['10.81.16.0/28']), nodePeerOf('red', 'w2', [])],
    SLICES,
  );
  const { members, drops } = siftMembers(
    RED,
    [
      memberSliceOf('red', 'w2', ['10.81.16.2']),
      memberSliceOf('red', 'w1', ['10.81.16.3', '10.81.17.3', '10.81.0.3']),
      memberSliceOf('red', 'unknown', ['10.81.16.4']),
      memberSliceOf('green', 'w1', ['10.81.16.5']),
    ],
    peers,
  );
  expect(members.map(({ node, members: kept }) => [node, kept.map(({ addresses }) => addresses[0])])).toEqual(
    [
      ['w1', ['10.81.16.3']],
      ['w2', []],
    ],
  );
  expect(drops).toHaveLength(3);
  expect(dropsMessage(drops)).toBe(
    'w2: address 10.81.16.2 of shop/pod-10-81-16-2 is in none of the node’s blocks, and 2 more',
  );
});

test('the addresses that pods have in their cluster stay there', () => {
  const { peers } = siftPeers(RED, [nodePeerOf('red', 'w1', ['10.81.16.0/28'])], SLICES);
  const slice = memberSliceOf('red', 'w1', ['10.81.16.3']);
  const podAddresses = ['10.244.0.3' as IpAddress];
  const members = slice.spec.members.map((member) => ({ ...member, podAddresses }));
  const sifted = siftMembers(RED, [{ ...slice, spec: { ...slice.spec, members } }], peers);
  expect(sifted.members.flatMap((one) => one.members)).toEqual(slice.spec.members);
});

test.each([
  { name: 'the slice of the own copy', own: {}, home: undefined, allowed: ['10.81.16.0/20'] },
  {
    name: 'nothing that overlaps another cluster’s slice',
    own: { west: '10.81.0.0/21' },
    home: undefined,
    allowed: [],
  },
  { name: 'nothing outside the prefix', own: { west: '10.82.0.0/20' }, home: undefined, allowed: [] },
  { name: 'nothing that the home copy has elsewhere', own: {}, home: { west: '10.81.32.0/20' }, allowed: [] },
  {
    name: 'what the home copy has too',
    own: { west: '10.81.16.0/24' },
    home: {},
    allowed: ['10.81.16.0/24'],
  },
])('an origin may announce $name', ({ own, home, allowed }) => {
  const copies = {
    own: domainOf('red', ['east', 'west'], { slices: own as Record<string, string> }).spec,
    home: home && domainOf('red', ['east', 'west'], { slices: home as Record<string, string> }).spec,
  };
  expect(allowedSlices('west' as ClusterName, copies)).toEqual(allowed);
});
