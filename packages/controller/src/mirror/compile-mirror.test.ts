import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { RemoteSlice, RemoteSliceSpec } from '@flatland/shared/model/remote-slice';
import { remoteSides } from '@flatland/shared/topology/facts/remote-sides';
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
  return mirror.domains.flatMap(({ slices }) =>
    slices.map(({ spec, originVersion }) => remoteSliceObject(spec, { originVersion })),
  );
}

function nodes(mirror: Mirror): string[] {
  return mirror.domains.flatMap(({ slices }) =>
    slices.flatMap(({ spec }) => spec.peers.map(({ node }) => node)),
  );
}

/** What a mirror says of its first domain, where that is in one slice. */
function specOf(mirror: Mirror): RemoteSliceSpec {
  const slices = mirror.domains[0]?.slices ?? [];
  expect(slices).toHaveLength(1);
  return slices[0]!.spec;
}

test('a domain that spans both clusters is mirrored, keyed by the origin', () => {
  const mirror = compile();
  expect(mirror.domains[0]?.slices).toMatchObject([
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
  expect(specOf(held).members[0]).toMatchObject({
    node: 'w1',
    members: [{ addresses: ['10.81.16.2'] }],
  });
  expect(held.domains[0]?.hold).toMatchObject({ held: ['w1'], reason: 'nodes-lost-held' });
  expect(held.nextMs).toBe(HOLD_MS);
  expect(nodes(compile({ ...lost, memory: held.memory, nowMs: HOLD_MS }))).toEqual(['w2']);
});

test('an empty list of peers, or of members, takes nothing out', () => {
  const current = written(compile());
  expect(specOf(compile({ current, nodePeers: [], memberSlices: [] }))).toEqual(current[0]?.spec);
  expect(specOf(compile({ current, memberSlices: [] }))).toEqual(current[0]?.spec);
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
  expect(specOf(mirror).peers.map(({ node, blocks }) => [node, blocks])).toEqual([
    ['w1', []],
    ['w2', ['10.81.17.0/28']],
    ['w3', ['10.81.16.0/28']],
  ]);
});

test('a history that went back raises the epoch, once', () => {
  const current = written(compile());
  const restored = compile({ current, originVersion: '99' });
  expect(specOf(restored).origin.epoch).toBe(2);
  const again = compile({ current: written(restored), originVersion: '99' });
  expect(specOf(again).origin.epoch).toBe(2);
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
  expect(specOf(held)).toEqual(current[0]?.spec);
  const later = compile({ ...other, memory: held.memory, nowMs: HOLD_MS });
  expect(specOf(later).origin).toEqual({ cluster: 'west', uid: 'another', epoch: 2 });
  expect(nodes(later)).toEqual(['x1']);
});

test('slices come from the home cluster’s copy where it is known', () => {
  const home = domainOf('red', ['east', 'west'], { slices: { west: '10.81.32.0/20' } });
  const mirror = compile({ homeDomains: new Map([['red' as DomainName, home]]) });
  expect(specOf(mirror).peers.map(({ blocks }) => blocks)).toEqual([[], []]);
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

test('a large side is in several slices, each small, and all together are what one would be', () => {
  const large = largeSide(60);
  const whole = specOf(compile({ ...large, maxSliceBytes: Infinity }));
  const mirror = compile({ ...large, maxSliceBytes: 40_000 });
  const slices = written(mirror);
  expect(slices.length).toBeGreaterThan(8);
  expect(slices.length).toBeLessThan(40);
  for (const slice of slices) {
    expect(JSON.stringify(slice).length).toBeLessThan(45_000);
    expect(slice.metadata.name).toBe(`west.red.${slice.spec.shard}`);
    expect(slice.spec.payloadVersion).toBe(2);
  }
  expect(remoteSides(slices)[0]).toMatchObject({ peers: whole.peers, members: whole.members });
});

test('a member that comes rewrites one slice, a node that comes at most the few that its own is split into', () => {
  const large = { ...largeSide(60), maxSliceBytes: 40_000 };
  const current = written(compile(large));
  const [first, ...others] = large.memberSlices;
  const another = memberSliceOf('red', 'n0', ['10.81.16.2', '10.81.16.3']);
  const grown = compile({ ...large, current, memberSlices: [another, ...others] });
  expect(first?.spec.members.length).not.toBe(2);
  expect(diffMirror(grown, current, {}).puts).toHaveLength(1);
  const more = { ...largeSide(61), maxSliceBytes: 40_000, current };
  const writes = diffMirror(compile(more), current, {});
  expect(writes.puts.length).toBeLessThanOrEqual(3);
  expect(writes.deletes.length).toBeLessThanOrEqual(1);
});

test('what does not fit one slice any more is written elsewhere before that goes, and comes back when it is small', () => {
  const small = { ...largeSide(1), maxSliceBytes: 80_000 };
  const large = { ...largeSide(30), maxSliceBytes: 80_000 };
  const one = written(compile(small));
  const split = compile({ ...large, current: one });
  const writes = diffMirror(split, one, {});
  expect(writes.deletes).toEqual(one);
  expect(new Set(remoteSides([...one, ...writes.puts])[0]?.peers.map(({ node }) => node)).size).toBe(30);
  const several = written(split);
  // A crash in between: the old one is still there.
  const again = compile({ ...large, current: [...one, ...several] });
  expect(diffMirror(again, [...one, ...several], {})).toEqual({ puts: [], deletes: one, unowned: [] });
  const gone = { ...small, current: several };
  const held = compile(gone);
  expect(held.domains[0]?.hold.reason).toBe('nodes-lost-held');
  const back = compile({ ...gone, memory: held.memory, nowMs: HOLD_MS });
  const restored = diffMirror(back, several, {});
  expect([restored.puts.map(({ metadata }) => metadata.name), restored.deletes]).toEqual([
    ['west.red'],
    several,
  ]);
});

test('where somebody else’s object is in the way of a part, its nodes stay in the slice that they are in', () => {
  const one = written(compile({ ...largeSide(3) }));
  const large = { ...largeSide(30), maxSliceBytes: 40_000, current: one };
  const [part] = written(compile(large));
  const foreign = { ...part!, metadata: { name: part!.metadata.name } };
  const writes = diffMirror(compile(large), [...one, foreign], {});
  expect([writes.unowned, writes.deletes]).toEqual([[foreign.metadata.name], []]);
});

/** A side of many nodes with forty members each. */
function largeSide(nNodes: number): Pick<MirrorInput, 'nodePeers' | 'memberSlices'> {
  const block = (n: number) => `10.81.${16 + (n >> 2)}.${(n & 3) * 64}`;
  return {
    nodePeers: Array.from({ length: nNodes }, (_, n) => nodePeerOf('red', `n${n}`, [`${block(n)}/26`])),
    memberSlices: Array.from({ length: nNodes }, (_, n) =>
      memberSliceOf(
        'red',
        `n${n}`,
        Array.from({ length: 40 }, (__, m) => `10.81.${16 + (n >> 2)}.${(n & 3) * 64 + m}`),
      ),
    ),
  };
}
