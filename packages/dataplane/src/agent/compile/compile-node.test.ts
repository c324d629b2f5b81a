import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, DomainName, NodeName } from '@flatland/shared/model/names';
import {
  addressBlockOf,
  barePodObject,
  domainObject,
  kubeadmConfig,
  membershipObject,
  nodeObject,
  nodePeerOf,
  nodePeerSpecOf,
  podObjects,
  publicKeyOf,
  remoteSliceOf,
} from '../testing/objects.ts';
import { compileNode } from './compile-node.ts';
import type { CompileInput } from './compile-input.ts';

const RED = { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'], west: ['10.81.16.0/20'] } };
const RED6 = {
  prefixes: ['10.81.0.0/16', 'fd00:81::/48'],
  clusters: { east: ['10.81.0.0/20', 'fd00:81::/52'], west: ['10.81.16.0/20', 'fd00:81:0:1000::/52'] },
};
const NODES = [nodeObject('n1', '192.0.2.1'), nodeObject('n2', '192.0.2.2')];
const MINE = addressBlockOf('red', '10.81.0.0/28', 'n1');

describe('members', () => {
  it('are the pods of a workload whose Membership counts, with addresses of the node’s block', () => {
    const { program } = compile([
      ...NODES,
      domainObject('red', RED),
      MINE,
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1', { count: 2 }),
    ]);
    expect(program.network.routers).toEqual([
      {
        domain: 'red',
        prefixes: ['10.81.0.0/16'],
        routerAddresses: ['10.81.0.0'],
        mtuBytes: 1420,
        members: [
          { podUid: 'shop-frontend-0', addresses: ['10.81.0.1'] },
          { podUid: 'shop-frontend-1', addresses: ['10.81.0.2'] },
        ],
        routes: [],
      },
    ]);
    expect(program.domains[0]?.members[0]).toMatchObject({
      workload: { kind: 'Deployment', name: 'frontend' },
      dnsNames: ['frontend-7d9f-0.frontend.shop.east.red.flatland', 'frontend.shop.red.flatland'],
      identity: 'spiffe://east.example/ns/shop/sa/default',
    });
  });

  it('have an address of each family of the cluster’s slices', () => {
    const { program } = compile([
      ...NODES,
      domainObject('red', RED6),
      MINE,
      {
        ...MINE,
        metadata: { name: 'red.fd00-0081-0000-0000-0000-0000-0000-0000-124' },
        spec: { domain: 'red', prefix: 'fd00:81::/124', node: 'n1' },
      },
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1'),
    ]);
    expect(program.network.routers[0]).toMatchObject({
      routerAddresses: ['10.81.0.0', 'fd00:81::'],
      members: [{ podUid: 'shop-frontend-0', addresses: ['10.81.0.1', 'fd00:81::1'] }],
    });
  });

  it('are selected by a selector, and all of a namespace by an empty one', () => {
    const base = [
      ...NODES,
      domainObject('red', RED),
      MINE,
      ...podObjects('shop', 'frontend', 'n1'),
      barePodObject('shop', 'lone', 'n1'),
    ];
    const selected = (matchLabels: Record<string, string>) =>
      uids(compile([...base, membershipObject('shop', 'red', { matchLabels })]));
    expect(selected({ app: 'frontend' })).toEqual(['shop-frontend-0']);
    expect(selected({})).toEqual(['shop-frontend-0', 'shop-lone']);
  });

  it('are not those of other nodes, nor pods that ended', () => {
    const { program } = compile([
      ...NODES,
      domainObject('red', RED),
      MINE,
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n2'),
      ...podObjects('shop', 'frontend', 'n1', { first: 5, phase: 'Succeeded' }),
    ]);
    expect(program.network.routers[0]?.members).toEqual([]);
  });

  it('keep their addresses whatever comes and goes beside them', () => {
    const objects = [
      ...NODES,
      domainObject('red', RED),
      MINE,
      membershipObject('shop', 'red', { matchLabels: {} }),
      barePodObject('shop', 'zebra', 'n1'),
    ];
    const first = compile(objects);
    const second = compile([...objects, barePodObject('shop', 'ant', 'n1')], { addresses: first.addresses });
    expect(second.program.network.routers[0]?.members).toEqual([
      { podUid: 'shop-ant', addresses: ['10.81.0.2'] },
      { podUid: 'shop-zebra', addresses: ['10.81.0.1'] },
    ]);
  });
});

describe('refusals', () => {
  const refusals: { name: string; objects: KubernetesObject[]; reason: string; domain?: string }[] = [
    {
      name: 'a namespace that the domain does not admit',
      objects: [domainObject('red', { ...RED, allowedNamespaces: ['ledger'] })],
      reason: 'namespace-not-allowed',
    },
    { name: 'a domain that is not there', objects: [], reason: 'domain-not-found' },
    {
      name: 'a domain that does not span the cluster',
      objects: [domainObject('red', { ...RED, clusters: { west: ['10.81.16.0/20'] } })],
      reason: 'cluster-not-in-domain',
    },
    {
      name: 'a prefix that overlaps the cluster’s pod range',
      objects: [domainObject('red', RED), kubeadmConfig('10.81.0.0/18', '10.96.0.0/12')],
      reason: 'prefix-clash',
    },
    {
      name: 'a prefix that overlaps the cluster’s service range',
      objects: [domainObject('red', RED), kubeadmConfig('10.244.0.0/16', '10.80.0.0/12')],
      reason: 'prefix-clash',
    },
    {
      name: 'a prefix that overlaps a node',
      objects: [domainObject('red', RED), nodeObject('n9', '10.81.200.9')],
      reason: 'prefix-clash',
    },
    {
      name: 'slices that overlap',
      objects: [
        domainObject('red', { ...RED, clusters: { east: ['10.81.0.0/20'], west: ['10.81.8.0/21'] } }),
      ],
      reason: 'slice-conflict',
    },
  ];
  for (const { name, objects, reason } of refusals)
    it(`of ${name}`, () => {
      const compiled = compile([
        ...NODES,
        MINE,
        ...objects,
        membershipObject('shop', 'red', 'frontend'),
        ...podObjects('shop', 'frontend', 'n1'),
      ]);
      expect(refused(compiled)).toEqual([['red', 'shop-frontend-0', reason]]);
      expect(uids(compiled)).toEqual([]);
    });

  it('of pods that use the node’s network or a sandbox that takes no interfaces', () => {
    const compiled = compile([
      ...NODES,
      domainObject('red', RED),
      MINE,
      membershipObject('shop', 'red', { matchLabels: {} }),
      ...podObjects('shop', 'host', 'n1', { spec: { hostNetwork: true } }),
      ...podObjects('shop', 'sealed', 'n1', { spec: { runtimeClassName: 'kata-qemu' } }),
    ]);
    expect(refused(compiled)).toEqual([
      ['red', 'shop-host-0', 'host-network'],
      ['red', 'shop-sealed-0', 'unsupported-sandbox'],
    ]);
  });

  it('of a second domain of the same pod with an overlapping prefix, the younger one', () => {
    const compiled = compile([
      ...NODES,
      domainObject('red', RED),
      domainObject('sandbox', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } }),
      MINE,
      addressBlockOf('sandbox', '10.81.0.0/28', 'n1'),
      membershipObject('shop', 'red', 'frontend', { createdAt: '2026-02-02T00:00:00Z' }),
      membershipObject('shop', 'sandbox', 'frontend', { createdAt: '2026-02-01T00:00:00Z' }),
      ...podObjects('shop', 'frontend', 'n1'),
    ]);
    expect(refused(compiled)).toEqual([['red', 'shop-frontend-0', 'prefix-clash']]);
    expect(uids(compiled)).toEqual(['shop-frontend-0']);
  });

  it('does not refuse equal prefixes of two domains in two pods', () => {
    const compiled = compile([
      ...NODES,
      domainObject('red', RED),
      domainObject('sandbox', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } }),
      MINE,
      addressBlockOf('sandbox', '10.81.0.0/28', 'n1'),
      membershipObject('shop', 'red', 'frontend'),
      membershipObject('shop', 'sandbox', 'toy'),
      ...podObjects('shop', 'frontend', 'n1'),
      ...podObjects('shop', 'toy', 'n1'),
    ]);
    expect(refused(compiled)).toEqual([]);
    expect(compiled.program.network.routers.map((router) => router.members)).toEqual([
      [{ podUid: 'shop-frontend-0', addresses: ['10.81.0.1'] }],
      [{ podUid: 'shop-toy-0', addresses: ['10.81.0.1'] }],
    ]);
  });

  it('of a pod for which the slice has no address', () => {
    const compiled = compile([
      ...NODES,
      domainObject('red', { ...RED, clusters: { east: ['10.81.0.0/28'] } }),
      MINE,
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1', { count: 16 }),
    ]);
    expect(uids(compiled)).toHaveLength(15);
    expect(refused(compiled)).toEqual([['red', 'shop-frontend-9', 'addresses-exhausted']]);
  });
});

describe('blocks', () => {
  it('are claimed before a member needs one, each node beginning at its own place', () => {
    const objects = [...NODES, domainObject('red', RED)];
    expect(compile(objects).claims).toMatchObject([{ domain: 'red', family: 4 }]);
    expect(compile(objects).claims[0]?.candidates[0]).toBe('10.81.0.0/28');
    expect(compile(objects, { node: 'n2' as NodeName }).claims[0]?.candidates[0]).toBe('10.81.0.16/28');
  });

  it('are claimed only when needed where the slice is small', () => {
    const small = domainObject('red', { ...RED, clusters: { east: ['10.81.0.0/27'] } });
    expect(compile([...NODES, small]).claims).toEqual([]);
    const member = [membershipObject('shop', 'red', 'frontend'), ...podObjects('shop', 'frontend', 'n1')];
    expect(compile([...NODES, small, ...member]).claims).toHaveLength(1);
  });

  it('that others hold are not tried', () => {
    const objects = [...NODES, domainObject('red', RED), addressBlockOf('red', '10.81.0.0/28', 'n2')];
    expect(compile(objects).claims[0]?.candidates[0]).toBe('10.81.0.16/28');
  });

  it('whose object is named otherwise are no claims', () => {
    const forged = { ...addressBlockOf('red', '10.81.0.0/28', 'n2'), metadata: { name: 'red.other' } };
    expect(compile([...NODES, domainObject('red', RED), forged]).claims[0]?.candidates[0]).toBe(
      '10.81.0.0/28',
    );
  });

  it('are kept while nobody else claims them, though the object is gone', () => {
    const objects = [
      ...NODES,
      domainObject('red', RED),
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1'),
    ];
    const { addresses } = compile([...objects, MINE]);
    expect(uids(compile(objects, { addresses }))).toEqual(['shop-frontend-0']);
    expect(compile(objects, { addresses }).claims).toEqual([
      { domain: 'red', family: 4, candidates: ['10.81.0.0/28'] },
    ]);
    const unknown = objects.filter(({ metadata }) => metadata.name !== 'n1');
    expect(compile(unknown, { addresses }).claims).toEqual([]);
  });

  it('that another node claims are given up, which is said for as long as addresses rest', () => {
    const objects = [
      ...NODES,
      domainObject('red', RED),
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1'),
    ];
    const { addresses } = compile([...objects, MINE]);
    const theirs = addressBlockOf('red', '10.81.0.0/28', 'n2');
    const lost = compile([...objects, theirs], { addresses, nowMs: 1000 });
    expect(uids(lost)).toEqual([]);
    const said = [
      {
        reason: 'slice-conflict',
        message: '10.81.0.0/28 is n2’s by the API; n1 gave it up, and its members there got other addresses',
      },
    ];
    expect(lost.program.domains[0]?.findings).toEqual(said);
    expect(lost.claims[0]?.candidates[0]).toBe('10.81.0.16/28');
    const moved = [...objects, theirs, addressBlockOf('red', '10.81.0.16/28', 'n1')];
    const later = compile(moved, { addresses: lost.addresses, nowMs: 600_999 });
    expect(later.program.domains[0]?.findings).toEqual(said);
    expect(later.program.domains[0]?.members[0]?.addresses).toEqual(['10.81.0.17']);
    const last = compile(moved, { addresses: later.addresses, nowMs: 601_000 });
    expect(last.program.domains[0]?.findings).toEqual([]);
  });

  it('that are full lead to the claim of another', () => {
    const { claims, addresses } = compile([
      ...NODES,
      domainObject('red', RED),
      MINE,
      membershipObject('shop', 'red', 'frontend'),
      ...podObjects('shop', 'frontend', 'n1', { count: 16 }),
    ]);
    expect(claims).toMatchObject([{ domain: 'red', family: 4 }]);
    expect(Object.keys(addresses['red']?.members ?? {})).toHaveLength(15);
  });
});

describe('peers', () => {
  const base = [
    ...NODES,
    domainObject('red', RED),
    MINE,
    addressBlockOf('red', '10.81.0.16/28', 'n2'),
    nodePeerOf(nodePeerSpecOf('red', 'n2', { seed: 2, blocks: ['10.81.0.16/28'] })),
  ];

  it('are the nodes of the own cluster and those that others mirror here', () => {
    const { program } = compile([
      ...base,
      remoteSliceOf('west', 'red', [nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'] })]),
    ]);
    expect(program.domains[0]?.peers.map((peer) => `${peer.cluster}/${peer.node}`)).toEqual([
      'east/n2',
      'west/w1',
    ]);
    expect(program.network.routers[0]?.routes).toEqual([
      { prefix: '10.81.0.16/28', mtuBytes: 1420 },
      { prefix: '10.81.16.0/28', mtuBytes: 1420 },
    ]);
  });

  it('get no route for what is outside their cluster’s slice', () => {
    const { program } = compile([
      ...base,
      remoteSliceOf('west', 'red', [
        nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28', '10.81.0.32/28', '10.99.0.0/28'] }),
      ]),
    ]);
    expect(program.network.routers[0]?.routes.map((route) => route.prefix)).toEqual([
      '10.81.0.16/28',
      '10.81.16.0/28',
    ]);
    expect(program.domains[0]?.findings.map((finding) => finding.reason)).toEqual([
      'outside-slice',
      'outside-slice',
    ]);
  });

  it('of the own cluster get a route only for blocks that they claim', () => {
    const thief = nodePeerOf(nodePeerSpecOf('red', 'n2', { seed: 2, blocks: ['10.81.0.0/28'] }));
    const { program } = compile([...base.slice(0, -1), thief]);
    expect(program.network.routers[0]?.routes).toEqual([]);
    expect(program.domains[0]?.findings).toMatchObject([{ reason: 'slice-conflict' }]);
  });

  it('of clusters that are not in the domain, or write another version, are left out', () => {
    const { program } = compile([
      ...base,
      remoteSliceOf('north', 'red', [nodePeerSpecOf('red', 'x1', { seed: 4, blocks: ['10.81.16.0/28'] })]),
      remoteSliceOf('west', 'red', [nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'] })], {
        payloadVersion: 99,
      }),
    ]);
    expect(program.domains[0]?.peers.map((peer) => peer.node)).toEqual(['n2']);
    expect(program.domains[0]?.findings.map((finding) => finding.reason)).toEqual([
      'unknown-payload',
      'outside-slice',
    ]);
  });

  it('cannot announce another node’s key or block', () => {
    const { program } = compile([
      ...base,
      remoteSliceOf('west', 'red', [
        nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'] }),
        nodePeerSpecOf('red', 'w2', { seed: 3, blocks: ['10.81.16.16/28'] }),
        nodePeerSpecOf('red', 'w3', { seed: 5, blocks: ['10.81.16.0/29', '10.81.16.32/28'] }),
      ]),
    ]);
    expect(program.domains[0]?.peers.map((peer) => [peer.node, peer.blocks])).toEqual([
      ['n2', ['10.81.0.16/28']],
      ['w1', ['10.81.16.0/28']],
      ['w3', ['10.81.16.32/28']],
    ]);
  });

  it('behind NAT are not sent to at their inner addresses from other clusters, and need keepalive of theirs alone', () => {
    const nat = remoteSliceOf('west', 'red', [
      nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'], behindNat: true }),
    ]);
    const peer = compile([...base, nat]).program.domains[0]?.peers[1];
    expect(peer).toMatchObject({ candidates: [], behindNat: true, persistentKeepaliveSeconds: 0 });
    const behind = compile([...base, nat], { local: { ...LOCAL, natFamilies: [4, 6] } }).program.domains[0]
      ?.peers;
    expect(behind?.map((entry) => entry.persistentKeepaliveSeconds)).toEqual([0, 25]);
  });

  it('have the MTU of the smaller underlay, in whole paddings, and never below 1280 with IPv6', () => {
    const mtuOf = (domain: KubernetesObject, mtu: number) =>
      compile([
        ...NODES,
        domain,
        remoteSliceOf('west', 'red', [
          nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'], mtu }),
        ]),
      ]).program.domains[0]?.peers[0]?.mtuBytes;
    expect(mtuOf(domainObject('red', RED), 9000)).toBe(1420);
    expect(mtuOf(domainObject('red', RED), 1400)).toBe(1312);
    expect(mtuOf(domainObject('red', RED), 1300)).toBe(1216);
    expect(mtuOf(domainObject('red', RED6), 1300)).toBe(1280);
    expect(mtuOf(domainObject('red', { ...RED, mtuBytes: 1300 }), 1500)).toBe(1300);
  });

  it('are routed with the MTU that was found to pass straight to them, or to their relay', () => {
    const west = nodePeerSpecOf('red', 'w1', { seed: 3, blocks: ['10.81.16.0/28'] });
    const objects = [...base, remoteSliceOf('west', 'red', [west])];
    const mtus = (paths: CompileInput['paths']) =>
      compile(objects, { paths }).program.network.routers[0]?.routes.map(({ mtuBytes }) => mtuBytes);
    expect(mtus({})).toEqual([1420, 1420]);
    expect(mtus({ 'red/west/w1': { mtuBytes: 1328 } })).toEqual([1420, 1328]);
    expect(mtus({ 'red/west/w1': { mtuBytes: 9000 } })).toEqual([1420, 1420]);
    expect(mtus({ 'red/west/w1': { relay: 'east/n2' }, 'red/east/n2': { mtuBytes: 1296 } })).toEqual([
      1296, 1296,
    ]);
  });

  it('over a relay keep their own router address on the direct way', async () => {
    const { wireguardPeers } = await import('./wireguard-peers.ts');
    const objects = [
      ...base,
      remoteSliceOf('west', 'red', [
        nodePeerSpecOf('red', 'w1', {
          seed: 3,
          blocks: ['10.81.16.0/28'],
          via: [{ cluster: 'east', node: 'n2' }],
        }),
      ]),
    ];
    const program = compile(objects).program.domains[0]!;
    expect(program.peers[1]?.relays).toEqual(['east/n2']);
    const allowed = (paths: Record<string, { relay?: string }>) =>
      wireguardPeers(program, paths).map((peer) => peer.allowedIps);
    expect(allowed({})).toEqual([
      ['10.81.0.16/28', '10.81.0.16/32'],
      ['10.81.16.0/28', '10.81.16.0/32'],
    ]);
    expect(allowed({ 'red/west/w1': { relay: 'east/n2' } })).toEqual([
      ['10.81.0.16/28', '10.81.0.16/32', '10.81.16.0/28'],
      ['10.81.16.0/32'],
    ]);
  });
});

describe('own objects', () => {
  it('announce key, candidates and blocks once the node has a block', () => {
    const objects = [...NODES, domainObject('red', RED)];
    expect(compile(objects).nodePeers).toEqual([]);
    const [peer] = compile([...objects, MINE]).nodePeers;
    expect(peer).toMatchObject({
      metadata: {
        name: 'red.n1',
        ownerReferences: [{ kind: 'Node', name: 'n1', uid: 'uid-node-n1' }],
      },
      spec: {
        publicKey: publicKeyOf(1),
        candidates: [{ address: '192.0.2.1', port: 51820, source: 'interface' }],
        blocks: ['10.81.0.0/28'],
        routerAddresses: ['10.81.0.0'],
        underlayMtuBytes: 1500,
      },
    });
  });

  it('announce the addresses of a family without NAT to everybody, those behind NAT to the own cluster', () => {
    const underlay = [
      { address: '192.0.2.1' as IpAddress, interfaceName: 'eth0', mtuBytes: 1500 },
      { address: '2001:db8::1' as IpAddress, interfaceName: 'eth0', mtuBytes: 1500 },
    ];
    const node = nodeObject('n1', '192.0.2.1');
    const dual = {
      ...node,
      status: { addresses: underlay.map(({ address }) => ({ type: 'InternalIP', address })) },
    };
    const spec = (local: Partial<CompileInput['local']>, annotations = {}) =>
      compile([{ ...dual, metadata: { ...node.metadata, annotations } }, domainObject('red', RED), MINE], {
        local: { ...LOCAL, underlay, ...local },
      }).nodePeers[0]?.spec;
    const seen = { address: '198.51.100.7' as IpAddress, port: 4000 };
    const sources = (of: ReturnType<typeof spec>) =>
      of?.candidates.map(({ address, port, source }) => `${address} ${port} ${source}`);
    const halfNat = spec({ natFamilies: [4], observedEndpoints: { red: [seen] } });
    expect(halfNat?.behindNat).toBe(true);
    expect(sources(halfNat)).toEqual([
      '192.0.2.1 51820 interface',
      '198.51.100.7 4000 observed',
      '2001:db8::1 51820 observed',
    ]);
    const inner = ['192.0.2.1 51820 interface', '2001:db8::1 51820 interface'];
    expect(sources(spec({ natFamilies: [4, 6] }))).toEqual(inner);
    expect(sources(spec({ natFamilies: [] }))).toEqual(inner);
    const told = spec({ natFamilies: [4] }, { 'flatland.dev/behind-nat': 'true' });
    expect([told?.behindNat, sources(told)]).toEqual([true, inner]);
    const denied = spec({ natFamilies: [4] }, { 'flatland.dev/behind-nat': 'false' });
    expect([denied?.behindNat, sources(denied)]).toEqual([false, inner]);
  });

  it('of a domain that is gone are obsolete, those of other nodes are not', () => {
    const { obsolete } = compile([
      ...NODES,
      MINE,
      addressBlockOf('red', '10.81.0.16/28', 'n2'),
      nodePeerOf(nodePeerSpecOf('red', 'n1', { seed: 1, blocks: [] })),
      nodePeerOf(nodePeerSpecOf('red', 'n2', { seed: 2, blocks: [] })),
    ]);
    expect(obsolete).toEqual([{ kind: 'NodePeer', name: 'red.n1' }]);
  });

  it('that claim blocks rest ten minutes before they go, and a domain that comes back finds its addresses', () => {
    const members = [membershipObject('shop', 'red', 'frontend'), ...podObjects('shop', 'frontend', 'n1')];
    const red = domainObject('red', RED);
    const before = compile([...NODES, MINE, red, ...members]).addresses;
    const gone = compile([...NODES, MINE, ...members], { addresses: before, nowMs: 1000 });
    expect(gone.obsolete).toEqual([]);
    const still = compile([...NODES, MINE, ...members], { addresses: gone.addresses, nowMs: 600_999 });
    expect([still.obsolete, still.addresses]).toEqual([[], gone.addresses]);
    const back = compile([...NODES, MINE, red, ...members], { addresses: still.addresses, nowMs: 600_999 });
    expect(back.program.domains[0]?.members[0]?.addresses).toEqual(['10.81.0.1']);
    expect(back.addresses).toEqual(before);
    const rested = compile([...NODES, MINE, ...members], { addresses: still.addresses, nowMs: 601_000 });
    expect(rested.obsolete).toEqual([{ kind: 'AddressBlock', name: 'red.10.81.0.0-28' }]);
    expect(
      compile([...NODES, ...members], { addresses: rested.addresses, nowMs: 601_000 }).addresses,
    ).toEqual({});
  });

  it('that claim blocks of a slice that the cluster has no more go as well, and no others', () => {
    const red = domainObject('red', { ...RED, clusters: { east: ['10.81.32.0/20'] } });
    const mine = addressBlockOf('red', '10.81.32.0/28', 'n1');
    const first = compile([...NODES, MINE, mine, red], { nowMs: 0 });
    const { obsolete } = compile([...NODES, MINE, mine, red], { addresses: first.addresses, nowMs: 600_000 });
    expect(obsolete).toEqual([{ kind: 'AddressBlock', name: 'red.10.81.0.0-28' }]);
  });

  it('of a domain that is there but cannot be read stay, and so do its addresses', () => {
    const red = domainObject('red', RED);
    const { addresses: before } = compile([...NODES, red, MINE]);
    const { obsolete, addresses } = compile(
      [
        ...NODES,
        { ...red, spec: { ...(red['spec'] as object), ofALaterVersion: true } },
        MINE,
        nodePeerOf(nodePeerSpecOf('red', 'n1', { seed: 1, blocks: [] })),
      ],
      { addresses: before },
    );
    expect(obsolete).toEqual([]);
    expect(addresses).toEqual(before);
  });
});

it('answers names of the own cluster and of others, inside their slices only', () => {
  const members = (pod: string, workload: string, addresses: string[]) => ({
    domain: 'red',
    node: 'w1',
    refused: [],
    members: [
      {
        pod: { namespace: 'shop', name: pod, uid: pod },
        workload: { kind: 'Deployment', name: workload },
        addresses,
        dnsNames: ['imitation.red.flatland'],
        identity: 'spiffe://west.example/ns/shop/sa/default',
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      },
    ],
  });
  const { program } = compile([
    ...NODES,
    domainObject('red', RED),
    {
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'MemberSlice',
      metadata: { name: 'red.n2' },
      spec: { ...members('cart-1', 'cart', ['10.81.0.17']), node: 'n2' },
    },
    remoteSliceOf('west', 'red', [], {
      members: [
        members('cart-2', 'cart', ['10.81.16.1']),
        { ...members('liar', 'liar', ['10.81.0.1']), node: 'w2' },
        { ...members('dotted.frontend.shop', 'cart', ['10.81.16.9']), node: 'w3' },
      ],
    }),
  ]);
  expect(program.domains[0]?.dns).toEqual({
    name: 'red.flatland',
    records: [
      { name: 'cart-1.cart.shop.east.red.flatland', addresses: ['10.81.0.17'] },
      { name: 'cart-2.cart.shop.west.red.flatland', addresses: ['10.81.16.1'] },
      { name: 'cart.shop.red.flatland', addresses: ['10.81.0.17', '10.81.16.1', '10.81.16.9'] },
    ],
    services: [
      {
        name: '_http._tcp.cart-1.cart.shop.east.red.flatland',
        targets: [{ name: 'cart-1.cart.shop.east.red.flatland', port: 8080 }],
      },
      {
        name: '_http._tcp.cart-2.cart.shop.west.red.flatland',
        targets: [{ name: 'cart-2.cart.shop.west.red.flatland', port: 8080 }],
      },
      {
        name: '_http._tcp.cart.shop.red.flatland',
        targets: [
          { name: 'cart-1.cart.shop.east.red.flatland', port: 8080 },
          { name: 'cart-2.cart.shop.west.red.flatland', port: 8080 },
          { name: 'cart.shop.red.flatland', port: 8080 },
        ],
      },
    ],
  });
});

it('tells the named ports of members, and none that is no port', () => {
  const ports = [
    { name: 'http', containerPort: 8080 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
    { containerPort: 9090 },
    { name: 'Not A Name', containerPort: 1 },
    { name: 'far', containerPort: 99_999 },
  ];
  const { program } = compile([
    ...NODES,
    domainObject('red', RED),
    MINE,
    membershipObject('shop', 'red', 'frontend'),
    ...podObjects('shop', 'frontend', 'n1', { spec: { containers: [{ name: 'main', ports }] } }),
  ]);
  expect(program.domains[0]?.members[0]?.ports).toEqual([
    { name: 'dns', protocol: 'UDP', port: 53 },
    { name: 'http', protocol: 'TCP', port: 8080 },
  ]);
});

it('leaves domains that something else programs alone', () => {
  const compiled = compile([
    ...NODES,
    domainObject('red', { ...RED, target: 'nsm' }),
    membershipObject('shop', 'red', 'frontend'),
    ...podObjects('shop', 'frontend', 'n1'),
  ]);
  expect(compiled.program).toEqual({ network: { routers: [] }, domains: [] });
  expect(compiled.claims).toEqual([]);
});

it('gives the same bytes for the same objects in any order', () => {
  const objects = [
    ...NODES,
    domainObject('red', RED),
    domainObject('green', {
      prefixes: ['10.82.0.0/16'],
      clusters: { west: ['10.82.0.0/20'], east: ['10.82.16.0/20'] },
    }),
    MINE,
    addressBlockOf('green', '10.82.16.0/28', 'n1'),
    addressBlockOf('red', '10.81.0.16/28', 'n2'),
    nodePeerOf(nodePeerSpecOf('red', 'n2', { seed: 2, blocks: ['10.81.0.16/28'] })),
    remoteSliceOf('west', 'red', [
      nodePeerSpecOf('red', 'w2', { seed: 5, blocks: ['10.81.16.16/28'] }),
      nodePeerSpecOf('red', 'w1', { seed: 4, blocks: ['10.81.16.0/28', '10.81.16.32/28'] }),
    ]),
    membershipObject('shop', 'red', 'frontend'),
    membershipObject('shop', 'green', 'frontend'),
    membershipObject('shop', 'red', { matchLabels: {} }),
    ...podObjects('shop', 'frontend', 'n1', { count: 3 }),
    barePodObject('shop', 'lone', 'n1'),
  ];
  const expected = JSON.stringify(compile(objects));
  fc.assert(
    fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
      expect(JSON.stringify(compile(shuffled))).toBe(expected);
    }),
  );
});

it('is not upset by any object', () => {
  const junk = fc.record({
    apiVersion: fc.constantFrom('v1', 'flatland.dev/v1alpha1'),
    kind: fc.constantFrom(
      'Pod',
      'Domain',
      'Membership',
      'NodePeer',
      'RemoteSlice',
      'AddressBlock',
      'Node',
      'ReplicaSet',
    ),
    metadata: fc.record({ name: fc.string(), namespace: fc.string(), uid: fc.string() }),
    spec: fc.anything(),
    status: fc.anything(),
  });
  fc.assert(
    fc.property(fc.array(junk), (objects) => {
      const healthy = compile([...NODES, domainObject('red', RED), MINE]);
      const upset = compile([...NODES, domainObject('red', RED), MINE, ...(objects as KubernetesObject[])]);
      expect(upset.program.network.routers).toEqual(healthy.program.network.routers);
    }),
    { numRuns: 500 },
  );
});

const LOCAL: CompileInput['local'] = {
  underlay: [{ address: '192.0.2.1' as IpAddress, interfaceName: 'eth0', mtuBytes: 1500 }],
  natFamilies: [],
  relays: [],
  keys: {
    red: { publicKey: publicKeyOf(1), listenPort: 51820 },
    green: { publicKey: publicKeyOf(9), listenPort: 51821 },
  },
  observedEndpoints: {},
};

function compile(objects: readonly KubernetesObject[], input: Partial<CompileInput> = {}) {
  return compileNode({
    cluster: 'east' as ClusterName,
    node: 'n1' as NodeName,
    trustDomain: 'east.example',
    objects,
    addresses: {},
    local: LOCAL,
    paths: {},
    nowMs: 0,
    ...input,
  });
}

function uids(compiled: ReturnType<typeof compile>): string[] {
  return compiled.program.network.routers.flatMap((router) => router.members.map((entry) => entry.podUid));
}

function refused(compiled: ReturnType<typeof compile>): [DomainName, string, string][] {
  return [
    ...compiled.program.domains.flatMap(({ domain, refused }) => refused.map((entry) => ({ domain, entry }))),
    ...compiled.strangers.flatMap(({ domain, refused }) => refused.map((entry) => ({ domain, entry }))),
  ].map(({ domain, entry }) => [domain, entry.pod.uid, entry.reason]);
}
