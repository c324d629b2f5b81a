import {
  AddressBlock,
  ClusterLink,
  Domain,
  Membership,
  MemberSlice,
  Namespace,
  Node,
  NodePeer,
  Pod,
  RemoteSlice,
} from '@flatland/kube/client/resources';
import { deleteObject, mergePatchObject } from '@flatland/kube/client/objects';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
} from '@flatland/shared/model/kubernetes-object';
import type { Condition, KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { RemoteSlice as RemoteSliceObject } from '@flatland/shared/model/remote-slice';
import { remoteSides } from '@flatland/shared/topology/facts/remote-sides';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOLD_MS } from '../src/mirror/hold-losses.ts';
import { domainOf, memberSliceOf, nodePeerOf } from '../src/testing/objects.ts';
import { ShiftedClock } from './shifted-clock.ts';
import { TestCluster } from './test-cluster.ts';

let east: TestCluster;
let west: TestCluster;
let north: TestCluster;
let clock: ShiftedClock;

beforeAll(async () => {
  [east, west, north] = await Promise.all([
    TestCluster.start('east', ['e1']),
    TestCluster.start('west', ['w1', 'w2']),
    TestCluster.start('north', ['n1']),
  ]);
}, 60_000);

afterAll(async () => {
  for (const cluster of [east, west, north]) await cluster?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  clock = new ShiftedClock();
  for (const cluster of [east, west, north]) {
    await cluster.stopController();
    for (const kind of [ClusterLink, RemoteSlice, NodePeer, MemberSlice, AddressBlock, Domain]) {
      for (const name of await cluster.names(kind)) await deleteObject(cluster.client, kind, { name });
    }
  }
});

const ALL = ['east', 'west', 'north'];

async function conditionOf(
  cluster: TestCluster,
  kind: typeof Domain,
  name: string,
  type: string,
  namespace?: string,
): Promise<string> {
  const object = (await cluster.get(kind, name, namespace)) as
    | { status?: { conditions?: Condition[] } }
    | undefined;
  const condition = object?.status?.conditions?.find((found) => found.type === type);
  return `${condition?.status} ${condition?.reason}`;
}

async function peersOf(cluster: TestCluster, name: string): Promise<string[] | undefined> {
  const slice = (await cluster.get(RemoteSlice, name)) as { spec: { peers: { node: string }[] } } | undefined;
  return slice?.spec.peers.map(({ node }) => node);
}

async function fillWest(): Promise<void> {
  await west.apply(NodePeer, nodePeerOf('red', 'w1', ['10.81.16.0/28']));
  await west.apply(NodePeer, nodePeerOf('red', 'w2', ['10.81.17.0/28']));
  await west.apply(MemberSlice, memberSliceOf('red', 'w1', ['10.81.16.2']));
}

describe('a link that pulls', () => {
  beforeEach(async () => {
    for (const cluster of [east, west]) await cluster.apply(Domain, domainOf('red', ALL));
    await fillWest();
    await east.link(west, { mode: 'pull' });
    await east.startController(clock);
    await east.until(async () => expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']));
  });

  test('mirrors the other cluster’s side, follows it, and says so', async () => {
    const uid = (await west.get(Namespace, 'kube-system'))?.metadata.uid;
    const link = await east.get(ClusterLink, 'west');
    expect(await east.get(RemoteSlice, 'west.red')).toMatchObject({
      metadata: {
        labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE },
        ownerReferences: [{ uid: link?.metadata.uid }],
      },
      spec: {
        origin: { cluster: 'west', uid, epoch: 1 },
        members: [{ node: 'w1', members: [{ addresses: ['10.81.16.2'] }] }],
      },
    });
    await east.until(async () => {
      expect(await conditionOf(east, ClusterLink, 'west', 'Ready')).toBe('True ready');
      expect(await conditionOf(east, RemoteSlice, 'west.red', 'Current')).toBe('True ready');
    });

    await west.apply(MemberSlice, memberSliceOf('red', 'w1', ['10.81.16.2', '10.81.16.3']));
    await east.until(async () =>
      expect(JSON.stringify(await east.get(RemoteSlice, 'west.red'))).toContain('10.81.16.3'),
    );
  });

  test('drops what is outside the origin’s slice, and names it', async () => {
    await west.apply(NodePeer, nodePeerOf('red', 'w2', ['10.81.17.0/28', '10.81.0.0/28']));
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Complete')).toBe('False outside-slice'),
    );
    expect(await east.get(RemoteSlice, 'west.red')).toMatchObject({
      spec: { peers: [{}, { node: 'w2', blocks: ['10.81.17.0/28'] }] },
    });
  });

  test('holds vanished nodes for ten minutes, and shows it', async () => {
    await deleteObject(west.client, NodePeer, { name: 'red.w2' });
    await east.until(async () =>
      expect(await conditionOf(east, RemoteSlice, 'west.red', 'Current')).toBe('False nodes-lost-held'),
    );
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Current')).toBe('False nodes-lost-held'),
    );
    expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']);
    clock.forward(HOLD_MS);
    await east.until(async () => expect(await peersOf(east, 'west.red')).toEqual(['w1']));
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Current')).toBe('True ready'),
    );
  });

  test('deletes nothing because a list came empty', async () => {
    for (const name of ['red.w1', 'red.w2']) await deleteObject(west.client, NodePeer, { name });
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Current')).toBe('False empty-list-held'),
    );
    clock.forward(2 * HOLD_MS);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']);
  });

  test('takes a cluster out that the domain does not span any more', async () => {
    const { spec } = domainOf('red', ALL);
    await east.apply(Domain, {
      ...domainOf('red', ALL),
      spec: { ...spec, clusters: spec.clusters.filter(({ name }) => name !== 'west') },
    } as KubernetesObject);
    await east.until(async () => expect(await peersOf(east, 'west.red')).toBeUndefined());
  });

  test('is refused with a bad token, keeps what it had, and recovers with a good one', async () => {
    await east.stopController();
    await east.link(west, { mode: 'pull', token: 'wrong' });
    await east.startController(clock);
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Ready')).toBe('False link-credentials'),
    );
    expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']);
    await east.link(west, { mode: 'pull' });
    clock.forward(60_000);
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Ready')).toBe('True ready'),
    );
  });

  test('does not touch a RemoteSlice that is not Flatland’s', async () => {
    await east.stopController();
    await deleteObject(east.client, RemoteSlice, { name: 'west.red' });
    const foreign = {
      apiVersion: FLATLAND_API_VERSION,
      kind: 'RemoteSlice',
      metadata: { name: 'west.red' },
      spec: {
        origin: { cluster: 'west', uid: 'x', epoch: 1 },
        domain: 'red',
        payloadVersion: 1,
        peers: [],
        members: [],
      },
    } as KubernetesObject;
    await east.apply(RemoteSlice, foreign);
    await east.startController(clock);
    await east.until(async () =>
      expect(await conditionOf(east, ClusterLink, 'west', 'Complete')).toBe('False unowned-object'),
    );
    expect(await peersOf(east, 'west.red')).toEqual([]);
  });
});

test('a side too large for one object is mirrored in several', async () => {
  for (const cluster of [east, west]) await cluster.apply(Domain, domainOf('red', ALL));
  const nodes = Array.from({ length: 10 }, (_, n) => `w${n}`);
  for (const [n, node] of nodes.entries()) {
    const addresses = Array.from({ length: 250 }, (_, m) => `10.81.${16 + n}.${m}`);
    await west.apply(NodePeer, nodePeerOf('red', node, [`10.81.${16 + n}.0/24`]));
    await west.apply(MemberSlice, memberSliceOf('red', node, addresses));
  }
  await east.link(west, { mode: 'pull' });
  await east.startController(clock);
  const slices = async () =>
    Promise.all(
      (await east.names(RemoteSlice)).map(
        async (name) => (await east.get(RemoteSlice, name)) as unknown as RemoteSliceObject,
      ),
    );
  await east.until(async () => {
    const sides = remoteSides(await slices());
    expect(sides[0]?.peers.map(({ node }) => node)).toEqual(nodes);
    expect(sides[0]?.members.flatMap(({ members }) => members)).toHaveLength(2500);
    expect(sides[0]?.conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Complete', 'True'],
      ['Current', 'True'],
    ]);
  });
  for (const slice of await slices()) expect(JSON.stringify(slice).length).toBeLessThan(400_000);
  expect((await slices()).length).toBeGreaterThan(2);
  const before = new Map((await slices()).map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  await west.apply(MemberSlice, memberSliceOf('red', 'w3', ['10.81.19.7']));
  await east.until(async () =>
    expect(remoteSides(await slices())[0]?.members.find(({ node }) => node === 'w3')?.members).toHaveLength(
      1,
    ),
  );
  const changed = (await slices()).filter(
    ({ metadata }) => before.get(metadata.name) !== metadata.resourceVersion,
  );
  expect(changed).toHaveLength(1);
});

test('a link that pushes brings the own side into the other cluster', async () => {
  for (const cluster of [east, west]) await cluster.apply(Domain, domainOf('red', ALL));
  await fillWest();
  await west.link(east, { mode: 'push' });
  await west.startController(clock);
  await west.until(async () => expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']));
  await west.until(async () =>
    expect(await conditionOf(west, ClusterLink, 'east', 'Ready')).toBe('True ready'),
  );
  expect(await west.names(RemoteSlice)).toEqual([]);
});

test('only a declared hub passes slices on, and never what it had from another hub', async () => {
  for (const cluster of [east, west, north]) await cluster.apply(Domain, domainOf('red', ALL));
  await fillWest();
  await east.link(west, { mode: 'pull' });
  await north.link(east, { mode: 'pull' });
  for (const cluster of [east, north]) await cluster.startController(clock);
  await east.until(async () => expect(await peersOf(east, 'west.red')).toEqual(['w1', 'w2']));
  await north.until(async () =>
    expect(await conditionOf(north, ClusterLink, 'east', 'Ready')).toBe('True ready'),
  );
  expect(await north.names(RemoteSlice)).toEqual([]);

  await north.link(east, { mode: 'pull', hub: true });
  await north.until(async () => expect(await peersOf(north, 'west.red')).toEqual(['w1', 'w2']));
  expect(await north.get(RemoteSlice, 'west.red')).toMatchObject({
    metadata: { labels: { 'flatland.dev/hub': 'east' } },
    spec: { origin: { cluster: 'west' } },
  });

  await north.link(east, { mode: 'pull', hub: false });
  await north.until(async () => expect(await north.names(RemoteSlice)).toEqual([]));
});

test.each([
  { name: 'by name', as: 'east' },
  { name: 'under another name', as: 'west' },
])('a link that leads back to its own cluster $name mirrors nothing', async ({ as }) => {
  await east.apply(Domain, domainOf('red', ALL));
  await east.apply(NodePeer, nodePeerOf('red', 'e1', ['10.81.0.0/28']));
  await east.link(east, { mode: 'pull', as });
  await east.startController(clock);
  await east.until(async () =>
    expect(await conditionOf(east, ClusterLink, 'east', 'Ready')).toBe('False invalid-object'),
  );
  expect(await east.names(RemoteSlice)).toEqual([]);
});

test('what gone nodes left is deleted after ten minutes, and only that', async () => {
  await east.apply(Domain, domainOf('red', ALL));
  const block = (node: string, prefix: string, labels?: Record<string, string>) =>
    east.apply(AddressBlock, {
      apiVersion: FLATLAND_API_VERSION,
      kind: 'AddressBlock',
      metadata: {
        name: `red.${prefix.replace('/', '-')}`,
        labels: labels ?? { [OWNER_LABEL]: OWNER_LABEL_VALUE },
      },
      spec: { domain: 'red', prefix, node },
    } as KubernetesObject);
  for (const node of ['e2', 'e3', 'e4', 'e5', 'e6']) {
    await east.apply(Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  }
  await block('e1', '10.81.0.0/28');
  await block('gone', '10.81.0.16/28');
  await block('gone', '10.81.0.32/28', {});
  await east.apply(NodePeer, nodePeerOf('red', 'gone', ['10.81.0.16/28']));
  await east.startController(clock);
  await east.until(async () => expect(await conditionOf(east, Domain, 'red', 'Ready')).toBe('True ready'));
  expect(await east.names(AddressBlock)).toHaveLength(3);
  clock.forward(HOLD_MS);
  await east.until(async () =>
    expect(await east.names(AddressBlock)).toEqual(['red.10.81.0.0-28', 'red.10.81.0.32-28']),
  );
  await east.until(async () => expect(await east.names(NodePeer)).toEqual([]));
  for (const name of ['e2', 'e3', 'e4', 'e5', 'e6']) await deleteObject(east.client, Node, { name });
});

describe('the status', () => {
  test('of a Domain says whether it agrees with its home', async () => {
    await east.apply(Domain, domainOf('red', ALL));
    await west.apply(Domain, domainOf('red', ALL, { slices: { north: '10.81.48.0/20' } }));
    await west.link(east, { mode: 'pull' });
    await west.startController(clock);
    await west.until(async () =>
      expect(await conditionOf(west, Domain, 'red', 'Consistent')).toBe('False slice-conflict'),
    );
    await west.apply(Domain, domainOf('red', ALL));
    await west.until(async () =>
      expect(await conditionOf(west, Domain, 'red', 'Consistent')).toBe('True ready'),
    );
  });

  test('of a Membership says whether it counts, and whether its pods are members', async () => {
    await east.apply(Domain, domainOf('red', ALL, { allowedNamespaces: ['shop'] }));
    for (const name of ['shop', 'other']) {
      await east.apply(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await east.apply(Membership, {
        apiVersion: FLATLAND_API_VERSION,
        kind: 'Membership',
        metadata: { name: 'all', namespace: name },
        spec: { domain: 'red', selector: {} },
      } as KubernetesObject);
    }
    await east.startController(clock);
    const status = (type: string, namespace: string) => conditionOf(east, Membership, 'all', type, namespace);
    await east.until(async () => {
      expect(await status('Accepted', 'other')).toBe('False namespace-not-allowed');
      expect(await status('Accepted', 'shop')).toBe('True ready');
      expect(await status('Programmed', 'shop')).toBe('False no-instance');
    });

    const pod = await east.apply(Pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { containers: [{ name: 'cart', image: 'cart' }] },
    } as KubernetesObject);
    const running = {
      name: 'cart',
      namespace: 'shop',
      subresource: 'status',
      patch: { status: { phase: 'Running' } },
    } as const;
    await mergePatchObject(east.client, Pod, running);
    await east.until(async () => expect(await status('Programmed', 'shop')).toBe('False not-programmed'));

    const slice = memberSliceOf('red', 'e1', ['10.81.0.2']);
    const [member] = slice.spec.members;
    const members = [{ ...member!, pod: { ...member!.pod, name: 'cart', uid: pod.metadata.uid! } }];
    await east.apply(MemberSlice, { ...slice, spec: { ...slice.spec, members } });
    await east.until(async () => expect(await status('Programmed', 'shop')).toBe('True ready'));
    await east.until(async () =>
      expect(await east.get(Domain, 'red')).toMatchObject({ status: { memberCount: 1 } }),
    );
  });
});

test('a link without a CA is not dialled', async () => {
  await east.apply(ClusterLink, {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'ClusterLink',
    metadata: { name: 'west' },
    spec: {
      cluster: 'west',
      server: 'https://203.0.113.9',
      caBundle: '',
      mode: 'pull',
      secretName: 'x',
      hub: false,
    },
  } as KubernetesObject);
  await east.startController(clock);
  await east.until(async () =>
    expect(await conditionOf(east, ClusterLink, 'west', 'Ready')).toBe('False link-credentials'),
  );
});

test('a cluster that goes away changes nothing of what is known of it', async () => {
  await using away = await TestCluster.start('west', ['w1', 'w2']);
  for (const cluster of [east, away]) await cluster.apply(Domain, domainOf('red', ALL));
  await away.apply(NodePeer, nodePeerOf('red', 'w1', ['10.81.16.0/28']));
  await east.link(away, { mode: 'pull' });
  await east.startController(clock);
  await east.until(async () => expect(await peersOf(east, 'west.red')).toEqual(['w1']));

  await away.stopServer();
  await east.until(async () => {
    clock.forward(60_000);
    expect(await conditionOf(east, ClusterLink, 'west', 'Ready')).toBe('False cluster-unreachable');
  });
  clock.forward(2 * HOLD_MS);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await peersOf(east, 'west.red')).toEqual(['w1']);
});
