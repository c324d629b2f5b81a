import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import { CUSTOM_KINDS } from './custom-kinds.ts';
import { POD } from './pod-kind.ts';
import { mapOf, some, spoiled } from './values.ts';
import { WORKLOAD_KINDS } from './workload-kinds.ts';

/** A kind, and what requests may say of its objects. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly status: boolean;
  /** All of an object but its metadata; mostly valid. */
  readonly whole: fc.Arbitrary<Json>;
  /** Some fields, as a manager applies them or a patch merges them. */
  readonly part: fc.Arbitrary<Json>;
  /** Patches that take something away, or that only strategic patches know. */
  readonly patch: fc.Arbitrary<Json>;
  /** Where JSON patches write, and what. */
  readonly pointers: readonly string[];
  readonly value: fc.Arbitrary<Json>;
  /** An object that is valid as it is. */
  readonly valid: Json;
}

const text = fc.constantFrom('a', 'b', '', 'some words');
const data = mapOf(['key', 'other', 'x.y'], text);

const configMap: Kind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  status: false,
  whole: some({
    data: spoiled(
      data,
      fc.constantFrom<Json>({ 'not ok': 'a' }, { key: 1 }, ['a'], { [`${'k'.repeat(254)}`]: '' }),
    ),
    binaryData: spoiled(
      fc.constantFrom<Json>({ binary: 'AA==' }, { key: 'YWJj', binary: 'YWJj' }),
      fc.constant({ bin: '?' }),
    ),
    immutable: spoiled(fc.constantFrom(false, false, true), fc.constant('yes')),
    unknown: fc.constant(1),
  }).map(mostlyWithout('binaryData', 'immutable', 'unknown')),
  part: some({ data: spoiled(data, fc.constant({ key: 1 })) }),
  patch: fc.constantFrom<Json>(
    { data: null },
    { data: { key: null } },
    { metadata: { labels: null } },
    { metadata: { annotations: { note: null } } },
    { metadata: { finalizers: null } },
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/hold'] } },
    { data: { $patch: 'replace', key: 'a' } },
    { data: { $patch: 'turn' } },
    { $retainKeys: ['data'], data: { other: 'b' } },
    { metadata: { name: 'other' } },
    { metadata: { managedFields: [] } },
    { metadata: { managedFields: [{}] } },
  ),
  pointers: ['/data/key', '/data', '/data/x.y', '/immutable', '/binaryData'],
  value: fc.constantFrom<Json>('a', { key: 'b' }, true),
  valid: { data: { key: 'value' } },
};

const secret: Kind = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  status: false,
  whole: some({
    data: spoiled(mapOf(['key', 'other'], fc.constantFrom('AA==', 'YWJj', '')), fc.constant({ key: 'a b' })),
    stringData: mapOf(['key', 'third'], text),
    type: spoiled(
      fc.constantFrom('Opaque', 'example.com/kind'),
      fc.constantFrom('kubernetes.io/basic-auth', ''),
    ),
  }),
  part: some({
    data: mapOf(['key', 'other'], fc.constantFrom('AA==', 'YWJj')),
    stringData: mapOf(['key'], text),
  }),
  patch: fc.constantFrom<Json>(
    { data: null },
    { data: { key: null } },
    { type: 'example.com/other' },
    { stringData: { key: 'a' } },
    { immutable: true },
  ),
  pointers: ['/data/key', '/data', '/stringData', '/type'],
  value: fc.constantFrom<Json>('YWJj', { key: 'AA==' }, 'Opaque'),
  valid: { data: {} },
};

const ports = fc.constantFrom<Json>(
  [{ port: 80 }],
  [{ name: 'http', port: 80, targetPort: 8080 }],
  [
    { name: 'http', port: 80 },
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
  ],
);
const serviceSpec = some({
  ports,
  selector: mapOf(['app'], fc.constantFrom('a', 'b')),
  type: spoiled(
    fc.constantFrom('ClusterIP', 'ClusterIP', 'NodePort', 'ExternalName', 'LoadBalancer'),
    fc.constant('Other'),
  ),
  publishNotReadyAddresses: fc.boolean(),
});

const service: Kind = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
  status: false,
  whole: serviceSpec.map((spec) => ({ spec: { ports: [{ port: 80 }], ...spec } })),
  part: serviceSpec.map((spec) => ({ spec })),
  patch: fc.constantFrom<Json>(
    { spec: { selector: null } },
    { spec: { clusterIP: null } },
    { spec: { type: 'NodePort' } },
    { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
  ),
  pointers: ['/spec/type', '/spec/selector', '/status'],
  value: fc.constantFrom<Json>('NodePort', 'ClusterIP'),
  valid: { spec: { ports: [{ port: 80 }] } },
};

const serviceAccount: Kind = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
  status: false,
  whole: some({
    automountServiceAccountToken: spoiled(fc.boolean(), fc.constant('yes')),
    secrets: fc.constantFrom<Json>([{ name: 'one' }], [{ name: 'one' }, { name: 'two' }], []),
    imagePullSecrets: fc.constantFrom<Json>([{ name: 'pull' }], []),
  }),
  part: some({
    automountServiceAccountToken: fc.boolean(),
    imagePullSecrets: fc.constantFrom<Json>(
      [{ name: 'pull' }],
      [{ name: 'other' }],
      [{ name: 'a' }, { name: 'a' }],
    ),
    secrets: fc.constantFrom<Json>([{ name: 'one' }], [{ name: 'two' }]),
  }),
  patch: fc.constantFrom<Json>(
    { imagePullSecrets: null },
    { secrets: [{ name: 'one', $patch: 'delete' }] },
    { $setElementOrder: 1 },
    { '$setElementOrder/secrets': [{ name: 'two' }, { name: 'one' }], secrets: [{ name: 'two' }] },
  ),
  pointers: ['/secrets/0', '/secrets', '/automountServiceAccountToken'],
  value: fc.constantFrom<Json>({ name: 'one' }, [{ name: 'one' }], true),
  valid: {},
};

const leaseSpec = some({
  holderIdentity: spoiled(fc.constantFrom('me', 'you'), fc.constant('')),
  leaseDurationSeconds: spoiled(fc.constantFrom(15, 30), fc.constantFrom(0, -1, '15')),
  leaseTransitions: spoiled(fc.constantFrom(0, 3), fc.constant(-1)),
  renewTime: spoiled(
    fc.constantFrom('2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05.000000Z'),
    fc.constant('now'),
  ),
});
const lease: Kind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  status: false,
  whole: some({ spec: leaseSpec }),
  part: leaseSpec.map((spec) => ({ spec })),
  patch: fc.constantFrom<Json>({ spec: null }, { spec: { holderIdentity: null } }),
  pointers: ['/spec/holderIdentity', '/spec/leaseDurationSeconds', '/spec'],
  value: fc.constantFrom<Json>('me', 15, { holderIdentity: 'us' }),
  valid: { spec: { holderIdentity: 'me' } },
};

/** Leaves the fields out five times of six: they change what everything else means. */
function mostlyWithout(...fields: readonly string[]): (object: Json) => Json {
  return (object) => {
    const seed = JSON.stringify(object).length;
    if (seed % 6 === 0) return object;
    return Object.fromEntries(Object.entries(object as object).filter(([name]) => !fields.includes(name)));
  };
}

export const KINDS: readonly Kind[] = [
  configMap,
  secret,
  service,
  serviceAccount,
  lease,
  POD,
  ...WORKLOAD_KINDS,
  ...CUSTOM_KINDS,
];

/** Where the objects of a kind are. */
export function pathOf({ apiVersion, plural, namespaced }: Kind, namespace: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
}

export function findKind(name: string): Kind {
  return KINDS.find(({ kind }) => kind === name)!;
}
