import { describe, expect, it } from 'vitest';
import { eventually } from '../api.ts';
import { configMap, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

export function namespaceCases(get: Get): void {
  describe('namespaces', () => {
    it('are there from the start', async () => {
      const names = (await get().api.get('/api/v1/namespaces')).body.items.map(
        (item: { metadata: { name: string } }) => item.metadata.name,
      );
      expect(names).toEqual(
        expect.arrayContaining(['default', 'kube-node-lease', 'kube-public', 'kube-system']),
      );
    });

    it('carry their name as a label, are active, and hold themselves until they are empty', async () => {
      const { api, freshNamespace } = get();
      const name = await freshNamespace();
      const { body } = await api.get(`/api/v1/namespaces/${name}`);
      expect(body).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
    });

    it('have a default ServiceAccount and the CA of the cluster', async (context) => {
      const { api, freshNamespace, server } = get();
      if (!server.hasControllers) return context.skip('this server runs no controllers');
      const name = await freshNamespace();
      const account = await eventually(
        () => api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`),
        ({ code }) => code === 200,
      );
      expect(account.code).toBe(200);
      const ca = await eventually(
        () => api.get(`/api/v1/namespaces/${name}/configmaps/kube-root-ca.crt`),
        ({ code }) => code === 200,
      );
      expect(ca.body.data['ca.crt']).toContain('BEGIN CERTIFICATE');
    });

    it('that are missing take no objects', async () => {
      const { code, body } = await get().api.create(
        '/api/v1/namespaces/not-there-at-all/configmaps',
        configMap('one'),
      );
      expect(code).toBe(404);
      expect(body.message).toBe('namespaces "not-there-at-all" not found');
    });

    it('that go take no new objects, and take their content along', async (context) => {
      const { api, freshNamespace, server } = get();
      const name = await freshNamespace();
      const path = `/api/v1/namespaces/${name}/configmaps`;
      await api.create(path, configMap('one', { finalizers: ['example.com/hold'] }));
      const { body } = await api.delete(`/api/v1/namespaces/${name}`);
      expect(body).toMatchObject({
        kind: 'Namespace',
        status: { phase: 'Terminating' },
        metadata: { deletionTimestamp: expect.any(String) },
      });
      const late = await api.create(path, configMap('late'));
      expect(late.code).toBe(403);
      expect(late.body).toMatchObject({
        reason: 'Forbidden',
        message: `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
        details: {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: `namespace ${name} is being terminated`,
              field: 'metadata.namespace',
            },
          ],
        },
      });
      if (!server.hasControllers) return context.skip('this server runs no controllers');
      await eventually(
        () => api.get(`${path}/one`),
        (answer) => answer.body?.metadata?.deletionTimestamp !== undefined,
      );
      expect((await api.get(`/api/v1/namespaces/${name}`)).code).toBe(200);
      await api.merge(`${path}/one`, { metadata: { finalizers: null } });
      const gone = await eventually(
        () => api.get(`/api/v1/namespaces/${name}`),
        ({ code }) => code === 404,
      );
      expect(gone.code).toBe(404);
    });

    it('of the system cannot be deleted', async () => {
      const { code, body } = await get().api.delete('/api/v1/namespaces/kube-system');
      expect(code).toBe(403);
      expect(body.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted');
    });

    it('let their finalizers be changed by finalize alone', async () => {
      const { api, freshNamespace } = get();
      const name = await freshNamespace();
      const path = `/api/v1/namespaces/${name}`;
      const { body } = await api.merge(path, { spec: { finalizers: [] } });
      expect(body.spec.finalizers).toEqual(['kubernetes']);
    });

    it('hold pods that belong to no node without delay', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const { body } = await api.create(path, pod('one'));
      expect(body.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
    });
  });
}
