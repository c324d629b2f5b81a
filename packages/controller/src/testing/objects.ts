import { createHash } from 'node:crypto';
import { zDomain } from '@flatland/shared/model/domain';
import type { Domain } from '@flatland/shared/model/domain';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
} from '@flatland/shared/model/kubernetes-object';
import { zMemberSlice } from '@flatland/shared/model/member-slice';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import { zNodePeer } from '@flatland/shared/model/node-peer';
import type { NodePeer } from '@flatland/shared/model/node-peer';

/* Objects for tests, valid unless asked otherwise. */

const LABELS = { [OWNER_LABEL]: OWNER_LABEL_VALUE };

/** A domain 10.81.0.0/16 in which the n-th cluster has the slice 10.81.(16 n).0/20. */
export function domainOf(
  name: string,
  clusters: readonly string[],
  options: { slices?: Readonly<Record<string, string>>; allowedNamespaces?: readonly string[] } = {},
): Domain {
  return zDomain.parse({
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Domain',
    metadata: { name, labels: LABELS },
    spec: {
      prefixes: ['10.81.0.0/16'],
      clusters: clusters.map((cluster, index) => ({
        name: cluster,
        slices: [options.slices?.[cluster] ?? `10.81.${index * 16}.0/20`],
      })),
      home: clusters[0],
      dnsName: `${name}.flatland`,
      allowedNamespaces: options.allowedNamespaces ?? ['*'],
      owner: 'harbor.example',
    },
  });
}

/** A node's side of a domain, its key made from its name. */
export function nodePeerOf(
  domain: string,
  node: string,
  blocks: readonly string[],
  options: { name?: string; key?: string; routerAddresses?: readonly string[]; createdAt?: string } = {},
): NodePeer {
  return zNodePeer.parse({
    apiVersion: FLATLAND_API_VERSION,
    kind: 'NodePeer',
    metadata: {
      name: options.name ?? `${domain}.${node}`,
      labels: LABELS,
      creationTimestamp: options.createdAt ?? '2026-01-01T00:00:00Z',
    },
    spec: {
      domain,
      node,
      publicKey: keyOf(options.key ?? node),
      candidates: [{ address: '192.0.2.1', port: 51820, source: 'interface' }],
      via: [],
      behindNat: false,
      blocks,
      routerAddresses: options.routerAddresses ?? [],
      underlayMtuBytes: 1500,
      protocolVersions: [1],
    },
  });
}

/** The members of a domain on a node: one pod for each address. */
export function memberSliceOf(domain: string, node: string, addresses: readonly string[]): MemberSlice {
  return zMemberSlice.parse({
    apiVersion: FLATLAND_API_VERSION,
    kind: 'MemberSlice',
    metadata: { name: `${domain}.${node}`, labels: LABELS },
    spec: {
      domain,
      node,
      members: addresses.map((address) => ({
        pod: { namespace: 'shop', name: `pod-${address.replaceAll('.', '-')}`, uid: `uid-${address}` },
        workload: { kind: 'Deployment', name: 'cart' },
        addresses: [address],
        dnsNames: [],
        identity: 'spiffe://harbor.example/ns/shop/sa/default',
      })),
      refused: [],
    },
  });
}

function keyOf(seed: string): string {
  return createHash('sha256').update(seed).digest('base64');
}
