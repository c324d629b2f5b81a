import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { configMap, deployment, pod, service } from '../objects.ts';
import type { Get } from '../suite.ts';

export function validationCases(get: Get): void {
  describe('validation', () => {
    it('names every wrong field with its reason', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const { code, body } = await api.create(path, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'one' },
        spec: { containers: [{ name: 'A' }] },
      });
      expect(code).toBe(422);
      expect(body).toMatchObject({ reason: 'Invalid', details: { name: 'one', kind: 'Pod' } });
      expect(causes(body)).toEqual(
        expect.arrayContaining([
          ['FieldValueInvalid', 'spec.containers[0].name'],
          ['FieldValueRequired', 'spec.containers[0].image'],
        ]),
      );
      expect(body.message).toMatch(/^Pod "one" is invalid: \[/);
    });

    it.each([
      ['UPPER', 422],
      ['-dash', 422],
      ['a'.repeat(254), 422],
      ['good.name-1', 201],
    ])('checks the name %s', async (name, expected) => {
      const { api, freshNamespace } = get();
      const { code } = await api.create(
        `/api/v1/namespaces/${await freshNamespace()}/configmaps`,
        configMap(name),
      );
      expect(code).toBe(expected);
    });

    it('needs a name or generateName', async () => {
      const { code, body } = await get().api.create('/api/v1/namespaces/default/configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
      });
      expect(code).toBe(422);
      expect(body.message).toContain('metadata.name: Required value: name or generateName is required');
    });

    it('checks labels and annotations', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const bad = await api.create(path, configMap('one', { labels: { ok: 'not ok!' } }));
      expect(causes(bad.body)).toEqual([['FieldValueInvalid', 'metadata.labels']]);
      const long = await api.create(path, configMap('one', { annotations: { a: 'x'.repeat(256 * 1024) } }));
      expect(causes(long.body)).toEqual([['FieldValueTooLong', 'metadata.annotations']]);
    });

    it.each([
      [
        'a selector that does not fit the template',
        { spec: { selector: { matchLabels: { app: 'other' } } } },
        'spec.template.metadata.labels',
      ],
      ['a negative number of replicas', { spec: { replicas: -1 } }, 'spec.replicas'],
    ])('refuses a Deployment with %s', async (_what, change, field) => {
      const { api, freshNamespace } = get();
      const object = deployment('one');
      Object.assign(object.spec, change.spec);
      const { code, body } = await api.create(
        `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`,
        object,
      );
      expect(code).toBe(422);
      expect(causes(body).map(([, path]) => path)).toContain(field);
    });

    it('refuses to change the selector of a Deployment', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      await api.create(path, deployment('one', {}, {}));
      const { code, body } = await api.merge(`${path}/one`, {
        spec: {
          selector: { matchLabels: { app: null, new: 'x' } },
          template: { metadata: { labels: { new: 'x' } } },
        },
      });
      expect(code).toBe(422);
      expect(body.message).toContain('spec.selector: Invalid value');
      expect(body.message).toContain('field is immutable');
    });

    it('refuses to change most of a pod', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one'));
      const { code, body } = await api.strategic(`${path}/one`, {
        spec: { containers: [{ name: 'main', command: ['new'] }] },
      });
      expect(code).toBe(422);
      expect(body.message).toContain('pod updates may not change fields other than');
      expect(
        (await api.strategic(`${path}/one`, { spec: { containers: [{ name: 'main', image: 'other:2' }] } }))
          .code,
      ).toBe(200);
    });

    it.each([
      [{ ports: [] }, 'spec.ports'],
      [{ ports: [{ port: 0 }] }, 'spec.ports[0].port'],
      [{ ports: [{ port: 1 }, { port: 2 }] }, 'spec.ports[0].name'],
      [{ type: 'Nothing' }, 'spec.type'],
    ])('refuses a Service of %j', async (spec, field) => {
      const { api, freshNamespace } = get();
      const { code, body } = await api.create(
        `/api/v1/namespaces/${await freshNamespace()}/services`,
        service('one', spec),
      );
      expect(code).toBe(422);
      expect(causes(body).map(([, path]) => path)).toContain(field);
    });

    it('refuses a value of the wrong type with 400', async () => {
      const { api, freshNamespace } = get();
      const object = deployment('one', {}, { replicas: 'three' });
      const { code, body } = await api.create(
        `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`,
        object,
      );
      expect(code).toBe(400);
      expect(body.message).toContain('Deployment in version "v1" cannot be handled as a Deployment');
    });

    it('warns of unknown fields, and drops them', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const { code, body, headers } = await api.create(path, {
        ...deployment('one', {}, { nothing: 1 }),
        more: 2,
      });
      expect(code).toBe(201);
      expect(headers['warning']).toContain('299 - "unknown field \\"spec.nothing\\""');
      expect(headers['warning']).toContain('unknown field \\"more\\"');
      expect(body.spec.nothing).toBeUndefined();
    });

    it('refuses unknown fields when the client is strict, and says nothing when it does not care', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const strict = await api.create(
        `${path}?fieldValidation=Strict`,
        deployment('one', {}, { nothing: 1 }),
      );
      expect(strict.code).toBe(400);
      expect(strict.body.message).toContain('strict decoding error: unknown field "spec.nothing"');
      const silent = await api.create(
        `${path}?fieldValidation=Ignore`,
        deployment('one', {}, { nothing: 1 }),
      );
      expect([silent.code, silent.headers['warning']]).toEqual([201, undefined]);
    });

    it('refuses a fieldValidation that it does not know', async () => {
      const { code } = await get().api.create(
        '/api/v1/namespaces/default/configmaps?fieldValidation=Maybe',
        configMap('x'),
      );
      expect(code).toBe(422);
    });

    it('lets one wrong object harm no other', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          api.create(path, configMap(index % 2 === 0 ? `ok-${index}` : `Bad-${index}`)),
        ),
      );
      expect(answers.map(({ code }) => code)).toEqual(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 201 : 422)),
      );
    });
  });
}

function causes(status: Json): [string, string][] {
  return (status.details?.causes ?? []).map(({ reason, field }: Json) => [reason, field]);
}
