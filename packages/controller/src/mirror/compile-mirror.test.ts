import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { expect, test } from 'vitest';
import { domainOf, memberSliceOf, nodePeerOf } from '../testing/objects.ts';
import { NO_MEMORY, compileMirror } from './compile-mirror.ts';
import type { Mirror, MirrorInput } from './compile-mirror.ts';
import { diffMirror } from './diff-mirror.ts';
import { HOLD_MS } from './hold-losses.ts';
import { remoteSliceObject } from './remote-slice-object.ts';

const BASE: MirrorInput = {
  origin: { cluster: 'west' as ClusterName, uid: 'uid-west' },
  target: 'east' as ClusterName,
  domains: [domainOf('red', ['east', 'west'])],
  homeDomains: new Map(),
  nodePeers: [nodePeerOf('red', 'w1', ['10.81.16.0/28']), nodePeerOf('red', 'w2', ['10.81.17.0/28'])],
  memberSlices: [memberSliceOf('red', 'w1', ['10.81.16.2']), memberSliceOf('red', 'w2', [])],
  unreadable: new Set(),
  originVersion: '100',
  current: [],
  memory: NO_MEMORY,
  nowMs: 0,
};

function compile(change: Partial<MirrorInput> = {}): Mirror {
  return compileMirror({ ...BASE, ...change });
}

/** The objects that a target holds once a mirror was written. */
function written(mirror: Mirror): RemoteSlice[] {
  return mirror.domains.map(({ spec, originVersion }) => remoteSliceObject(spec, { originVersion }));
}

function nodes(mirror: Mirror): string[] {
  return mirror.domains.flatMap(({ spec }) => spec.peers.map(({ node }) => node));
}

test('a domain that spans both clusters is mirrored, keyed by the origin', () => {
  const mirror = compile();
  expect(mirror.domains).toMatchObject([
    {
      name: 'west.red',
      spec: {
        origin: { cluster: 'west', uid: 'uid-west', epoch: 1 },
        domain: 'red',
        payloadVersion: 1,
        peers: [{ node: 'w1' }, { node: 'w2' }],
        members: [
          { node: 'w1', members: [{ addresses: ['10.81.16.2'] }] },
          { node: 'w2', members: [] },
        ],
      },
    },
  ]);
});

test('a domain that the target does not have, or does not share with the origin, is not mirrored', () => {
  expect(compile({ domains: [domainOf('red', ['east', 'north'])] }).domains).toEqual([]);
  expect(compile({ domains: [domainOf('green', ['east', 'west'])] }).domains).toEqual([]);
});

test('what is written compiles to nothing more to write', () => {
  const mirror = compile();
  const current = written(mirror);
  expect(diffMirror(mirror, [], {}).puts).toHaveLength(1);
  expect(diffMirror(compile({ current, memory: mirror.memory }), current, {})).toEqual({
    puts: [],
    deletes: [],
    unowned: [],
  });
});

test('a cluster that left the domain is taken out at once', () => {
  const current = written(compile());
  const mirror = compile({ current, domains: [domainOf('red', ['east', 'north'])] });
  expect(diffMirror(mirror, current, {}).deletes).toEqual(current);
});

test('an empty list of domains takes nothing out', () => {
  const current = written(compile());
  expect(diffMirror(compile({ current, domains: [] }), current, {}).deletes).toEqual([]);
});

test('half of the nodes vanishing is held ten minutes, with their members', () => {
  const current = written(compile());
  const lost = { current, nodePeers: BASE.nodePeers.slice(1), memberSlices: BASE.memberSlices.slice(1) };
  const held = compile(lost);
  expect(nodes(held)).toEqual(['w1', 'w2']);
  expect(held.domains[0]?.spec.members[0]).toMatchObject({
    node: 'w1',
    members: [{ addresses: ['10.81.16.2'] }],
  });
  expect(held.domains[0]?.hold).toMatchObject({ held: ['w1'], reason: 'nodes-lost-held' });
  expect(held.nextMs).toBe(HOLD_MS);
  expect(nodes(compile({ ...lost, memory: held.memory, nowMs: HOLD_MS }))).toEqual(['w2']);
});

test('an empty list of peers, or of members, takes nothing out', () => {
  const current = written(compile());
  expect(compile({ current, nodePeers: [], memberSlices: [] }).domains[0]?.spec).toEqual(current[0]?.spec);
  expect(compile({ current, memberSlices: [] }).domains[0]?.spec).toEqual(current[0]?.spec);
});

test('a peer that cannot be read stays as it was', () => {
  const current = written(compile());
  const mirror = compile({ current, nodePeers: BASE.nodePeers.slice(1), unreadable: new Set(['red.w1']) });
  expect(nodes(mirror)).toEqual(['w1', 'w2']);
  expect(mirror.domains[0]?.hold.reason).toBeUndefined();
});

test('a held node gives up a block that another node has claimed since', () => {
  const current = written(compile());
  const mirror = compile({
    current,
    nodePeers: [nodePeerOf('red', 'w3', ['10.81.16.0/28'])],
    memberSlices: [],
  });
  expect(mirror.domains[0]?.spec.peers.map(({ node, blocks }) => [node, blocks])).toEqual([
    ['w1', []],
    ['w2', ['10.81.17.0/28']],
    ['w3', ['10.81.16.0/28']],
  ]);
});

test('a history that went back raises the epoch, once', () => {
  const current = written(compile());
  const restored = compile({ current, originVersion: '99' });
  expect(restored.domains[0]?.spec.origin.epoch).toBe(2);
  const again = compile({ current: written(restored), originVersion: '99' });
  expect(again.domains[0]?.spec.origin.epoch).toBe(2);
});

test('another cluster under the origin’s name is let in after ten minutes only', () => {
  const current = written(compile());
  const other = {
    current,
    origin: { cluster: 'west' as ClusterName, uid: 'another' },
    nodePeers: [nodePeerOf('red', 'x1', ['10.81.16.0/28'])],
    memberSlices: [],
  };
  const held = compile(other);
  expect(held.domains[0]?.spec).toEqual(current[0]?.spec);
  const later = compile({ ...other, memory: held.memory, nowMs: HOLD_MS });
  expect(later.domains[0]?.spec.origin).toEqual({ cluster: 'west', uid: 'another', epoch: 2 });
  expect(nodes(later)).toEqual(['x1']);
});

test('slices come from the home cluster’s copy where it is known', () => {
  const home = domainOf('red', ['east', 'west'], { slices: { west: '10.81.32.0/20' } });
  const mirror = compile({ homeDomains: new Map([['red' as DomainName, home]]) });
  expect(mirror.domains[0]?.spec.peers.map(({ blocks }) => blocks)).toEqual([[], []]);
  expect(mirror.domains[0]?.drops[0]?.reason).toBe('outside-slice');
});

test('an object of somebody else under a slice’s name is neither overwritten nor deleted', () => {
  const [slice] = written(compile());
  const foreign = { ...slice!, metadata: { name: 'west.red' } };
  expect(diffMirror(compile({ current: [foreign] }), [foreign], {})).toEqual({
    puts: [],
    deletes: [],
    unowned: ['west.red'],
  });
  const gone = compile({ current: [foreign], domains: [domainOf('red', ['east'])] });
  expect(diffMirror(gone, [foreign], {}).deletes).toEqual([]);
});
