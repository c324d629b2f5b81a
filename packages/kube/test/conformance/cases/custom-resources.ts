import { describe, expect, it } from 'vitest';
import type { Answer, Api, Json } from '../api.ts';
import { eventually } from '../api.ts';
import { definition } from '../objects.ts';
import type { Get } from '../suite.ts';
import { wordsOf } from './kubernetes-words.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', default: 'red', enum: ['red', 'green'] },
        replicas: { type: 'integer' },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, port: { type: 'integer', default: 80 } },
          },
        },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

export function customResourceCases(get: Get): void {
  describe('custom resources', () => {
    it('are served once their definition is established, and found by discovery and OpenAPI', async () => {
      const { api, plural, kind, path } = await begin(get);
      const trueOf = (answer: Answer): string[] =>
        (answer.body.status?.conditions ?? [])
          .filter((condition: Json) => condition.status === 'True')
          .map((condition: Json) => condition.type);
      const read = await eventually(
        () => api.get(`${DEFINITIONS}/${plural}.example.com`),
        (answer) => trueOf(answer).includes('Established'),
      );
      const { status } = read.body;
      expect(trueOf(read)).toEqual(expect.arrayContaining(['NamesAccepted', 'Established']));
      expect(status.acceptedNames).toMatchObject({
        plural,
        kind,
        singular: kind.toLowerCase(),
        listKind: `${kind}List`,
      });
      expect(status.storedVersions).toEqual(['v1']);
      expect((await api.get(path)).body).toMatchObject({
        kind: `${kind}List`,
        apiVersion: 'example.com/v1',
        items: [],
      });
      const found = await eventually(
        () => api.get('/apis/example.com/v1'),
        ({ body }) => (body?.resources ?? []).some((resource: Json) => resource.name === plural),
      );
      expect(found.body.resources.map((resource: Json) => resource.name)).toEqual(
        expect.arrayContaining([plural, `${plural}/status`, `${plural}/scale`]),
      );
      const document = await eventually(
        () => api.get('/openapi/v3/apis/example.com/v1'),
        ({ body }) => body?.components?.schemas?.[`com.example.v1.${kind}`] !== undefined,
      );
      expect(
        document.body.components.schemas[`com.example.v1.${kind}`].properties.spec.properties.size,
      ).toMatchObject({ type: 'integer', maximum: 10 });
    });

    it('are defaulted, pruned and validated by their schema', async () => {
      const { api, path, object } = await begin(get);
      const made = await api.create(
        path,
        object('one', { size: 3, nothing: 1, open: { any: { thing: true } }, ports: [{ name: 'http' }] }),
      );
      expect(made.code).toBe(201);
      expect(made.body.spec).toEqual({
        size: 3,
        color: 'red',
        open: { any: { thing: true } },
        ports: [{ name: 'http', port: 80 }],
      });
      expect(made.headers['warning']).toContain('unknown field \\"spec.nothing\\"');
      const bad = await api.create(path, object('two', { size: 30, color: 'blue' }));
      expect(bad.code).toBe(422);
      expect(bad.body.details.causes.map(({ field }: Json) => field).sort()).toEqual([
        'spec.color',
        'spec.size',
      ]);
      const missing = await api.create(path, object('two', {}));
      expect(missing.body.message).toContain('spec.size: Required value');
      const wrong = await api.create(path, object('two', { size: 'big' }));
      expect(wrong.code).toBe(422);
      expect(wrong.body.message).toContain('spec.size in body must be of type integer: "string"');
    });

    it('are refused for unknown fields when asked to be strict, those of metadata named first', async () => {
      const { api, path, object, kind } = await begin(get);
      const { metadata, ...rest } = object('one', { size: 3, nothing: 1 });
      const { code, body } = await api.create(`${path}?fieldValidation=Strict`, {
        ...rest,
        another: 1,
        metadata: { ...metadata, unknown: 1, more: 2 },
      });
      expect([code, body.message]).toEqual([
        400,
        `${kind} in version "v1" cannot be handled as a ${kind}: strict decoding error: ` +
          'unknown field "metadata.more", unknown field "metadata.unknown", unknown field "another", unknown field "spec.nothing"',
      ]);
    });

    it('keep their managers where they are sent an empty list of them, and forget them on request', async () => {
      const { api, path, object } = await begin(get);
      await api.apply(`${path}/one`, 'me', object('one', { size: 3 }));
      const managersOf = ({ body }: Answer) =>
        (body.metadata.managedFields ?? []).map(({ manager }: Json) => manager);
      const none = { metadata: { managedFields: [] } };
      expect(managersOf(await api.merge(`${path}/one?dryRun=All`, none))).toEqual(['me']);
      expect(managersOf(await api.merge(`${path}/one`, none))).toEqual(['me']);
      expect(managersOf(await api.merge(`${path}/one`, { metadata: { managedFields: [{}] } }))).toEqual([]);
    });

    it('have no managers where their status came mistyped, which is thrown away', async () => {
      const { api, path, object } = await begin(get);
      const { body } = await api.create(path, {
        ...object('one', { size: 1 }),
        status: { replicas: 'many' },
      });
      expect([body.spec.size, body.status, body.metadata.managedFields]).toEqual([1, undefined, undefined]);
    });

    it('have their status owned, where a fraction for a whole number came beside it, which is thrown away', async () => {
      const { api, path, object } = await begin(get);
      await api.create(path, object('one', { size: 1 }));
      const { body } = await api.merge(`${path}/one/status`, {
        spec: { size: 1.5 },
        status: { replicas: 2 },
      });
      expect([body.spec.size, body.status]).toEqual([1, { replicas: 2 }]);
      const ofStatus = body.metadata.managedFields.filter(
        ({ subresource }: Json) => subresource === 'status',
      );
      expect(ofStatus).toMatchObject([{ fieldsV1: { 'f:status': { 'f:replicas': {} } } }]);
    });

    it('lose nulls that are sent to them, but not those that are applied, which they may refuse', async () => {
      const { api, path, object } = await begin(get);
      const { body } = await api.create(path, object('one', { size: 1, replicas: null, color: null }));
      expect(body.spec).toEqual({ size: 1, color: 'red' });
      const applied = await api.apply(
        `${path}/two`,
        'me',
        object('two', { size: 1, replicas: null, color: null }),
      );
      expect(applied.code).toBe(422);
      expect(applied.body.message).toContain('spec.replicas in body must be of type integer: "null"');
      const defaulted = await api.apply(`${path}/two`, 'me', object('two', { size: 1, color: null }));
      expect(defaulted.body.spec).toEqual({ size: 1, color: 'red' });
    });

    it('take a status of nothing that is applied where there is none, and keep none', async () => {
      const { api, path, object } = await begin(get);
      await api.create(path, object('one', { size: 1 }));
      const { kind, apiVersion } = object('one', {}) as Json;
      const nothing = { kind, apiVersion, metadata: { name: 'one' }, status: null };
      const { code, body } = await api.apply(`${path}/one/status`, 'me', nothing);
      expect([code, 'status' in body]).toEqual([200, false]);
      const mine = body.metadata.managedFields.find(({ manager }: Json) => manager === 'me');
      expect(mine).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': {} } });
      const wrong = await api.apply(`${path}/one/status`, 'me', { ...nothing, status: { replicas: null } });
      expect(wrong.code).toBe(422);
    });

    it('keep status and spec apart', async () => {
      const { api, path, object } = await begin(get);
      const made = (await api.create(path, { ...object('one', { size: 1 }), status: { replicas: 9 } })).body;
      expect(made.status).toBeUndefined();
      const reported = (
        await api.put(`${path}/one/status`, { ...made, spec: { size: 7 }, status: { replicas: 2 } })
      ).body;
      expect([reported.spec.size, reported.status.replicas]).toEqual([1, 2]);
      expect(reported.metadata.generation).toBe(1);
      const changed = (
        await api.put(`${path}/one`, { ...reported, spec: { size: 5 }, status: { replicas: 99 } })
      ).body;
      expect([changed.spec.size, changed.status.replicas, changed.metadata.generation]).toEqual([5, 2, 2]);
    });

    it('scale by the paths of their definition', async () => {
      const { api, path, object } = await begin(get);
      await api.create(path, object('one', { size: 1, replicas: 3 }));
      const scale = (await api.get(`${path}/one/scale`)).body;
      expect(scale).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'one' },
        spec: { replicas: 3 },
      });
      expect((await api.merge(`${path}/one/scale`, { spec: { replicas: 4 } })).body.spec.replicas).toBe(4);
      expect((await api.get(`${path}/one`)).body.spec.replicas).toBe(4);
    });

    it('are applied by the list types of their schema', async () => {
      const { api, path, object } = await begin(get);
      await api.apply(`${path}/one`, 'a', object('one', { size: 1, ports: [{ name: 'http', port: 1 }] }));
      const { code, body } = await api.apply(
        `${path}/one`,
        'b',
        object('one', { size: 1, ports: [{ name: 'dns', port: 2 }] }),
      );
      expect(code).toBe(200);
      expect(body.spec.ports).toEqual([
        { name: 'http', port: 1 },
        { name: 'dns', port: 2 },
      ]);
    });

    it('obey the rules of x-kubernetes-validations, also those on changes', async () => {
      const { api, freshName, freshNamespace, minor } = get();
      const plural = freshName('rules').replaceAll('-', '');
      const kind = `R${plural}`;
      const schema = {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              low: { type: 'integer' },
              high: { type: 'integer' },
              fixed: {
                type: 'string',
                'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'cannot change' }],
              },
            },
            'x-kubernetes-validations': [
              { rule: 'self.low <= self.high', message: 'low must not exceed high' },
            ],
          },
        },
      };
      expect((await api.create(DEFINITIONS, definition(plural, kind, schema))).code).toBe(201);
      const path = `/apis/example.com/v1/namespaces/${await freshNamespace()}/${plural}`;
      await eventually(
        () => api.get(path),
        ({ code }) => code === 200,
      );
      const object = (spec: Json) => ({
        apiVersion: 'example.com/v1',
        kind,
        metadata: { name: 'one' },
        spec,
      });
      const bad = await eventually(
        () => api.create(path, object({ low: 2, high: 1 })),
        ({ code }) => code === 422,
      );
      // Since 1.35 the value itself is shown, where it is no object and no list; before its type.
      const inObject = { minor: 35, words: 'Invalid value', before: 'Invalid value: "object"' };
      expect(bad.body.message).toContain(`spec: ${wordsOf(inObject, minor)}: low must not exceed high`);
      expect((await api.create(path, object({ low: 1, high: 2, fixed: 'a' }))).code).toBe(201);
      const changed = await api.merge(`${path}/one`, { spec: { fixed: 'b' } });
      expect(changed.code).toBe(422);
      const inText = { minor: 35, words: '"b"', before: '"string"' };
      expect(changed.body.message).toContain(
        `spec.fixed: Invalid value: ${wordsOf(inText, minor)}: cannot change`,
      );
      await api.delete(`${DEFINITIONS}/${plural}.example.com`);
    });

    it('are refused a strategic merge patch', async () => {
      const { api, path, object } = await begin(get);
      await api.create(path, object('one', { size: 1 }));
      expect((await api.strategic(`${path}/one`, { spec: { size: 2 } })).code).toBe(415);
    });

    it.each([
      [
        'a name that is not plural.group',
        (crd: Json) => (crd.metadata.name = 'x.example.com'),
        'metadata.name',
      ],
      [
        'no schema',
        (crd: Json) => delete crd.spec.versions[0].schema,
        'spec.versions[0].schema.openAPIV3Schema',
      ],
      ['no storage version', (crd: Json) => (crd.spec.versions[0].storage = false), 'spec.versions'],
    ])('have no definition with %s', async (_what, spoil, field) => {
      const { api, freshName } = get();
      const plural = freshName('bad').replaceAll('-', '');
      const crd = definition(plural, `B${plural}`, SCHEMA);
      spoil(crd);
      const { code, body } = await api.create(DEFINITIONS, crd);
      expect(code).toBe(422);
      expect(body.details.causes.map((cause: Json) => cause.field)).toContain(field);
    });

    it('have no definition whose schema is not structural', async () => {
      const { api, freshName } = get();
      const plural = freshName('bad').replaceAll('-', '');
      const { code, body } = await api.create(
        DEFINITIONS,
        definition(plural, `B${plural}`, { type: 'object', properties: { spec: {} } }),
      );
      expect(code).toBe(422);
      expect(body.message).toContain('must not be empty for specified object fields');
    });

    it('go with their definition', async () => {
      const { api, plural, path, object } = await begin(get);
      await api.create(path, object('one', { size: 1 }));
      await api.delete(`${DEFINITIONS}/${plural}.example.com`);
      await eventually(
        () => api.get(`${DEFINITIONS}/${plural}.example.com`),
        ({ code }) => code === 404,
      );
      const gone = await eventually(
        () => api.get(path),
        ({ code }) => code === 404,
      );
      expect(gone.code).toBe(404);
    });
  });
}

async function begin(get: Get) {
  const { api, freshName, freshNamespace } = get();
  const plural = freshName('widgets').replaceAll('-', '');
  const kind = `W${plural}`;
  const version = {
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
  };
  const made = await api.create(DEFINITIONS, definition(plural, kind, SCHEMA, version));
  expect(made.code).toBe(201);
  const path = `/apis/example.com/v1/namespaces/${await freshNamespace()}/${plural}`;
  await served(api, path);
  const object = (name: string, spec: Json) => ({
    apiVersion: 'example.com/v1',
    kind,
    metadata: { name },
    spec,
  });
  return { api, plural, kind, path, object };
}

async function served(api: Api, path: string): Promise<void> {
  await eventually(
    () => api.get(path),
    ({ code }) => code === 200,
  );
}
