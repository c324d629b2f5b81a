import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NODE_DNS } from '../dns/node-dns.ts';
import { wireCorefile } from '../dns/wire-corefile.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import { err, ok } from '../result.ts';
import { buildTopology } from '../topology/build-topology.ts';
import { clusterRanges } from '../topology/facts/cluster-ranges.ts';
import { snapshotOf } from '../testing/world.ts';
import type { AccessAnswer, PreflightFacts, PreflightSurroundings } from './facts.ts';
import { preflight, preflightFailures } from './preflight.ts';
import { PREFLIGHT_CHECKS, sortLines, type PreflightCheck, type PreflightLine } from './line.ts';

const object = (
  kind: string,
  metadata: KubernetesObject['metadata'],
  more: Readonly<Record<string, unknown>> = {},
): KubernetesObject => ({ apiVersion: 'v1', kind, metadata, ...more });

const node = (name: string, nodeInfo: object = {}, address = `192.0.2.${name.length}`) =>
  object(
    'Node',
    { name },
    {
      spec: { podCIDRs: ['10.244.0.0/24'] },
      status: {
        nodeInfo: { operatingSystem: 'linux', kernelVersion: '6.1.0-9-amd64', ...nodeInfo },
        addresses: [{ type: 'InternalIP', address }],
      },
    },
  );

const may = (
  purpose: AccessAnswer['purpose'],
  verb: string,
  resource: string,
  allowed = true,
): AccessAnswer => ({
  purpose,
  verb,
  group: resource === 'domains' || resource === 'meshes' ? 'flatland.dev' : '',
  resource,
  allowed: ok(allowed),
});

const FACTS: PreflightFacts = {
  server: 'https://api.example:6443',
  version: ok('v1.37.2'),
  credentialsAccepted: true,
  access: [
    may('read', 'list', 'pods'),
    may('read', 'watch', 'pods'),
    may('read', 'list', 'networkpolicies'),
    may('write', 'patch', 'domains'),
    may('write', 'delete', 'meshes'),
    may('probe', 'create', 'pods/proxy'),
    may('install', 'create', 'daemonsets'),
    may('dns', 'patch', 'configmaps'),
  ],
  apiGroups: ok(['apps', 'cilium.io', 'flatland.dev']),
  nodes: ok([node('n1')]),
  namespaces: ok([
    object('Namespace', {
      name: 'flatland-system',
      labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
    }),
  ]),
  daemonSets: ok([
    object(
      'DaemonSet',
      { name: 'coredns', namespace: 'kube-system' },
      { spec: { template: { spec: { hostNetwork: true } } } },
    ),
  ]),
  deployments: ok([]),
  serviceCidrs: ok([object('ServiceCIDR', { name: 'kubernetes' }, { spec: { cidrs: ['10.96.0.0/12'] } })]),
  nodePeers: ok([]),
  kubeadmConfig: ok(undefined),
  dnsServices: ok([]),
  dnsMaps: ok([
    object('ConfigMap', { name: 'coredns', namespace: 'kube-system' }, { data: { Corefile: '.:53 {\n}\n' } }),
  ]),
};

const AROUND: PreflightSurroundings = {
  name: 'new' as ClusterName,
  readOnly: false,
  clusters: [],
  domains: [],
};

const of = (
  check: PreflightCheck,
  facts: Partial<PreflightFacts>,
  around: Partial<PreflightSurroundings> = {},
) => preflight({ ...FACTS, ...facts }, { ...AROUND, ...around }).filter((line) => line.check === check);
const states = (lines: readonly PreflightLine[]) => lines.map(({ state }) => state);

test('a cluster that has all has nothing to do but what only agents can find out', () => {
  const lines = preflight(FACTS, AROUND);
  expect(preflightFailures(lines)).toEqual([]);
  expect(lines.filter(({ state }) => state !== 'ok').map(({ check, state }) => [check, state])).toEqual([
    ['kernel-wireguard', 'unknown'],
    ['udp', 'unknown'],
    ['mtu', 'unknown'],
    ['path-mtu', 'unknown'],
  ]);
  for (const { text } of lines.filter(({ state }) => state === 'unknown')) expect(text).toMatch(/agent/);
});

test('an API that does not answer is the one line, with why and what to do', () => {
  expect(preflight({ ...FACTS, version: err('connect ECONNREFUSED') }, AROUND)).toEqual([
    {
      check: 'api-server',
      state: 'failed',
      text: 'https://api.example:6443 does not answer as an API server should: connect ECONNREFUSED',
      next: expect.stringMatching(/^Check the address/),
    },
  ]);
});

test('credentials that the API does not know are the one line', () => {
  const version = err('Unauthorized');
  expect(preflight({ ...FACTS, version, credentialsAccepted: false }, AROUND)).toEqual([
    expect.objectContaining({
      check: 'api-server',
      state: 'failed',
      next: expect.stringContaining('expired'),
    }),
  ]);
});

test.each([
  ['v1.29.9', 'failed'],
  ['v1.30.0', 'warning'],
  ['v1.31.4+k3s1', 'warning'],
  ['v1.32.0', 'ok'],
  ['v1.37.2-eks-1', 'ok'],
  ['v2.0.0', 'ok'],
  ['v0.0.0-master', 'failed'],
  ['unknown', 'unknown'],
])('version %s is %s', (version, state) => {
  expect(states(of('version', { version: ok(version) }))).toEqual([state]);
});

test('a right that is missing is named by verb and resource, and is fatal only where nothing works without it', () => {
  const access = [
    may('read', 'list', 'pods', false),
    may('read', 'watch', 'pods', false),
    may('read', 'watch', 'networkpolicies', false),
    may('read', 'list', 'nodes'),
  ];
  expect(of('read-rights', { access })).toEqual([
    {
      check: 'read-rights',
      state: 'failed',
      text: 'The credentials may not list, watch pods of the core API',
      next: 'Grant list, watch on pods',
    },
    expect.objectContaining({ state: 'warning', text: expect.stringContaining('watch networkpolicies') }),
  ]);
});

test('without the right to write a cluster can be connected read-only alone', () => {
  const access = [may('write', 'patch', 'domains', false), may('write', 'delete', 'meshes', false)];
  const lines = of('write-rights', { access });
  expect(states(lines)).toEqual(['failed', 'warning']);
  expect(lines[0]!.next).toMatch(/or connect it read-only$/);
  const readOnly = of('write-rights', { access }, { readOnly: true });
  expect(readOnly).toEqual([
    expect.objectContaining({ state: 'ok', text: expect.stringMatching(/read-only/) }),
  ]);
});

test('a right that the cluster does not tell is unknown, not granted', () => {
  const access = [{ ...may('read', 'list', 'pods'), allowed: err('no answer in time') }];
  expect(of('read-rights', { access })).toEqual([
    expect.objectContaining({ state: 'unknown', text: expect.stringContaining('no answer in time') }),
  ]);
});

test('a kernel without WireGuard is a warning, one that can have it is unknown until an agent runs', () => {
  const nodes = ok([node('old', { kernelVersion: '5.4.0-200-generic' }), node('newer')]);
  const lines = of('kernel-wireguard', { nodes });
  expect(states(lines)).toEqual(['warning', 'unknown']);
  expect(lines[0]!.text).toContain('The kernel of old ');
  expect(lines[1]!.text).toContain('6.1.0-9-amd64');
});

test('nodes that are no Linux and nodes without an address are named', () => {
  const lines = of('nodes', {
    nodes: ok([node('win', { operatingSystem: 'windows' }), node('bare', {}, 'no address'), node('n1')]),
  });
  expect(lines.map(({ text }) => text)).toEqual([
    'No Linux: win',
    'No address is published by bare',
    '3 nodes: bare, n1, win',
  ]);
});

test('the MTU is what agents say, where some run already', () => {
  const peers = snapshotOf({
    programmed: true,
    clusters: [{ name: 'a', nNodes: 1, workloads: [{ namespace: 'x', name: 'y', domains: ['red'] }] }],
    domains: [{ name: 'red', prefixes: ['10.81.0.0/16'], clusters: ['a'] }],
  }).clusters[0]!.objects.filter(({ kind }) => kind === 'NodePeer');
  expect(peers).not.toEqual([]);
  expect(of('mtu', { nodePeers: ok(peers) })).toEqual([
    expect.objectContaining({ state: 'ok', text: expect.stringContaining('1500 bytes') }),
  ]);
  const small = peers.map((peer) => ({
    ...peer,
    spec: { ...(peer['spec'] as object), underlayMtuBytes: 1300 },
  }));
  expect(states(of('mtu', { nodePeers: ok(small) }))).toEqual(['warning']);
});

test('equal pod ranges are fine and said, equal node addresses and a domain over a range are not', () => {
  const topology = buildTopology(
    snapshotOf({
      programmed: false,
      clusters: [{ name: 'other', nNodes: 1, workloads: [] }],
      domains: [{ name: 'red', prefixes: ['10.244.0.0/24'], clusters: ['other'] }],
    }),
  );
  const around = { clusters: Object.values(topology.clusters), domains: Object.values(topology.domains) };
  const [address] = around.clusters[0]!.ranges.nodes;
  const facts = { nodes: ok([node('n1', {}, address!.split('/')[0]!)]) };
  const [clash, ranges] = of('ranges', facts, around);
  expect(clash).toMatchObject({ state: 'warning', text: expect.stringContaining('as one of other has') });
  expect(ranges).toMatchObject({
    state: 'ok',
    text: expect.stringContaining('other has overlapping pod ranges'),
  });
  expect(of('domain-pool', facts, around)).toEqual([
    expect.objectContaining({
      state: 'warning',
      text: 'red cannot span this cluster: 10.244.0.0/24 overlaps the pod range 10.244.0.0/24 of new',
    }),
  ]);
});

test.each([
  [['192.0.2.1'], ['fd00::1'], 'Nodes have IPv4 addresses only, those of other IPv6 only'],
  [['fd00::1'], ['192.0.2.1'], 'Nodes have IPv6 addresses only, those of other IPv4 only'],
  [['192.0.2.1', 'fd00::1'], ['fd00::2'], undefined],
  [['fd00::1'], ['192.0.2.1', 'fd00::2'], undefined],
  [['fd00::1'], ['fd00::2'], undefined],
  [['fd00::1'], [], undefined],
  [[], ['192.0.2.1'], undefined],
])('nodes at %j beside nodes at %j: %s', (here, there, text) => {
  const nodesAt = (addresses: readonly string[]) => addresses.map((address) => node('n1', {}, address));
  const ranges = clusterRanges(new Map([['Node', nodesAt(there)]]));
  const lines = of(
    'udp',
    { nodes: ok(nodesAt(here)) },
    { clusters: [{ id: 'other' as ClusterName, ranges }] },
  );
  const warnings = lines.filter(({ state }) => state === 'warning');
  expect(warnings.map((line) => line.text)).toEqual(
    text === undefined ? [] : [`${text}: no datagram passes between them`],
  );
});

test('ranges that nothing tells are unknown, and a used-up pool is said', () => {
  expect(states(of('ranges', { nodes: ok([object('Node', { name: 'n' })]) }))).toEqual(['unknown']);
  const everything = ok([object('ServiceCIDR', { name: 'k' }, { spec: { cidrs: ['10.0.0.0/8'] } })]);
  expect(of('domain-pool', { serviceCidrs: everything })).toEqual([
    expect.objectContaining({ state: 'warning', text: expect.stringMatching(/^The pool/) }),
  ]);
});

test.each([
  ['calico-node', [], 'Calico. '],
  ['kube-flannel-ds', [], 'flannel (enforces none). '],
  ['kube-flannel-ds', ['crd.projectcalico.org'], 'Calico, flannel (enforces none). '],
  ['something', ['cilium.io'], 'Cilium. '],
])('DaemonSet %s with groups %j is %s', (name, groups, text) => {
  const found = of('network-policy', {
    daemonSets: ok([object('DaemonSet', { name })]),
    apiGroups: ok(groups),
  });
  expect(found).toEqual([
    expect.objectContaining({ state: 'ok', text: expect.stringMatching(escaped(text)) }),
  ]);
});

test('a network that is not known is unknown', () => {
  expect(states(of('network-policy', { apiGroups: ok([]), daemonSets: err('forbidden') }))).toEqual([
    'unknown',
  ]);
});

test.each([
  ['privileged', 'ok'],
  ['baseline', 'warning'],
  ['restricted', 'warning'],
  [undefined, 'unknown'],
])('the system namespace at level %s is %s', (level, state) => {
  const labels = level === undefined ? {} : { 'pod-security.kubernetes.io/enforce': level };
  const lines = of('pod-security', {
    namespaces: ok([object('Namespace', { name: 'flatland-system', labels })]),
  });
  expect(lines[0]).toMatchObject({ state });
});

test('a Corefile is changed only of a name server that reaches agents, where the credentials may and nobody would undo it', () => {
  const map = (labels: Record<string, string>, data: object = { Corefile: '.:53 {\n}\n' }) =>
    ok([object('ConfigMap', { name: 'coredns', namespace: 'kube-system', labels }, { data })]);
  expect(states(of('dns', {}))).toEqual(['ok']);
  expect(states(of('dns', { access: [may('dns', 'patch', 'configmaps', false)] }))).toEqual(['warning']);
  expect(states(of('dns', { access: [] }))).toEqual(['warning']);
  expect(of('dns', { dnsMaps: map({ 'addonmanager.kubernetes.io/mode': 'Reconcile' }) })[0]!.text).toMatch(
    /add-on manager/,
  );
  const own = object('DaemonSet', { name: 'coredns', namespace: 'kube-system' }, { spec: {} });
  for (const without of [
    { dnsMaps: map({}, {}) },
    { dnsMaps: ok([]) },
    { daemonSets: ok([]) },
    { daemonSets: ok([own]) },
  ])
    expect(of('dns', without)).toMatchObject([
      {
        state: 'warning',
        text: expect.stringMatching(/^kube-system has neither/),
        next: expect.stringMatching(/EDNS Client Subnet/),
      },
    ]);
  expect(states(of('dns', { dnsMaps: err('forbidden') }))).toEqual(['unknown']);
  expect(states(of('dns', { daemonSets: err('forbidden') }))).toEqual(['unknown']);
  expect(states(of('dns', { deployments: err('forbidden') }))).toEqual(['unknown']);
  expect(states(of('dns', { dnsServices: err('forbidden') }))).toEqual(['unknown']);
  const anywhere = object('Service', { name: 'kube-dns', namespace: 'kube-system' });
  expect(of('dns', { dnsServices: ok([anywhere]) })).toMatchObject([
    { state: 'warning', next: expect.stringContaining('internalTrafficPolicy: Local') },
  ]);
  const labels = { 'k8s-app': 'kube-dns' };
  const pods = object(
    'Deployment',
    { name: 'coredns', namespace: 'kube-system' },
    { spec: { template: { metadata: { labels } } } },
  );
  expect(states(of('dns', { daemonSets: ok([]), deployments: ok([pods]) }))).toEqual(['ok']);
});

test('a Corefile that forwards already needs nothing more; one that is not understood is said to be so', () => {
  const map = (Corefile: string) =>
    ok([object('ConfigMap', { name: 'coredns', namespace: 'kube-system' }, { data: { Corefile } })]);
  const wired = wireCorefile('.:53 {\n}\n', ['red.flatland'], NODE_DNS);
  expect(wired.ok && of('dns', { dnsMaps: map(wired.value) })).toMatchObject([{ state: 'ok', next: '' }]);
  expect(of('dns', { dnsMaps: map('import others/*\n.:53 {\n}\n') })).toMatchObject([
    { state: 'warning', next: 'Add the printed block by hand' },
  ]);
});

test('what is installed, and who else applies objects, is told by the served groups', () => {
  const lines = of('git', { apiGroups: ok(['argoproj.io', 'kustomize.toolkit.fluxcd.io']) });
  expect(lines[0]!.text).toBe('Argo CD and Flux run here');
  expect(states(of('flatland', { apiGroups: ok([]) }))).toEqual(['warning']);
  expect(states(of('flatland', { apiGroups: err('forbidden') }))).toEqual(['unknown']);
});

test('lines come in the order of the checks, the worst of each first, whatever order they were found in', () => {
  const lines = preflight(
    { ...FACTS, nodes: ok([node('n1'), node('win', { operatingSystem: 'windows' })]) },
    AROUND,
  );
  const checks = Object.keys(PREFLIGHT_CHECKS);
  const order = lines.map(({ check }) => checks.indexOf(check));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(fc.shuffledSubarray([...lines], { minLength: lines.length }), (shuffled) => {
      expect(sortLines(shuffled)).toEqual(lines);
    }),
  );
});

test('what a cluster calls itself cannot forge a line', () => {
  const version = ok('v1.37.0\n\u001b[2Jok');
  expect(of('version', { version })[0]!.text).toBe('v1.37.0  [2Jok');
});

test('objects of any form are looked at without a throw', () => {
  const anyObjects = fc
    .array(fc.record({ spec: fc.jsonValue(), status: fc.jsonValue(), data: fc.jsonValue() }))
    .map((all) => ok(all.map((more) => object('Node', { name: 'x' }, more))));
  fc.assert(
    fc.property(anyObjects, fc.string(), (objects, version) => {
      const facts = {
        ...FACTS,
        version: ok(version),
        nodes: objects,
        serviceCidrs: objects,
        nodePeers: objects,
      };
      for (const { text, next } of preflight(
        { ...facts, dnsMaps: objects, daemonSets: objects, deployments: objects },
        AROUND,
      ))
        expect(`${text}${next}`).toMatch(/^[^\n]+$/);
    }),
  );
});

function escaped(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.()]/g, String.raw`\$&`)}`);
}
