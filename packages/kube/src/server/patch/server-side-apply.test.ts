import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBuiltinKind } from '../schema/builtin/registry.ts';
import { compileCrdSchema, schemalessCrdSchema } from '../schema/compile-crd-schema.ts';
import { applyDefaults } from '../schema/default.ts';
import {
  cloneJson,
  equalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../schema/json.ts';
import { objectTypeOf, type ObjectType } from './object-type.ts';
import {
  applyServerSide,
  isNoOp,
  updateManagedFields,
  type ApplyError,
  type Writer,
} from './server-side-apply.ts';

const deploymentKind = findBuiltinKind('apps', 'v1', 'Deployment')!;
const deploymentType = objectTypeOf({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  schema: deploymentKind.schema,
  statusResets: deploymentKind.statusResets,
});
const widgetType = objectTypeOf({ apiVersion: 'example.com/v1', kind: 'Widget', schema: widgetSchema() });

const startMs = Date.UTC(2026, 0, 1);

describe('server-side apply', () => {
  test('creates an object and owns exactly what it names', () => {
    const object = apply('ci', undefined, widget({ size: 3, labels: { a: '1' } }));
    expect(object['spec']).toEqual({ size: 3, labels: { a: '1' } });
    expect(managersOf(object)).toEqual([
      {
        manager: 'ci',
        operation: 'Apply',
        apiVersion: 'example.com/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:labels': { 'f:a': {} }, 'f:size': {} } },
      },
    ]);
  });

  test('never owns apiVersion, kind, name, namespace and what the server sets', () => {
    const config = widget({ size: 1 });
    config['metadata'] = {
      name: 'w',
      namespace: 'n',
      uid: 'u',
      resourceVersion: '1',
      generation: 4,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { a: 'b' },
    };
    expect(fieldsOf(apply('ci', undefined, config), 'ci')).toEqual({
      'f:metadata': { 'f:labels': { 'f:a': {} } },
      'f:spec': { 'f:size': {} },
    });
  });

  test('conflicts with another manager that owns a field with another value, in upstream words', () => {
    const live = stored(create('kubectl-create', deployment({ replicas: 1 })));
    expect(applyError('ci', live, deployment({ replicas: 2 }, deploymentType))).toEqual({
      kind: 'conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas',
      causes: [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-create" using apps/v1',
          field: '.spec.replicas',
        },
      ],
    });
  });

  test('lists several conflicts by manager', () => {
    const first = apply('a', undefined, widget({ size: 1 }));
    const both = apply('b', stored(first), widget({ color: 'red', ports: [{ name: 'http', port: 80 }] }));
    const error = applyError(
      'c',
      stored(both),
      widget({ size: 2, color: 'blue', ports: [{ name: 'http', port: 81 }] }),
    );
    expect(error.message).toBe(
      [
        'Apply failed with 3 conflicts: conflicts with "a":',
        '- .spec.size',
        'conflicts with "b":',
        '- .spec.color',
        '- .spec.ports[name="http"].port',
      ].join('\n'),
    );
  });

  test('names the subresource of the manager that it conflicts with', () => {
    const live = stored(create('ci', widget({ size: 1 })));
    const scaled = stored(update('hpa', live, widget({ size: 5 }), { subresource: 'scale' }));
    expect(applyError('ci', scaled, widget({ size: 1 })).message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using example.com/v1: .spec.size',
    );
  });

  test('by force takes the field away from its owner', () => {
    const live = stored(apply('a', undefined, widget({ size: 1, color: 'red' })));
    const object = apply('b', live, widget({ size: 2 }), { force: true });
    expect(getSpec(object)).toEqual({ size: 2, color: 'red' });
    expect(fieldsOf(object, 'a')).toEqual({ 'f:spec': { 'f:color': {} } });
    expect(fieldsOf(object, 'b')).toEqual({ 'f:spec': { 'f:size': {} } });
  });

  test('shares a field that two managers apply with one value', () => {
    const live = stored(apply('a', undefined, widget({ size: 1 })));
    const shared = apply('b', live, widget({ size: 1, color: 'red' }));
    expect(fieldsOf(shared, 'a')).toEqual({ 'f:spec': { 'f:size': {} } });
    expect(fieldsOf(shared, 'b')).toEqual({ 'f:spec': { 'f:color': {}, 'f:size': {} } });
    const left = apply('a', stored(shared), widget({ labels: { a: 'b' } }));
    expect(getSpec(left)).toEqual({ size: 1, color: 'red', labels: { a: 'b' } });
    const gone = apply('b', stored(left), widget({ color: 'red' }));
    expect(getSpec(gone)).toEqual({ color: 'red', labels: { a: 'b' } });
  });

  test('removes a field that is no longer applied and nobody else owns', () => {
    const live = stored(
      apply(
        'a',
        undefined,
        widget({
          size: 1,
          labels: { a: '1', b: '2' },
          tags: ['x', 'y'],
          ports: [
            { name: 'http', port: 80 },
            { name: 'dns', port: 53 },
          ],
        }),
      ),
    );
    const object = apply(
      'a',
      live,
      widget({ size: 1, labels: { b: '2' }, tags: ['y'], ports: [{ name: 'dns', port: 53 }] }),
    );
    expect(getSpec(object)).toEqual({
      size: 1,
      labels: { b: '2' },
      tags: ['y'],
      ports: [{ name: 'dns', port: 53 }],
    });
  });

  test('keeps an item that another manager owns a part of', () => {
    const live = stored(apply('a', undefined, widget({ ports: [{ name: 'http', port: 80 }] })));
    const both = stored(apply('b', live, widget({ ports: [{ name: 'http', protocol: 'TCP' }] })));
    const object = apply('a', both, widget({}));
    expect(getSpec(object)).toEqual({ ports: [{ name: 'http', protocol: 'TCP' }] });
  });

  test('leaves defaults and what others set alone', () => {
    const live = stored(create('controller', widget({ size: 1, color: 'red' })));
    const object = apply('ci', live, widget({ labels: { a: 'b' } }));
    expect(getSpec(object)).toEqual({ size: 1, color: 'red', labels: { a: 'b' } });
  });

  test('owns an atomic list and an atomic map as a whole', () => {
    const live = stored(apply('a', undefined, widget({ steps: ['one', 'two'], selector: { a: '1' } })));
    expect(fieldsOf(live, 'a')).toEqual({ 'f:spec': { 'f:selector': {}, 'f:steps': {} } });
    const error = applyError('b', live, widget({ steps: ['one', 'two', 'three'], selector: { b: '2' } }));
    expect(error.kind === 'conflict' && error.causes.map((cause) => cause.field)).toEqual([
      '.spec.selector',
      '.spec.steps',
    ]);
    const object = apply('b', live, widget({ selector: { b: '2' } }), { force: true });
    expect(getSpec(object)).toEqual({ steps: ['one', 'two'], selector: { b: '2' } });
  });

  test('keeps the order of list items and puts new ones where the applier has them', () => {
    const live = stored(apply('a', undefined, widget({ tags: ['a', 'b', 'c'] })));
    expect(getSpec(apply('b', live, widget({ tags: ['x', 'b'] })))).toEqual({ tags: ['a', 'x', 'b', 'c'] });
    expect(getSpec(apply('a', live, widget({ tags: ['c', 'b', 'a'] })))).toEqual({ tags: ['c', 'b', 'a'] });
  });

  test('counts a missing key of a list item as its default', () => {
    const config = deployment(
      { template: template([{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }]) },
      deploymentType,
    );
    const object = apply('a', undefined, config, { type: deploymentType });
    expect(JSON.stringify(fieldsOf(object, 'a'))).toContain(
      'k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}',
    );
  });

  test('keeps time and object as they are when it changes nothing', () => {
    const live = stored(apply('a', undefined, widget({ size: 1 })));
    const outcome = applyServerSide(writer('a', { nowMs: startMs + 60_000 }), {
      live,
      config: widget({ size: 1 }),
      force: false,
    });
    expect(outcome.ok && outcome.value.changed).toBe(false);
    expect(outcome.ok && isNoOp(live, outcome.value.object)).toBe(true);
    expect(outcome.ok && managersOf(outcome.value.object)[0]!['time']).toBe('2026-01-01T00:00:00Z');
  });

  test('forgets a manager that applies nothing any more', () => {
    const live = stored(apply('a', undefined, widget({ size: 1, color: 'red' })));
    const both = stored(apply('b', live, widget({ color: 'red' })));
    const object = apply('b', both, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
    });
    expect(managersOf(object).map((entry) => entry['manager'])).toEqual(['a']);
  });

  test('calls what was there before the first apply its own name', () => {
    const live: JsonObject = { ...widget({ size: 1 }), metadata: { name: 'w', uid: 'u' } };
    const object = apply('a', live, widget({ color: 'red' }));
    expect(fieldsOf(object, 'before-first-apply')).toEqual({ 'f:spec': { '.': {}, 'f:size': {} } });
  });

  test('takes over fields that kubectl applied from the client, without force', () => {
    const config = widget({ size: 1, color: 'red' });
    const annotated = widget({ size: 1, color: 'red' });
    annotated['metadata'] = {
      name: 'w',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(config)}\n` },
    };
    const live = stored(create('kubectl-client-side-apply', annotated));
    const object = apply('kubectl', live, widget({ size: 2, color: 'red' }));
    expect(getSpec(object)).toEqual({ size: 2, color: 'red' });
    expect((object['metadata'] as JsonObject)['annotations']).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"color":"red","size":2}}\n',
    });
    expect(applyError('another', live, widget({ size: 2 })).kind).toBe('conflict');
  });

  test('still conflicts with kubectl where the live value is not what kubectl applied last', () => {
    const annotated = widget({ size: 7 });
    annotated['metadata'] = {
      name: 'w',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(widget({ size: 1 })),
      },
    };
    const live = stored(create('autoscaler', annotated));
    expect(applyError('kubectl', live, widget({ size: 1 })).kind).toBe('conflict');
  });

  test('on the main resource owns no status, and on status nothing else', () => {
    const config: JsonObject = { ...widget({ size: 1 }), status: { ready: true } };
    expect(fieldsOf(apply('a', undefined, config), 'a')).toEqual({ 'f:spec': { 'f:size': {} } });
    const live = stored(apply('a', undefined, widget({ size: 1 })));
    const object = apply(
      'b',
      live,
      { ...widget({ size: 1 }), status: { ready: true } },
      { subresource: 'status' },
    );
    expect(fieldsOf(object, 'b')).toEqual({ 'f:status': { 'f:ready': {} } });
    expect(managersOf(object).find((entry) => entry['manager'] === 'b')!['subresource']).toBe('status');
  });

  test.each<[string, JsonObject, ApplyError]>([
    [
      'an unknown field',
      widget({ sise: 1 }),
      {
        kind: 'mismatch',
        message:
          'failed to create typed patch object (/w; example.com/v1, Kind=Widget): .spec.sise: field not declared in schema',
      },
    ],
    [
      'a wrong type',
      widget({ size: 'big' }),
      {
        kind: 'mismatch',
        message:
          'failed to create typed patch object (/w; example.com/v1, Kind=Widget): .spec.size: expected numeric (int or float), got string',
      },
    ],
    [
      'an item without its key',
      widget({ ports: [{ port: 1 }] }),
      {
        kind: 'mismatch',
        message:
          'failed to create typed patch object (/w; example.com/v1, Kind=Widget): .spec.ports: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
      },
    ],
    [
      'an item twice',
      widget({ tags: ['a', 'a'] }),
      {
        kind: 'mismatch',
        message:
          'failed to create typed patch object (/w; example.com/v1, Kind=Widget): .spec.tags: duplicate entries for key [="a"]',
      },
    ],
    [
      'managedFields',
      { ...widget({}), metadata: { name: 'w', managedFields: [] } },
      { kind: 'bad-request', message: 'metadata.managedFields must be nil' },
    ],
    [
      'another kind',
      { ...widget({}), kind: 'Gadget' },
      { kind: 'bad-request', message: 'invalid object type: example.com/v1, Kind=Gadget' },
    ],
  ])('refuses %s', (_name, config, expected) => {
    expect(applyError('a', undefined, config)).toEqual(expected);
  });

  test('merges maps and replaces lists where there is no schema', () => {
    const type = objectTypeOf({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      schema: schemalessCrdSchema(),
    });
    const live = stored(apply('a', undefined, widget({ any: { x: 1, list: [1, 2] } }), { type }));
    expect(fieldsOf(live, 'a')).toEqual({
      'f:spec': { '.': {}, 'f:any': { '.': {}, 'f:list': {}, 'f:x': {} } },
    });
    const object = apply('b', live, widget({ any: { y: 2 } }), { type });
    expect(getSpec(object)).toEqual({ any: { x: 1, list: [1, 2], y: 2 } });
    const error = applyError('b', live, widget({ any: { list: [3] } }), { type });
    expect(error.kind === 'conflict' && error.causes.map((cause) => cause.field)).toEqual(['.spec.any.list']);
  });

  test('gives who owned parts of a map that has become atomic the whole of it', () => {
    const live = stored(apply('a', undefined, widget({ labels: { a: '1' } })));
    const atomic = objectTypeOf({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      schema: widgetSchema({ labelsType: 'atomic' }),
    });
    const object = apply('b', live, widget({ size: 1 }), { type: atomic });
    expect(fieldsOf(object, 'a')).toEqual({ 'f:spec': { 'f:labels': {} } });
  });

  test('forgets managers of versions that are no longer served', () => {
    const live = stored(apply('a', undefined, widget({ size: 1 })));
    const renamed = JSON.parse(
      JSON.stringify(live).replaceAll(
        '"apiVersion":"example.com/v1","time"',
        '"apiVersion":"example.com/v0","time"',
      ),
    ) as JsonObject;
    expect(
      managersOf(apply('b', renamed, widget({ color: 'red' }))).map((entry) => entry['manager']),
    ).toEqual(['b']);
    const type = objectTypeOf({ apiVersion: 'example.com/v1', kind: 'Widget', schema: widgetSchema() }, [
      'example.com/v0',
    ]);
    expect(
      managersOf(apply('b', renamed, widget({ color: 'red' }), { type })).map((entry) => entry['manager']),
    ).toEqual(['a', 'b']);
  });
});

describe('managedFields of updates', () => {
  test('are those that Kubernetes writes for a created Deployment', () => {
    const object = deployment(
      { replicas: 3, template: template([{ name: 'c', image: 'nginx:1', ports: [{ containerPort: 80 }] }]) },
      deploymentType,
    );
    applyDefaults(deploymentKind.schema, object);
    deploymentKind.complete!(object);
    expect(fieldsOf(create('kubectl-create', object, deploymentType), 'kubectl-create')).toEqual({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"c"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    });
  });

  test('go to who changed a field, and leave its owner before', () => {
    const live = stored(create('a', widget({ size: 1, color: 'red' })));
    const object = update('b', live, widget({ size: 2, color: 'red' }), { nowMs: startMs + 5000 });
    expect(fieldsOf(object, 'a')).toEqual({ 'f:spec': { '.': {}, 'f:color': {} } });
    expect(fieldsOf(object, 'b')).toEqual({ 'f:spec': { 'f:size': {} } });
    expect(managersOf(object).map((entry) => entry['time'])).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:05Z',
    ]);
  });

  test('are taken from an applier, which conflicts when it applies again', () => {
    const live = stored(apply('ci', undefined, widget({ size: 1 })));
    const edited = stored(update('kubectl-edit', live, widget({ size: 9 })));
    expect(applyError('ci', edited, widget({ size: 1 })).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-edit" using example.com/v1: .spec.size',
    );
  });

  test('keep their time when an update changes nothing', () => {
    const live = stored(create('a', widget({ size: 1 })));
    const object = update('a', live, cloneJson(live), { nowMs: startMs + 60_000 });
    expect(managersOf(object)).toEqual(managersOf(live));
    expect(isNoOp(live, object)).toBe(true);
  });

  test('survive a client that sends none back, and are cleared by one empty entry', () => {
    const live = stored(create('a', widget({ size: 1 })));
    expect(managersOf(update('b', live, widget({ size: 1 })))).toEqual(managersOf(live));
    const cleared = { ...widget({ size: 1 }), metadata: { name: 'w', uid: 'u', managedFields: [{}] } };
    expect(managersOf(update('b', live, cleared))).toEqual([]);
    const emptied = { ...widget({ size: 1 }), metadata: { name: 'w', uid: 'u', managedFields: [] } };
    expect(managersOf(update('b', live, emptied))).toEqual([]);
    const unmanaged = stored({ ...widget({ size: 1 }), metadata: { name: 'w', uid: 'u' } });
    expect(managersOf(update('b', unmanaged, widget({ size: 2 })))).toEqual([]);
  });

  test('cannot be written through a subresource', () => {
    const live = stored(create('a', widget({ size: 1 })));
    const cleared = { ...widget({ size: 1 }), metadata: { name: 'w', uid: 'u', managedFields: [{}] } };
    expect(managersOf(update('b', live, cleared, { subresource: 'status' }))).toEqual(managersOf(live));
  });

  test('that somebody wrote in a malformed way are ignored', () => {
    const live = stored(create('a', widget({ size: 1 })));
    const broken = {
      ...widget({ size: 1 }),
      metadata: {
        name: 'w',
        managedFields: [{ manager: 'x', operation: 'Sing', apiVersion: 'v1', fieldsType: 'FieldsV1' }],
      },
    };
    expect(managersOf(update('b', live, broken))).toEqual(managersOf(live));
  });

  test('keep at most ten updaters and merge the oldest', () => {
    let live = stored(create('m0', widget({ labels: { k0: 'v' } })));
    const labels: JsonObject = { k0: 'v' };
    for (let index = 1; index <= 12; index++) {
      labels[`k${index}`] = 'v';
      live = stored(
        update(`m${index}`, live, widget({ labels: { ...labels } }), { nowMs: startMs + index * 1000 }),
      );
    }
    expect(managersOf(live).map((entry) => entry['manager'])).toEqual(
      ['ancient-changes', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12'].toSorted(
        (left, right) => order(left) - order(right),
      ),
    );
    expect(fieldsOf(live, 'ancient-changes')).toEqual({
      'f:spec': { '.': {}, 'f:labels': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } },
    });
  });

  test('call a manager without a name unknown', () => {
    expect(managersOf(create('', widget({ size: 1 }))).map((entry) => entry['manager'])).toEqual(['unknown']);
  });
});

const size = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined });
const config = fc
  .record({
    size,
    color: fc.option(fc.constantFrom('red', 'blue'), { nil: undefined }),
    labels: fc.option(
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.constantFrom('1', '2')),
      { nil: undefined },
    ),
    tags: fc.option(fc.uniqueArray(fc.constantFrom('x', 'y', 'z')), { nil: undefined }),
    ports: fc.option(
      fc.uniqueArray(fc.record({ name: fc.constantFrom('p', 'q'), port: fc.integer({ min: 1, max: 2 }) }), {
        selector: (port) => port.name,
      }),
      { nil: undefined },
    ),
    steps: fc.option(fc.array(fc.constantFrom('s', 't'), { maxLength: 2 }), { nil: undefined }),
  })
  .map((spec) => widget(JSON.parse(JSON.stringify(spec)) as JsonObject));

describe('whatever is applied', () => {
  test('applying it again changes nothing', () => {
    fc.assert(
      fc.property(config, config, (before, again) => {
        const live = stored(apply('a', undefined, before));
        const first = apply('b', live, again, { force: true });
        const second = applyServerSide(writer('b', { nowMs: startMs + 1000 }), {
          live: stored(first),
          config: again,
          force: false,
        });
        expect(second.ok && isNoOp(stored(first), second.value.object)).toBe(true);
      }),
    );
  });

  test('two managers with fields of their own may come in any order', () => {
    fc.assert(
      fc.property(config, size, fc.constantFrom('red', 'blue'), (base, width, color) => {
        const live = stored(apply('base', undefined, base));
        const left = widget({ extra: { left: width ?? 0 } });
        const right = widget({ extra: { right: color } });
        const one = apply('right', stored(apply('left', live, left)), right);
        const other = apply('left', stored(apply('right', live, right)), left);
        expect(equalJson(one, other)).toBe(true);
      }),
    );
  });

  test('fields of others that it does not name stay byte for byte what they were', () => {
    fc.assert(
      fc.property(config, config, (foreign, mine) => {
        const live = stored(apply('foreign', undefined, foreign));
        const applied = applyServerSide(writer('me'), { live, config: mine, force: false });
        if (!applied.ok) return;
        expect(JSON.stringify(fieldsOf(applied.value.object, 'foreign'))).toBe(
          JSON.stringify(fieldsOf(live, 'foreign')),
        );
        expect(() => apply('foreign', stored(applied.value.object), foreign)).not.toThrow();
      }),
    );
  });

  test('by force, a field that changed has exactly one owner', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 3, max: 9 }),
        (owners, value) => {
          let live = stored(apply('first', undefined, widget({ size: 1 })));
          for (const owner of owners) live = stored(apply(owner, live, widget({ size: 1 })));
          const object = apply('winner', live, widget({ size: value }), { force: true });
          const holders = managersOf(object).filter((entry) =>
            JSON.stringify(entry['fieldsV1']).includes('f:size'),
          );
          expect(holders.map((entry) => entry['manager'])).toEqual(['winner']);
        },
      ),
    );
  });

  test('neither throws, nor changes the live object or a prototype', () => {
    const key = fc.constantFrom(
      'spec',
      'metadata',
      'labels',
      'ports',
      'name',
      '__proto__',
      'constructor',
      'managedFields',
      'f:a',
      'k:{',
    );
    const hostile = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<JsonValue>(null, 'x', 1, true),
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
      fc.property(hostile, hostile, (live, object) => {
        const before = JSON.stringify(live);
        applyServerSide(writer('a'), {
          live,
          config: { ...object, apiVersion: 'example.com/v1', kind: 'Widget' },
          force: true,
        });
        updateManagedFields(writer('a'), live, object);
        updateManagedFields(writer('a'), undefined, object);
        expect(JSON.stringify(live)).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('a configuration that nests too deep is refused', () => {
    let deep: JsonValue = {};
    for (let level = 0; level < 60_000; level++) deep = { a: deep };
    expect(applyError('a', undefined, widget({ extra: deep })).kind).toBe('bad-request');
  });
});

function widget(spec: JsonObject): JsonObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec };
}

function deployment(spec: JsonObject, _type: ObjectType = deploymentType): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
  };
}

function template(containers: JsonValue[]): JsonObject {
  return { metadata: { labels: { app: 'x' } }, spec: { containers } };
}

function widgetSchema({ labelsType = 'granular' } = {}) {
  const schema = compileCrdSchema({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          size: { type: 'integer' },
          color: { type: 'string' },
          labels: {
            type: 'object',
            additionalProperties: { type: 'string' },
            'x-kubernetes-map-type': labelsType,
          },
          selector: {
            type: 'object',
            additionalProperties: { type: 'string' },
            'x-kubernetes-map-type': 'atomic',
          },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          steps: { type: 'array', items: { type: 'string' } },
          ports: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              required: ['name'],
              properties: {
                name: { type: 'string' },
                port: { type: 'integer' },
                protocol: { type: 'string' },
              },
            },
          },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
      status: { type: 'object', properties: { ready: { type: 'boolean' } } },
    },
  });
  if (!schema.ok) throw new Error(JSON.stringify(schema.error));
  return schema.value;
}

interface Options {
  readonly type?: ObjectType;
  readonly force?: boolean;
  readonly subresource?: string;
  readonly nowMs?: number;
}

function writer(
  manager: string,
  { type = widgetType, subresource = '', nowMs = startMs }: Options = {},
): Writer {
  return { type, manager, subresource, hasStatus: true, nowMs };
}

function typeFor(object: JsonObject, type: ObjectType | undefined): ObjectType {
  return type ?? (object['kind'] === 'Deployment' ? deploymentType : widgetType);
}

function apply(
  manager: string,
  live: JsonObject | undefined,
  object: JsonObject,
  options: Options = {},
): JsonObject {
  const who = writer(manager, { ...options, type: typeFor(object, options.type) });
  const outcome = applyServerSide(who, { live, config: object, force: options.force === true });
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value.object;
}

function applyError(
  manager: string,
  live: JsonObject | undefined,
  object: JsonObject,
  options: Options = {},
): ApplyError {
  const type = options.type ?? (live?.['kind'] === 'Deployment' ? deploymentType : widgetType);
  const outcome = applyServerSide(writer(manager, { ...options, type }), {
    live,
    config: object,
    force: false,
  });
  if (outcome.ok) throw new Error('was applied');
  return outcome.error;
}

function create(manager: string, object: JsonObject, type?: ObjectType): JsonObject {
  return updateManagedFields(writer(manager, { type: typeFor(object, type) }), undefined, object);
}

function update(manager: string, live: JsonObject, object: JsonObject, options: Options = {}): JsonObject {
  return updateManagedFields(writer(manager, options), live, object);
}

/** The object as the server stores it: with a uid, read from its JSON. */
function stored(object: JsonObject): JsonObject {
  const copy = cloneJson(object);
  const metadata = copy['metadata'];
  if (isJsonObject(metadata)) metadata['uid'] = 'u';
  return copy;
}

function managersOf(object: JsonObject): JsonObject[] {
  const metadata = object['metadata'];
  const entries = isJsonObject(metadata) ? getOwn(metadata, 'managedFields') : undefined;
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

function fieldsOf(object: JsonObject, manager: string): JsonValue | undefined {
  return managersOf(object).find((entry) => entry['manager'] === manager)?.['fieldsV1'];
}

function getSpec(object: JsonObject): JsonValue | undefined {
  return object['spec'];
}

function order(manager: string): number {
  return manager === 'ancient-changes' ? 0 : Number(manager.slice(1));
}
