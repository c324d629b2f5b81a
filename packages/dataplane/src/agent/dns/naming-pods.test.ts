import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import { expect, it } from 'vitest';
import * as dns from 'dns-packet';
import type { NamespaceSockets, Responder } from '../../ports/namespace-sockets.ts';
import { factsOf } from '../compile/compile-node.ts';
import type { NodeProgram } from '../compile/node-program.ts';
import { barePodObject } from '../testing/objects.ts';
import { nodeDnsListeners } from './dns-listeners.ts';
import { DnsZones } from './dns-zones.ts';
import { namingPods } from './naming-pods.ts';

const RED = 'red' as DomainName;
const NODE_ADDRESS = '192.168.9.1' as IpAddress;
const NAME_SERVER = '10.244.0.2';
const OWN_MEMBER = '10.244.0.5';
const OTHER_MEMBER = '10.244.1.5';

const pod = (namespace: string, name: string, address: string, parts: object = {}): KubernetesObject => {
  const made = barePodObject(namespace, name, 'n1');
  return { ...made, status: { phase: 'Running', podIPs: [{ ip: address }] }, ...parts };
};

const LABELS = { labels: { 'k8s-app': 'kube-dns' } };
const labelled = (namespace: string, name: string) => ({
  metadata: { namespace, name, uid: `${namespace}-${name}`, ...LABELS },
});

const slice = (node: string, ...podAddresses: string[]): KubernetesObject => ({
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'MemberSlice',
  metadata: { name: `red.${node}` },
  spec: {
    domain: 'red',
    node,
    members: [
      {
        pod: { namespace: 'shop', name: 'cart-1', uid: `cart-on-${node}` },
        workload: { kind: 'Deployment', name: 'cart' },
        addresses: ['10.81.0.1'],
        dnsNames: [],
        podAddresses,
        identity: '',
        fieldOfALaterVersion: true,
      },
    ],
    refused: [],
  },
});

const OBJECTS = [
  pod('shop', 'cart-0', OWN_MEMBER),
  pod('shop', 'stranger', '10.244.0.6'),
  pod('kube-system', 'coredns', NAME_SERVER, labelled('kube-system', 'coredns')),
  pod('shop', 'coredns', '10.244.0.7', labelled('shop', 'coredns')),
  slice('n2', OTHER_MEMBER, 'fd00:244::5'),
  slice('n1', '10.244.0.6'),
  slice('n3', '10.244.0.6'),
];

function pods() {
  const facts = factsOf({ cluster: 'east' as ClusterName, objects: OBJECTS, nowMs: 0 });
  return namingPods(facts, 'n1', [{ domain: RED, podUid: 'shop-cart-0' }]);
}

it('knows members of the own node by what is programmed, and those of others by their agents', () => {
  const known = pods();
  expect(known.domainsOf(OWN_MEMBER as IpAddress)).toEqual([RED]);
  expect(known.domainsOf(OTHER_MEMBER as IpAddress)).toEqual([RED]);
  expect(known.domainsOf('fd00:244::5' as IpAddress)).toEqual([RED]);
  expect(known.domainsOf('10.244.9.9' as IpAddress)).toEqual([]);
});

it('does not let another node, nor an old slice of its own, make a pod of this node a member', () => {
  expect(pods().domainsOf('10.244.0.6' as IpAddress)).toEqual([]);
});

it('takes for name servers the labelled pods of kube-system on this node alone', () => {
  const known = pods();
  const servers = [NAME_SERVER, '10.244.0.7', OWN_MEMBER].filter((it) => known.isNameServer(it as IpAddress));
  expect(servers).toEqual([NAME_SERVER]);
});

it('believes a name server whom it asks for, at the node’s address, and nobody else', async () => {
  const ask = await nodeDns(NODE_ADDRESS);
  expect(ask(NAME_SERVER, OWN_MEMBER)).toBe('NOERROR');
  expect(ask(NAME_SERVER, OTHER_MEMBER)).toBe('NOERROR');
  expect(ask(NAME_SERVER, '10.244.0.6')).toBe('REFUSED');
  expect(ask('10.244.0.6', OWN_MEMBER)).toBe('REFUSED');
  expect(ask('10.244.0.7', OWN_MEMBER)).toBe('REFUSED');
  expect(ask(OWN_MEMBER)).toBe('NOERROR');
  expect(ask(OWN_MEMBER, '10.244.0.6')).toBe('NOERROR');
});

it('believes who asks over the node’s loopback', async () => {
  const ask = await nodeDns('127.0.0.1');
  expect(ask('127.0.0.1', OTHER_MEMBER)).toBe('NOERROR');
  expect(ask('127.0.0.1', '10.244.0.6')).toBe('REFUSED');
});

/** What the listener at an address answers a source that may ask for somebody. */
async function nodeDns(address: string) {
  const zones = new DnsZones();
  const zone = { name: 'red.flatland', services: [], records: [] };
  const program = {
    network: { routers: [{ domain: RED, prefixes: ['10.81.0.0/16'] as Cidr[] }] },
    domains: [{ domain: RED, dns: zone }],
  };
  zones.follow(program as unknown as NodeProgram, pods());
  const responders = new Map<string, Responder>();
  const sockets = {
    listenUdp: async (_place: unknown, at: string, _port: number, responder: Responder) =>
      void responders.set(at, responder),
  } as unknown as NamespaceSockets;
  for (const listener of nodeDnsListeners({ sockets, zones }, [NODE_ADDRESS]))
    if (listener.key.startsWith('dns udp')) await listener.open();
  return (source: string, subnet?: string): string => {
    const reply = responders.get(address)!({
      bytes: query(subnet),
      address: source as IpAddress,
      port: 5353,
    });
    return (dns.decode(Buffer.from(reply!)) as dns.DecodedPacket & { rcode: string }).rcode;
  };
}

function query(subnet: string | undefined): Uint8Array {
  const option = { code: 'CLIENT_SUBNET', ip: subnet, sourcePrefixLength: 32, scopePrefixLength: 0 };
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [option] };
  return dns.encode({
    type: 'query',
    id: 1,
    questions: [{ type: 'SOA', name: 'red.flatland' }],
    additionals: subnet === undefined ? [] : [opt],
  } as unknown as dns.Packet);
}
