import { describe, expect, it } from 'vitest';
import { configMap, deployment } from '../objects.ts';
import type { Get } from '../suite.ts';

export function patchCases(get: Get): void {
  describe('patches', () => {
    it('merge: objects are merged, null removes, lists are replaced (RFC 7386)', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one', { labels: { a: '1', b: '2' } }, { x: '1', y: '2' }));
      const { code, body } = await api.merge(`${path}/one`, {
        metadata: { labels: { a: null, c: '3' } },
        data: { y: 'new' },
      });
      expect(code).toBe(200);
      expect(body.metadata.labels).toEqual({ b: '2', c: '3' });
      expect(body.data).toEqual({ x: '1', y: 'new' });
    });

    it('JSON: operations are carried out in order, all or none (RFC 6902)', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one'));
      const { body } = await api.jsonPatch(`${path}/one`, [
        { op: 'test', path: '/data/key', value: 'value' },
        { op: 'add', path: '/metadata/annotations', value: {} },
        { op: 'add', path: '/metadata/annotations/example.com~1b', value: 'slash' },
        { op: 'move', from: '/data/key', path: '/data/moved' },
      ]);
      expect(body.metadata.annotations).toEqual({ 'example.com/b': 'slash' });
      expect(body.data).toEqual({ moved: 'value' });
      const failed = await api.jsonPatch(`${path}/one`, [
        { op: 'add', path: '/data/more', value: 'x' },
        { op: 'test', path: '/data/moved', value: 'other' },
      ]);
      expect(failed.code).toBe(422);
      expect((await api.get(`${path}/one`)).body.data).toEqual(body.data);
    });

    it('strategic: lists are merged by their keys in built-in kinds', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      await api.create(path, deployment('one'));
      const add = { spec: { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } } };
      const added = (await api.strategic(`${path}/one`, add)).body;
      expect(
        added.spec.template.spec.containers.map((container: { name: string }) => container.name).sort(),
      ).toEqual(['main', 'side']);
      const remove = { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } };
      const removed = (await api.strategic(`${path}/one`, remove)).body;
      expect(
        removed.spec.template.spec.containers.map((container: { name: string }) => container.name),
      ).toEqual(['main']);
    });

    it('carry a precondition when they hold a resourceVersion', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const made = (await api.create(path, configMap('one'))).body;
      await api.merge(`${path}/one`, { data: { key: '2' } });
      const { code } = await api.merge(`${path}/one`, {
        metadata: { resourceVersion: made.metadata.resourceVersion },
        data: { key: '3' },
      });
      expect(code).toBe(409);
    });

    it('answer 404 for what is not there', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      expect((await api.merge(`${path}/one`, {})).code).toBe(404);
    });

    it('answer 415 for a type that the resource does not take', async () => {
      const { code } = await get().api.send('PATCH', '/api/v1/namespaces/default/configmaps/x', {
        body: {},
        contentType: 'application/json',
      });
      expect(code).toBe(415);
    });

    it('answer 400 for a patch that is none', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one'));
      expect((await api.jsonPatch(`${path}/one`, { op: 'add' })).code).toBe(400);
      expect((await api.merge(`${path}/one`, '{')).code).toBe(400);
    });

    it('that change nothing leave the resourceVersion', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const made = (await api.create(path, configMap('one'))).body;
      const same = (await api.merge(`${path}/one`, { data: { key: 'value' } })).body;
      expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });
  });
}
