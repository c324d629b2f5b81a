import { expect, test } from 'vitest';
import { zRemoteSlice, type RemoteSlice } from '../../model/remote-slice.ts';
import { remoteSides } from './remote-sides.ts';

interface Options {
  readonly uid?: string;
  readonly epoch?: number;
  readonly shard?: string;
  readonly payloadVersion?: number;
  readonly mtu?: number;
  readonly current?: 'False' | 'True';
}

const slice = (nodes: readonly string[], options: Options = {}): RemoteSlice =>
  zRemoteSlice.parse({
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'RemoteSlice',
    metadata: { name: ['west.red', options.shard ?? ''].join('.') },
    spec: {
      origin: { cluster: 'west', uid: options.uid ?? 'uid-west', epoch: options.epoch ?? 1 },
      domain: 'red',
      payloadVersion: options.payloadVersion ?? 1,
      ...(options.shard !== undefined && { shard: options.shard }),
      peers: nodes.map((node) => ({
        domain: 'red',
        node,
        publicKey: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=',
        candidates: [],
        via: [],
        behindNat: false,
        blocks: [],
        routerAddresses: [],
        underlayMtuBytes: options.mtu ?? 1500,
        protocolVersions: [1],
      })),
      members: nodes.map((node) => ({ domain: 'red', node, members: [], refused: [] })),
    },
    ...(options.current !== undefined && {
      status: {
        conditions: [
          {
            type: 'Current',
            status: options.current,
            reason: 'ready',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    }),
  });
const seen = (slices: readonly RemoteSlice[]) =>
  remoteSides(slices).map(({ cluster, domain, peers, members }) => ({
    side: `${cluster}.${domain}`,
    peers: peers.map(({ node, underlayMtuBytes }) => `${node} ${underlayMtuBytes}`),
    members: members.map(({ node }) => node),
  }));

test('the parts of a side are one, in any order', () => {
  const parts = [
    slice(['w3'], { shard: '1' }),
    slice(['w1'], { shard: '01' }),
    slice(['w2'], { shard: '00' }),
  ];
  const whole = [{ side: 'west.red', peers: ['w1 1500', 'w2 1500', 'w3 1500'], members: ['w1', 'w2', 'w3'] }];
  expect(seen(parts)).toEqual(whole);
  expect(seen(parts.toReversed())).toEqual(whole);
});

test('a node that is in two of them while they are rewritten is taken from the later epoch, then the smaller part', () => {
  const whole = slice(['w1', 'w2'], { mtu: 1500 });
  const part = slice(['w1'], { shard: '0', mtu: 1400 });
  expect(seen([whole, part])[0]?.peers).toEqual(['w1 1400', 'w2 1500']);
  const later = slice(['w1', 'w2'], { epoch: 2, mtu: 1300 });
  expect(seen([later, part])[0]?.peers).toEqual(['w1 1300', 'w2 1300']);
});

test('of two clusters that had the name the one of the latest epoch counts alone', () => {
  const old = slice(['w1'], { shard: '0' });
  expect(seen([old, slice(['x1'], { uid: 'another', epoch: 2, shard: '1' })])[0]?.peers).toEqual(['x1 1500']);
});

test('a part in a payload that is not known is left out, and told', () => {
  const [side] = remoteSides([
    slice(['w1'], { shard: '0' }),
    slice(['w2'], { shard: '1', payloadVersion: 99 }),
  ]);
  expect(side?.peers.map(({ node }) => node)).toEqual(['w1']);
  expect(side?.unknownPayload).toBe(99);
});

test('what is not true of one part is not true of the side', () => {
  const [side] = remoteSides([
    slice(['w1'], { shard: '0', current: 'True' }),
    slice(['w2'], { shard: '1', current: 'False' }),
  ]);
  expect(side?.conditions).toMatchObject([{ type: 'Current', status: 'False' }]);
});
