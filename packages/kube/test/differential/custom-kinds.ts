import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import type { Kind } from './kinds.ts';
import { mapOf, some, spoiled } from './values.ts';

const clusters = spoiled(
  fc.constantFrom<Json>(
    [{ name: 'east', slices: ['10.1.0.0/24'] }],
    [
      { name: 'east', slices: ['10.1.0.0/24'] },
      { name: 'west', slices: ['10.1.1.0/24'] },
    ],
    [{ name: 'west', slices: ['10.1.1.0/24', 'fd00::/64'] }],
  ),
  fc.constantFrom<Json>(
    [{ name: 'east', slices: [] }],
    [{ name: 'East', slices: ['10.1.0.0/24'] }],
    [{ slices: ['10.1.0.0/24'] }],
    [
      { name: 'east', slices: ['10.1.0.0/24'] },
      { name: 'east', slices: ['10.1.1.0/24'] },
    ],
    [{ name: 'east', slices: ['here'] }],
    'east',
  ),
  8,
);
const domainFields = {
  allowedNamespaces: spoiled(
    fc.constantFrom<Json>(['*'], ['shop'], ['shop', 'team'], []),
    fc.constantFrom<Json>(['shop', 'shop'], ['Not OK'], [1], null),
    8,
  ),
  clusters,
  dnsName: spoiled(fc.constantFrom('red.flatland', 'red.example'), fc.constantFrom<Json>('Red', '', 7)),
  home: spoiled(fc.constantFrom('east', 'west'), fc.constantFrom<Json>('north', '', null)),
  mtuBytes: spoiled(fc.constantFrom(1280, 1400), fc.constantFrom<Json>(1, 99_999, 1400.5, '1400', null)),
  owner: fc.constantFrom('us', 'them'),
  prefixes: spoiled(
    fc.constantFrom<Json>(['10.1.0.0/16'], ['10.1.0.0/16'], ['10.1.0.0/16', 'fd00::/48']),
    fc.constantFrom<Json>([], ['a', 'b', 'c'], 'x', null),
  ),
  target: spoiled(fc.constantFrom('flatland', 'nsm'), fc.constantFrom<Json>('other', null)),
};
const DOMAIN_SPEC = {
  allowedNamespaces: ['*'],
  clusters: [{ name: 'east', slices: ['10.1.0.0/24'] }],
  dnsName: 'red.flatland',
  home: 'east',
  owner: 'us',
  prefixes: ['10.1.0.0/16'],
};
const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Fine',
  message: '',
  lastTransitionTime: '2026-01-02T03:04:05Z',
};
const status = spoiled(
  fc.constantFrom<Json>(
    { conditions: [condition] },
    { memberCount: 3 },
    { memberCount: 3, more: { any: [1] } },
    {},
  ),
  fc.constantFrom<Json>({ conditions: [{ type: 'Ready' }] }, { memberCount: 'many' }, null, 'fine'),
);

const domain: Kind = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'Domain',
  plural: 'domains',
  namespaced: false,
  status: true,
  whole: fc.tuple(some(domainFields), fc.option(status, { nil: undefined })).map(([spec, state]) => ({
    spec: { ...DOMAIN_SPEC, ...(spec as object) },
    ...(state !== undefined && { status: state }),
  })),
  part: fc
    .tuple(some(domainFields), fc.option(status, { nil: undefined }))
    .map(([spec, state]) => ({ spec, ...(state !== undefined && { status: state }) })),
  patch: fc.constantFrom<Json>(
    { spec: { clusters: null } },
    { spec: { target: null } },
    { spec: { mtuBytes: null } },
    { spec: null },
    { status: null },
    { status: { memberCount: 4 } },
    { apiVersion: null },
    { kind: 'Membership' },
    { metadata: null },
    { metadata: { finalizers: null } },
    { metadata: { managedFields: [{}] } },
  ),
  pointers: [
    '/spec/clusters/0',
    '/spec/clusters/-',
    '/spec/allowedNamespaces/-',
    '/spec/allowedNamespaces/0',
    '/spec/mtuBytes',
    '/spec/prefixes',
    '/status',
    '/status/memberCount',
  ],
  value: fc.constantFrom<Json>({ name: 'south', slices: ['10.1.2.0/24'] }, 'shop', 1400, { memberCount: 1 }),
  valid: { spec: DOMAIN_SPEC },
};

const blockFields = {
  domain: spoiled(fc.constantFrom('red', 'blue'), fc.constantFrom<Json>('', 'a-very-long-domain', 1)),
  node: spoiled(fc.constantFrom('node-1', 'node-2'), fc.constantFrom<Json>('Node', null)),
  prefix: spoiled(fc.constantFrom('10.1.0.0/28', 'fd00::/112'), fc.constantFrom<Json>('', 'x/y')),
};
const BLOCK_SPEC = { domain: 'red', node: 'node-1', prefix: '10.1.0.0/28' };
const addressBlock: Kind = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'AddressBlock',
  plural: 'addressblocks',
  namespaced: false,
  status: true,
  whole: some(blockFields).map((spec) => ({ spec: { ...BLOCK_SPEC, ...(spec as object) } })),
  part: some(blockFields).map((spec) => ({ spec })),
  patch: fc.constantFrom<Json>({ spec: { node: null } }, { status: { any: 1 } }, { spec: [] }, { other: 1 }),
  pointers: ['/spec/node', '/spec/domain', '/status', '/spec'],
  value: fc.constantFrom<Json>('node-3', { any: 'thing' }, BLOCK_SPEC),
  valid: { spec: BLOCK_SPEC },
};

const membershipFields = {
  domain: spoiled(fc.constantFrom('red', 'red', 'blue'), fc.constantFrom<Json>('Red', null)),
  workload: spoiled(
    fc.constantFrom<Json>({ kind: 'Deployment', name: 'web' }, { kind: 'Pod', name: 'web' }),
    fc.constantFrom<Json>({ kind: 'Job', name: 'web' }, { name: 'web' }, {}, null),
  ),
  selector: spoiled(
    fc.constantFrom<Json>(
      {},
      { matchLabels: { app: 'a' } },
      { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    ),
    fc.constantFrom<Json>({ matchLabels: { app: 1 } }, { matchExpressions: [{ key: 'a' }] }, null),
  ),
};
const membership: Kind = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'Membership',
  plural: 'memberships',
  namespaced: true,
  status: true,
  whole: fc.oneof(
    fc
      .tuple(membershipFields.domain, membershipFields.workload)
      .map(([of, workload]) => ({ spec: { domain: of, workload } })),
    some(membershipFields).map((spec) => ({ spec: { domain: 'red', ...(spec as object) } })),
  ),
  part: some(membershipFields).map((spec) => ({ spec })),
  patch: fc.constantFrom<Json>(
    { spec: { workload: null, selector: {} } },
    { spec: { selector: null } },
    { spec: { domain: 'blue' } },
    { status: { conditions: [] } },
  ),
  pointers: ['/spec/workload', '/spec/workload/name', '/spec/selector', '/spec/selector/matchLabels'],
  value: fc.oneof(
    fc.constantFrom<Json>('db', { kind: 'Pod', name: 'db' }),
    mapOf(['app'], fc.constantFrom('a', 'b')),
  ),
  valid: { spec: { domain: 'red', selector: {} } },
};

export const CUSTOM_KINDS: readonly Kind[] = [domain, addressBlock, membership];
