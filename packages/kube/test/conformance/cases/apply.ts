import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { configMap, deployment, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

/** The meaning of Kubernetes' own tests of server-side apply (`test/integration/apiserver/apply`). */
export function applyCases(get: Get): void {
  describe('server-side apply', () => {
    it('creates what is not there and answers 201, then 200', async () => {
      const { api, path } = await begin(get);
      const first = await api.apply(`${path}/one`, 'me', configMap('one'));
      expect(first.code).toBe(201);
      const second = await api.apply(`${path}/one`, 'me', configMap('one'));
      expect(second.code).toBe(200);
      expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    });

    it('records who owns which field', async () => {
      const { api, path } = await begin(get);
      const { body } = await api.apply(`${path}/one`, 'me', configMap('one', { labels: { a: 'b' } }));
      expect(body.metadata.managedFields).toEqual([
        {
          manager: 'me',
          operation: 'Apply',
          apiVersion: 'v1',
          time: expect.any(String),
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:key': {} }, 'f:metadata': { 'f:labels': { 'f:a': {} } } },
        },
      ]);
    });

    it('records the fields of creates and updates under the client that made them', async () => {
      const { api, path } = await begin(get);
      const { metadata } = (await api.create(`${path}?fieldManager=maker`, configMap('one'))).body;
      expect(metadata.managedFields).toMatchObject([
        { manager: 'maker', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:key': {} } } },
      ]);
      const other = (await api.merge(`${path}/one`, { data: { more: 'x' } })).body;
      expect(managers(other)).toEqual(['conformance', 'maker']);
    });

    it('needs a field manager', async () => {
      const { api, path } = await begin(get);
      const { code, body } = await api.send('PATCH', `${path}/one`, {
        body: configMap('one'),
        contentType: 'application/apply-patch+yaml',
      });
      expect(code).toBe(422);
      expect(body.details.causes[0]).toMatchObject({ reason: 'FieldValueRequired', field: 'fieldManager' });
    });

    it('refuses to change a field of another manager, naming it and the field', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'first', configMap('one', {}, { key: 'first', own: '1' }));
      const { code, body } = await api.apply(
        `${path}/one`,
        'second',
        configMap('one', {}, { key: 'second' }),
      );
      expect(code).toBe(409);
      expect(body).toMatchObject({
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "first": .data.key',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.key' }],
        },
      });
      expect((await api.get(`${path}/one`)).body.data.key).toBe('first');
    });

    it('takes the field when forced, and the other manager loses it', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'first', configMap('one', {}, { key: 'first', own: '1' }));
      const { body } = await api.apply(
        `${path}/one`,
        'second',
        configMap('one', {}, { key: 'second' }),
        'force=true',
      );
      expect(body.data).toEqual({ key: 'second', own: '1' });
      expect(fieldsOf(body, 'first')).toEqual({ 'f:data': { 'f:own': {} } });
      expect(fieldsOf(body, 'second')).toEqual({ 'f:data': { 'f:key': {} } });
    });

    it('shares a field between managers that agree on its value', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'first', configMap('one'));
      const { code, body } = await api.apply(`${path}/one`, 'second', configMap('one'));
      expect(code).toBe(200);
      expect(managers(body)).toEqual(['first', 'second']);
      const dropped = (await api.apply(`${path}/one`, 'first', configMap('one', {}, { other: 'x' }))).body;
      expect(dropped.data).toEqual({ key: 'value', other: 'x' });
    });

    it('removes a field that its only manager no longer names', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'me', configMap('one', {}, { a: '1', b: '2' }));
      expect((await api.apply(`${path}/one`, 'me', configMap('one', {}, { a: '1' }))).body.data).toEqual({
        a: '1',
      });
    });

    it('leaves the fields of others alone', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'me', configMap('one', {}, { a: '1' }));
      await api.merge(`${path}/one`, { data: { b: '2' }, metadata: { labels: { x: 'y' } } });
      const { body } = await api.apply(`${path}/one`, 'me', configMap('one', {}, { a: 'new' }));
      expect(body.data).toEqual({ a: 'new', b: '2' });
      expect(body.metadata.labels).toEqual({ x: 'y' });
    });

    it('merges lists by their keys, and removes only its own items', async () => {
      const { api, namespace } = await begin(get);
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const container = (name: string) => ({ name, image: `${name}:1` });
      const withContainers = (...names: string[]) => {
        const object = deployment('one');
        object.spec.template.spec.containers = names.map(container);
        return object;
      };
      await api.apply(`${path}/one`, 'me', withContainers('main', 'side'));
      await api.apply(`${path}/one`, 'other', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'one' },
        spec: { template: { spec: { containers: [container('theirs')] } } },
      });
      const { body } = await api.apply(`${path}/one`, 'me', withContainers('main'));
      expect(body.spec.template.spec.containers.map(({ name }: Json) => name).sort()).toEqual([
        'main',
        'theirs',
      ]);
    });

    it('refuses a list that repeats a key', async () => {
      const { api, namespace } = await begin(get);
      const object = deployment('one');
      object.spec.template.spec.containers.push(object.spec.template.spec.containers[0]);
      const { code, body } = await api.apply(
        `/apis/apps/v1/namespaces/${namespace}/deployments/one`,
        'me',
        object,
      );
      expect(code).toBe(500);
      expect(body.message).toContain('duplicate entries for key [name="main"]');
    });

    it('refuses a field that the schema does not declare', async () => {
      const { api, path } = await begin(get);
      const { code, body } = await api.apply(`${path}/one`, 'me', { ...configMap('one'), nothing: 1 });
      expect(code).toBe(500);
      expect(body.message).toContain('.nothing: field not declared in schema');
    });

    it('refuses managedFields in the configuration', async () => {
      const { api, path } = await begin(get);
      const config = configMap('one', {
        managedFields: [
          { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
        ],
      });
      const { code, body } = await api.apply(`${path}/one`, 'me', config);
      expect(code).toBe(400);
      expect(body.message).toContain('metadata.managedFields must be nil');
    });

    it('keeps a resourceVersion as a precondition', async () => {
      const { api, path } = await begin(get);
      const { metadata } = (await api.apply(`${path}/one`, 'me', configMap('one'))).body;
      await api.merge(`${path}/one`, { data: { b: '2' } });
      const { code } = await api.apply(
        `${path}/one`,
        'me',
        configMap('one', { resourceVersion: metadata.resourceVersion }, { key: 'new' }),
      );
      expect(code).toBe(409);
    });

    it('owns status through the status subresource, and spec through the object', async () => {
      const { api, namespace } = await begin(get);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await api.apply(`${path}/one`, 'me', pod('one'));
      const { body } = await api.apply(`${path}/one/status`, 'kubelet', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'one' },
        status: { message: 'told' },
      });
      expect(body.status.message).toBe('told');
      const entry = body.metadata.managedFields.find(({ manager }: Json) => manager === 'kubelet');
      expect(entry).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:message': {} } } });
    });

    it('forgets all owners when a client clears managedFields', async () => {
      const { api, path } = await begin(get);
      await api.apply(`${path}/one`, 'me', configMap('one'));
      const { body } = await api.merge(`${path}/one`, { metadata: { managedFields: [{}] } });
      expect(body.metadata.managedFields ?? []).toEqual([]);
    });

    it('writes nothing in a dry run', async () => {
      const { api, path } = await begin(get);
      expect((await api.apply(`${path}/one`, 'me', configMap('one'), 'dryRun=All')).code).toBe(201);
      expect((await api.get(`${path}/one`)).code).toBe(404);
    });

    it('takes YAML', async () => {
      const { api, path } = await begin(get);
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: b}\n';
      expect((await api.apply(`${path}/one`, 'me', yaml)).body.data).toEqual({ a: 'b' });
    });
  });
}

async function begin(get: Get) {
  const { api, freshNamespace } = get();
  const namespace = await freshNamespace();
  return { api, namespace, path: `/api/v1/namespaces/${namespace}/configmaps` };
}

function managers(object: Json): string[] {
  return object.metadata.managedFields.map(({ manager }: Json) => manager).sort();
}

function fieldsOf(object: Json, manager: string): Json {
  return object.metadata.managedFields.find((entry: Json) => entry.manager === manager)?.fieldsV1;
}
