import { cidrContains, cidrHasAddress } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import type { ClusterName } from '@flatland/shared/model/names';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { domainOf, memberSliceOf, nodePeerOf } from '../testing/objects.ts';
import { NO_MEMORY, compileMirror } from './compile-mirror.ts';
import type { MirrorInput } from './compile-mirror.ts';
import { diffMirror } from './diff-mirror.ts';
import { HOLD_MS, HOLD_ONE_IN } from './hold-losses.ts';

/** One thing that happens to an origin or to the controller that mirrors it. */
type Step =
  | { readonly kind: 'add' | 'remove' | 'stray' | 'unreadable'; readonly node: number }
  | { readonly kind: 'removeMany'; readonly from: number; readonly n: number }
  | { readonly kind: 'listNothing' | 'listAgain' | 'restart' }
  | { readonly kind: 'wait'; readonly ms: number };

const N_NODES = 20;
const nodeIndex = fc.nat(N_NODES - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), node: nodeIndex }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), node: nodeIndex }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('stray' as const, 'unreadable' as const), node: nodeIndex }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('removeMany' as const), from: nodeIndex, n: fc.nat(N_NODES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('listNothing' as const, 'listAgain' as const, 'restart' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: HOLD_MS / 2 }),
    }),
  },
);

/** An origin whose nodes come and go, and the target that mirrors it. */
class World {
  readonly nodes = new Map<number, 'good' | 'stray' | 'unreadable'>();
  listsNothing = false;
  current: RemoteSlice[] = [];
  memory = NO_MEMORY;
  nowMs = 0;
  version = 1;
  /** When each mirrored node was first missing from the list. */
  readonly missingSinceMs = new Map<string, number>();

  perform(each: Step): void {
    this.version += 1;
    switch (each.kind) {
      case 'add':
        this.nodes.set(each.node, 'good');
        return;
      case 'stray':
      case 'unreadable':
        if (this.nodes.has(each.node)) this.nodes.set(each.node, each.kind);
        return;
      case 'remove':
        this.nodes.delete(each.node);
        return;
      case 'removeMany':
        for (let i = 0; i < each.n; i += 1) this.nodes.delete((each.from + i) % N_NODES);
        return;
      case 'listNothing':
        this.listsNothing = true;
        return;
      case 'listAgain':
        this.listsNothing = false;
        return;
      case 'restart':
        this.memory = NO_MEMORY;
        return;
      case 'wait':
        this.nowMs += each.ms;
    }
  }

  input(): MirrorInput {
    const nodes = this.listsNothing ? [] : [...this.nodes];
    const readable = nodes.filter(([, state]) => state !== 'unreadable');
    return {
      origin: { cluster: 'west' as ClusterName, uid: 'uid-west' },
      target: 'east' as ClusterName,
      domains: [domainOf('red', ['east', 'west'])],
      homeDomains: new Map(),
      nodePeers: readable.map(([node, state]) => peerOf(node, state === 'stray')),
      memberSlices: readable.map(([node]) => membersOf(node)),
      unreadable: new Set(
        nodes.filter(([, state]) => state === 'unreadable').map(([node]) => `red.n${node}`),
      ),
      originVersion: String(this.version),
      current: this.current,
      memory: this.memory,
      nowMs: this.nowMs,
      // A few nodes.
      maxSliceBytes: 8000,
    };
  }

  /** Compiles, checks what must hold of any compilation, and writes. */
  reconcile(): void {
    const input = this.input();
    const mirror = compileMirror(input);
    const before = this.mirrored();
    const writes = diffMirror(mirror, this.current, {});
    const replaced = new Set([...writes.deletes, ...writes.puts].map(({ metadata }) => metadata.name));
    this.current = [...this.current.filter(({ metadata }) => !replaced.has(metadata.name)), ...writes.puts];
    this.memory = mirror.memory;
    this.checkLosses(before);
    this.checkSlices();
    const again = compileMirror({ ...input, current: this.current, memory: this.memory });
    expect(diffMirror(again, this.current, {})).toEqual({ puts: [], deletes: [], unowned: [] });
    const shuffled = {
      ...input,
      nodePeers: input.nodePeers.toReversed(),
      memberSlices: input.memberSlices.toReversed(),
    };
    expect(compileMirror(shuffled)).toEqual(mirror);
  }

  mirrored(): string[] {
    const nodes = this.current.flatMap((slice) => slice.spec.peers.map(({ node }) => node as string));
    expect(new Set(nodes).size).toBe(nodes.length);
    return nodes;
  }

  listed(): Set<string> {
    return new Set(this.listsNothing ? [] : [...this.nodes.keys()].map((node) => `n${node}`));
  }

  private checkLosses(before: readonly string[]): void {
    const listed = this.listed();
    const after = new Set(this.mirrored());
    for (const node of before) {
      if (listed.has(node)) this.missingSinceMs.delete(node);
      else if (!this.missingSinceMs.has(node)) this.missingSinceMs.set(node, this.nowMs);
    }
    const lost = before.filter((node) => !after.has(node));
    expect(lost.filter((node) => listed.has(node))).toEqual([]);
    if (listed.size === 0) expect(lost).toEqual([]);
    const early = lost.filter((node) => this.nowMs - (this.missingSinceMs.get(node) ?? 0) < HOLD_MS);
    const nKnown = new Set([...before, ...listed]).size;
    expect(early.length * HOLD_ONE_IN).toBeLessThanOrEqual(nKnown);
  }

  private checkSlices(): void {
    for (const { spec } of this.current) {
      for (const peer of spec.peers) {
        for (const block of peer.blocks) expect(cidrContains('10.81.16.0/20' as Cidr, block)).toBe(true);
      }
      for (const { node, members } of spec.members) {
        const blocks = spec.peers.find((peer) => peer.node === node)?.blocks ?? [];
        for (const address of members.flatMap((member) => member.addresses)) {
          expect(blocks.some((block) => cidrHasAddress(block, address))).toBe(true);
        }
      }
    }
  }
}

test('whatever an origin does, its mirror stays in its slice, loses few nodes at once, and ends up right', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const each of steps) {
        world.perform(each);
        world.reconcile();
      }
      world.listsNothing = false;
      for (const [node, state] of world.nodes) if (state === 'unreadable') world.nodes.set(node, 'good');
      world.perform({ kind: 'add', node: 0 });
      world.reconcile();
      world.nowMs += HOLD_MS;
      world.reconcile();
      expect(new Set(world.mirrored())).toEqual(world.listed());
    }),
    { numRuns: 300 },
  );
});

const peers = new Map<string, NodePeer>();
const memberSlices = new Map<number, MemberSlice>();

function peerOf(node: number, stray: boolean): NodePeer {
  const key = `${node} ${stray}`;
  const made =
    peers.get(key) ??
    nodePeerOf(
      'red',
      `n${node}`,
      stray ? ['10.81.0.0/28'] : [`10.81.${16 + (node >> 2)}.${(node & 3) * 16}/28`],
    );
  peers.set(key, made);
  return made;
}

function membersOf(node: number): MemberSlice {
  const made =
    memberSlices.get(node) ??
    memberSliceOf('red', `n${node}`, [`10.81.${16 + (node >> 2)}.${(node & 3) * 16 + 2}`, '10.81.0.3']);
  memberSlices.set(node, made);
  return made;
}
