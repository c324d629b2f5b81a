import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makePod, TEMPLATE } from '../testing/objects.ts';
import { planEndpointSlice } from './endpoint-slice/plan-endpoint-slice.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { withCondition } from './kinds/meta.ts';
import { matchesSelector } from './matches-selector.ts';
import { fnv1a32, safeEncode, stableJson, templateHash, templatesEqual } from './template-hash.ts';

test.each([
  ['25%', 10, 'up', 3],
  ['25%', 10, 'down', 2],
  ['100%', 7, 'down', 7],
  [4, 10, 'up', 4],
] as const)('%s of %d, rounded %s, is %d', (value, total, rounding, expected) => {
  expect(resolveIntOrPercent(value, total, rounding)).toBe(expected);
});

test('hashes and encodes as Go’s hash/fnv and apimachinery do', () => {
  expect(fnv1a32('')).toBe(0x811c9dc5);
  expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  expect(safeEncode('0123456789')).toBe('456789bcdf');
});

test('templates are equal whatever the order of their fields and their hash label', () => {
  const a = {
    metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
  const b = { spec: { containers: [{ image: 'i', name: 'c' }] }, metadata: { labels: { app: 'web' } } };
  expect(templatesEqual(a, b)).toBe(true);
  expect(templateHash(b)).toBe(templateHash({ metadata: b.metadata, spec: b.spec }));
  expect(templatesEqual(a, { ...b, spec: { containers: [{ name: 'c', image: 'j' }] } })).toBe(false);
});

test('stable JSON does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(stableJson(reversed)).toBe(stableJson(value));
      expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('an empty selector matches everything, and every part must hold', () => {
  expect(matchesSelector({}, undefined)).toBe(true);
  expect(matchesSelector({ matchLabels: { a: '1' } }, { a: '1', b: '2' })).toBe(true);
  expect(matchesSelector({ matchLabels: { a: '1', b: '3' } }, { a: '1', b: '2' })).toBe(false);
  const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]) =>
    matchesSelector({ matchExpressions: [{ key: 'a', operator, ...(values && { values }) }] }, { a: '1' });
  expect([expression('In', ['1']), expression('In', ['2'])]).toEqual([true, false]);
  expect([expression('NotIn', ['1']), expression('NotIn', ['2'])]).toEqual([false, true]);
  expect([expression('Exists'), expression('DoesNotExist')]).toEqual([true, false]);
  expect(matchesSelector({ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['1'] }] }, {})).toBe(
    true,
  );
});

test('a condition keeps its transition time while its status stays', () => {
  const first = withCondition(undefined, { type: 'Ready', status: 'False', reason: 'A' }, 0);
  const second = withCondition(first, { type: 'Ready', status: 'False', reason: 'B' }, 60_000);
  expect(second).toEqual([
    { type: 'Ready', status: 'False', reason: 'B', lastTransitionTime: '1970-01-01T00:00:00Z' },
  ]);
  const third = withCondition(second, { type: 'Ready', status: 'True' }, 60_000);
  expect(third[0]?.lastTransitionTime).toBe('1970-01-01T00:01:00Z');
});

test('an EndpointSlice has the ready pods’ addresses and resolves named ports', () => {
  const service = {
    metadata: { name: 'web', namespace: 'shop', uid: 'service' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  const spec = { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }] };
  const slice = planEndpointSlice(service, [
    makePod('a', { ready: true, node: 'n1', podIP: '10.244.1.2', spec }),
    makePod('b', { podIP: '10.244.1.3', spec }),
    makePod('no-address', { ready: true, spec }),
    makePod('other', { labels: { app: 'other' }, ready: true, podIP: '10.244.1.4' }),
  ]);
  expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  expect(slice?.endpoints?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready])).toEqual([
    ['10.244.1.2', true],
    ['10.244.1.3', false],
  ]);
  expect(planEndpointSlice({ ...service, spec: {} }, [])).toBeUndefined();
});

test('templates that differ have hashes that differ, and so has the next try after a collision', () => {
  const other = { ...TEMPLATE, metadata: { ...TEMPLATE.metadata, labels: { other: 'yes' } } };
  const hashes = [
    templateHash(TEMPLATE),
    templateHash(other),
    templateHash(TEMPLATE, 1),
    templateHash(TEMPLATE, 2),
  ];
  expect(new Set(hashes).size).toBe(4);
});
