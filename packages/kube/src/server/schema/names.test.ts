import { describe, expect, test } from 'vitest';
import {
  checkFieldManager,
  checkLabelSelector,
  checkObjectMeta,
  checkObjectMetaUpdate,
} from './check-object-meta.ts';
import type { JsonObject } from './json.ts';
import {
  checkConfigKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkPathSegment,
  checkPortName,
  checkQualifiedName,
} from './names.ts';

describe('names', () => {
  test.each<[string, (text: string) => string[], string[], string[]]>([
    [
      'DNS labels',
      checkDnsLabel,
      ['a', 'a-b', '0', 'a'.repeat(63)],
      ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64), 'a\n'],
    ],
    [
      'DNS subdomains',
      checkDnsSubdomain,
      ['a.b', 'a', `${'a'.repeat(63)}.b`],
      ['', '.', 'a..b', 'a.', 'A.b', 'a.-b', 'a'.repeat(254)],
    ],
    ['DNS-1035 labels', checkDns1035Label, ['a', 'a-1'], ['1a', '', 'a-']],
    [
      'qualified names',
      checkQualifiedName,
      ['a', 'A_b.c-d', 'example.com/a'],
      ['', '/a', 'a/', 'a/b/c', 'Example.com/a', '-a', 'a'.repeat(64)],
    ],
    ['label values', checkLabelValue, ['', 'a', 'A_b.c-d'], ['-', 'a ', 'ä', 'a'.repeat(64)]],
    [
      'config keys',
      checkConfigKey,
      ['a', '__proto__', '.a', 'A-b_c.d'],
      ['', '.', '..', '..a', 'a b', 'a/b'],
    ],
    ['path segments', checkPathSegment, ['system:node', 'a b'], ['.', '..', 'a/b', 'a%b']],
    ['port names', checkPortName, ['http', 'a-1'], ['', '1', 'a--b', '-a', 'a-', 'A', 'a'.repeat(16)]],
  ])('%s are told from what only looks like them', (_name, check, good, bad) => {
    expect(good.filter((text) => check(text).length > 0)).toEqual([]);
    expect(bad.filter((text) => check(text).length === 0)).toEqual([]);
  });

  test('are refused in Kubernetes words', () => {
    expect(checkDnsLabel('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(checkDnsLabel('a.b')).toEqual(['must not contain dots']);
    expect(checkDnsSubdomain('A')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
  });
});

describe('metadata', () => {
  const check = (metadata: JsonObject, namespaced = true) =>
    checkObjectMeta(metadata, { nameRule: 'dns-subdomain', namespaced }).map(
      ({ field, message }) => `${field}: ${message}`,
    );

  test('that is well formed passes', () => {
    expect(
      check({
        name: 'a.b',
        namespace: 'n',
        labels: { 'a/b': 'c' },
        annotations: { 'A/b': 'anything at all' },
        finalizers: ['example.com/x'],
      }),
    ).toEqual([]);
  });

  test.each<[string, JsonObject, string[]]>([
    ['needs a name', { namespace: 'n' }, ['metadata.name: Required value: name or generateName is required']],
    ['needs a namespace', { name: 'a' }, ['metadata.namespace: Required value']],
    [
      'has no more than one controller',
      {
        name: 'a',
        namespace: 'n',
        ownerReferences: [1, 2].map((index) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          name: `p${index}`,
          uid: 'u',
          controller: true,
        })),
      },
      [
        expect.stringContaining(
          'Only one reference can have Controller set to true. Found "true" in references for Pod/p1 and Pod/p2',
        ) as never,
      ],
    ],
    [
      'has owners with uids',
      { name: 'a', namespace: 'n', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '' }] },
      ['metadata.ownerReferences.uid: Invalid value: "": uid must not be empty'],
    ],
    [
      'cannot be orphaned and deleted in the foreground',
      { name: 'a', namespace: 'n', finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: []string{"orphan", "foregroundDeletion"}: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      'has no more annotations than fit',
      { name: 'a', namespace: 'n', annotations: { a: 'x'.repeat(262_144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
  ])('%s', (_name, metadata, expected) => {
    expect(check(metadata)).toEqual(expected);
  });

  test('of a cluster-scoped object has no namespace', () => {
    expect(check({ name: 'a', namespace: 'n' }, false)).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ]);
  });

  test('keeps its identity, and gets no finalizers while it is deleted', () => {
    const old = { name: 'a', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] };
    const errors = checkObjectMetaUpdate({ ...old, uid: 'v', finalizers: ['x/z', 'x/y', 'x/z'] }, old);
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/z"}',
      'metadata.uid: Invalid value: "v": field is immutable',
    ]);
  });
});

test('selectors are checked', () => {
  const selector = {
    matchLabels: { 'a b': 'c' },
    matchExpressions: [
      { key: 'k', operator: 'In' },
      { key: 'k', operator: 'Exists', values: ['v'] },
      { key: 'k', operator: 'Like' },
    ],
  };
  expect(checkLabelSelector(selector, 's').map(({ field }) => field)).toEqual([
    's.matchLabels',
    's.matchExpressions[0].values',
    's.matchExpressions[1].values',
    's.matchExpressions[2].operator',
  ]);
});

test('field managers are short and printable', () => {
  expect(checkFieldManager('kubectl-client-side-apply')).toEqual([]);
  expect(checkFieldManager('a\u0000b')[0]!.message).toBe(
    'Invalid value: "a\\u0000b": invalid character U+0000 (at position 1)',
  );
  expect(checkFieldManager('a'.repeat(129))[0]!.reason).toBe('FieldValueTooLong');
});
