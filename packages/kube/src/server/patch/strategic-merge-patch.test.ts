import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBuiltinKind } from '../schema/builtin/registry.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const podSchema = findBuiltinKind('', 'v1', 'Pod')!.schema;
const deploymentSchema = findBuiltinKind('apps', 'v1', 'Deployment')!.schema;

function podWith(spec: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
}

function patchSpec(spec: JsonObject, patch: JsonObject): JsonValue | undefined {
  const result = applyStrategicMergePatch(podSchema, podWith(spec), { spec: patch });
  if (!result.ok) throw new Error(result.error.message);
  return result.value['spec'];
}

describe('a strategic merge patch', () => {
  test('merges items of a list by their merge key', () => {
    const spec = {
      containers: [
        { name: 'web', image: 'web:1' },
        { name: 'side', image: 'side:1' },
      ],
    };
    expect(patchSpec(spec, { containers: [{ name: 'web', image: 'web:2' }] })).toEqual({
      containers: [
        { name: 'web', image: 'web:2' },
        { name: 'side', image: 'side:1' },
      ],
    });
  });

  test('adds items that are new in front of the others, or where the order says', () => {
    const spec = { containers: [{ name: 'web' }] };
    expect(patchSpec(spec, { containers: [{ name: 'new' }] })).toEqual({
      containers: [{ name: 'new' }, { name: 'web' }],
    });
    const ordered = {
      '$setElementOrder/containers': [{ name: 'web' }, { name: 'new' }],
      containers: [{ name: 'new' }],
    };
    expect(patchSpec(spec, ordered)).toEqual({ containers: [{ name: 'web' }, { name: 'new' }] });
  });

  test('replaces lists that have no merge key', () => {
    const spec = { containers: [{ name: 'web', args: ['a', 'b'] }], tolerations: [{ key: 'a' }] };
    expect(
      patchSpec(spec, { containers: [{ name: 'web', args: ['c'] }], tolerations: [{ key: 'b' }] }),
    ).toEqual({
      containers: [{ name: 'web', args: ['c'] }],
      tolerations: [{ key: 'b' }],
    });
  });

  test('deletes an item with $patch: delete', () => {
    const spec = { containers: [{ name: 'web' }, { name: 'side' }] };
    expect(patchSpec(spec, { containers: [{ name: 'side', $patch: 'delete' }] })).toEqual({
      containers: [{ name: 'web' }],
    });
  });

  test('puts a new item into the place of a deleted one where the order says nothing of the others', () => {
    const spec = { containers: [{ name: 'old' }, { name: 'kept' }] };
    const containers = [{ name: 'new' }, { $patch: 'delete', name: 'old' }];
    expect(patchSpec(spec, { '$setElementOrder/containers': [{ name: 'new' }], containers })).toEqual({
      containers: [{ name: 'kept' }, { name: 'new' }],
    });
    expect(patchSpec(spec, { containers })).toEqual({ containers: [{ name: 'new' }, { name: 'kept' }] });
  });

  test('replaces a list with $patch: replace among its items', () => {
    const spec = { containers: [{ name: 'web' }, { name: 'side' }] };
    expect(patchSpec(spec, { containers: [{ name: 'only' }, { $patch: 'replace' }] })).toEqual({
      containers: [{ name: 'only' }],
    });
  });

  test('replaces and empties maps with $patch', () => {
    const spec = { nodeSelector: { a: '1', b: '2' }, securityContext: { runAsUser: 1, runAsGroup: 2 } };
    expect(
      patchSpec(spec, { nodeSelector: { $patch: 'replace', c: '3' }, securityContext: { $patch: 'delete' } }),
    ).toEqual({
      nodeSelector: { c: '3' },
      securityContext: {},
    });
  });

  test('removes fields that are null', () => {
    expect(patchSpec({ nodeName: 'n', hostname: 'h' }, { nodeName: null })).toEqual({ hostname: 'h' });
  });

  test('drops nulls and directives where there is nothing to merge with', () => {
    expect(patchSpec({}, { affinity: { nodeAffinity: null, podAffinity: { $patch: 'delete' } } })).toEqual({
      affinity: {},
    });
  });

  test('treats sets of text as sets', () => {
    const object = { metadata: { finalizers: ['a', 'b', 'c'] } };
    const result = applyStrategicMergePatch(podSchema, object, {
      metadata: {
        '$deleteFromPrimitiveList/finalizers': ['b'],
        '$setElementOrder/finalizers': ['a', 'd', 'c'],
        finalizers: ['d'],
      },
    });
    expect(result.ok && result.value).toEqual({ metadata: { finalizers: ['a', 'd', 'c'] } });
  });

  test('keeps only the keys that $retainKeys lists', () => {
    const object = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    const result = applyStrategicMergePatch(deploymentSchema, object, patch);
    expect(result.ok && result.value).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  test.each<[string, 'malformed' | 'unexpected', JsonObject]>([
    ['an unknown directive', 'unexpected', { spec: { containers: [{ name: 'web', $patch: 'explode' }] } }],
    ['an unknown directive in a map', 'unexpected', { spec: { $patch: 'explode' } }],
    ['an item without its merge key', 'unexpected', { spec: { containers: [{ image: 'x' }] } }],
    [
      'an order that the items do not have',
      'unexpected',
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
          containers: [{ name: 'a' }, { name: 'b' }],
        },
      },
    ],
    [
      'a field that $retainKeys does not list',
      'malformed',
      { spec: { $retainKeys: ['nodeName'], hostname: 'h' } },
    ],
    ['items of several types', 'malformed', { spec: { containers: ['web'] } }],
  ])('refuses %s', (_name, kind, patch) => {
    const result = applyStrategicMergePatch(podSchema, podWith({ containers: [{ name: 'web' }] }), patch);
    expect(result).toMatchObject({ ok: false, error: { kind } });
  });

  test('that kubectl would make from two pods turns one into the other', () => {
    fc.assert(
      fc.property(podSpec, podSpec, (from, to) => {
        const patch = makePatch(podSchema, podWith(from), podWith(to));
        const result = applyStrategicMergePatch(podSchema, podWith(from), patch);
        expect(result.ok && equalJson(result.value, podWith(to))).toBe(true);
      }),
    );
  });

  test('neither throws nor changes a prototype, whatever it is', () => {
    const key = fc.constantFrom(
      'spec',
      'containers',
      'name',
      '__proto__',
      'constructor',
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '$deleteFromPrimitiveList/__proto__',
      'finalizers',
    );
    const hostile = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<JsonValue>(null, 'delete', 'replace', 1, 'web'),
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      object: fc
        .array(fc.tuple(key, tie('value')), { maxLength: 4 })
        .map(
          (entries) =>
            JSON.parse(
              `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
            ) as JsonObject,
        ),
    })).object;
    fc.assert(
      fc.property(hostile, hostile, (document, patch) => {
        expect(typeof applyStrategicMergePatch(podSchema, document, patch).ok).toBe('boolean');
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
const container = (name: string) =>
  fc.record({
    name: fc.constant(name),
    image: fc.constantFrom('i:1', 'i:2'),
    args: optional(fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 3 })),
    env: optional(
      fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }), {
        selector: (variable) => variable.name,
        minLength: 1,
      }),
    ),
  });
const podSpec = fc
  .record({
    containers: fc
      .shuffledSubarray(['web', 'side', 'log'], { minLength: 1 })
      .chain((names) => fc.tuple(...names.map(container))),
    nodeSelector: optional(labels),
    hostname: optional(fc.constantFrom('h1', 'h2')),
    tolerations: optional(
      fc.array(fc.record({ key: fc.constantFrom('a', 'b') }), { minLength: 1, maxLength: 2 }),
    ),
  })
  .map((spec) => JSON.parse(JSON.stringify(spec)) as JsonObject);

/** The patch that turns one object into another, made as kubectl makes it: by merge keys, with the order of elements. */
function makePatch(schema: StructuralSchema | undefined, from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const field = schema?.properties?.[key];
    const before = getOwn(from, key);
    const after = to[key]!;
    if (equalJson(before, after)) continue;
    const mergeKey = field?.patchMergeKey;
    if (isJsonObject(before) && isJsonObject(after)) patch[key] = makePatch(field, before, after);
    else if (Array.isArray(before) && Array.isArray(after) && mergeKey !== undefined) {
      patch[`$setElementOrder/${key}`] = after.map((item) => ({
        [mergeKey]: (item as JsonObject)[mergeKey]!,
      }));
      patch[key] = listPatch(field?.items, { before, after, mergeKey });
    } else patch[key] = after;
  }
  return patch;
}

function listPatch(
  items: StructuralSchema | undefined,
  { before, after, mergeKey }: { before: JsonValue[]; after: JsonValue[]; mergeKey: string },
): JsonValue[] {
  const find = (list: JsonValue[], item: JsonValue) =>
    list.find((other) => (other as JsonObject)[mergeKey] === (item as JsonObject)[mergeKey]);
  const changed = after.flatMap((item) => {
    const old = find(before, item);
    if (equalJson(old, item)) return [];
    return [
      old
        ? {
            ...makePatch(items, old as JsonObject, item as JsonObject),
            [mergeKey]: (item as JsonObject)[mergeKey]!,
          }
        : item,
    ];
  });
  const gone = before
    .filter((item) => !find(after, item))
    .map((item) => ({ [mergeKey]: (item as JsonObject)[mergeKey]!, $patch: 'delete' }));
  return [...changed, ...gone];
}
