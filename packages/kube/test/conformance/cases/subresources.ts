import { describe, expect, it } from 'vitest';
import { eventually } from '../api.ts';
import { deployment, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

export function subresourceCases(get: Get): void {
  describe('subresources', () => {
    it('status changes the status alone', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const made = (await api.create(path, { ...pod('one'), status: { phase: 'Failed' } })).body;
      expect(made.status.phase).toBe('Pending');
      const { code, body } = await api.put(`${path}/one/status`, {
        ...made,
        spec: { ...made.spec, activeDeadlineSeconds: 9 },
        status: { phase: 'Running' },
      });
      expect(code).toBe(200);
      expect([body.spec.activeDeadlineSeconds, body.status.phase]).toEqual([undefined, 'Running']);
      const main = (await api.merge(`${path}/one`, { status: { phase: 'Failed' } })).body;
      expect(main.status.phase).toBe('Running');
    });

    it('scale shows and changes the replicas', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      await api.create(path, deployment('one', {}, { replicas: 3 }));
      const { body } = await api.get(`${path}/one/scale`);
      expect(body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        spec: { replicas: 3 },
        status: { replicas: expect.any(Number) as number, selector: 'app=one' },
      });
      // A server's own controllers may write between the two.
      const scaled = await eventually(
        async () => {
          const now = (await api.get(`${path}/one/scale`)).body;
          return api.put(`${path}/one/scale`, { ...now, spec: { replicas: 5 } });
        },
        (answer) => answer.code !== 409,
      );
      expect([scaled.code, scaled.body.spec.replicas]).toEqual([200, 5]);
      const { spec, metadata } = (await api.get(`${path}/one`)).body;
      expect([spec.replicas, metadata.generation]).toEqual([5, 2]);
      const stale = await api.put(`${path}/one/scale`, { ...body, spec: { replicas: 6 } });
      expect(stale.code).toBe(409);
      expect((await api.merge(`${path}/one/scale`, { spec: { replicas: -1 } })).code).toBe(422);
    });

    it('binding puts a pod on a node, once', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one'));
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'one' },
        target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
      };
      expect((await api.create(`${path}/one/binding`, binding)).code).toBe(201);
      const { spec, status } = (await api.get(`${path}/one`)).body;
      expect(spec.nodeName).toBe('node-1');
      expect(status.conditions).toEqual([expect.objectContaining({ type: 'PodScheduled', status: 'True' })]);
      expect((await api.create(`${path}/one/binding`, binding)).code).toBe(409);
    });

    it('eviction deletes a pod unless a budget forbids it', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      const eviction = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'one', namespace },
        deleteOptions: { gracePeriodSeconds: 0 },
      };
      await api.create(path, pod('one', { labels: { app: 'one' } }));
      await api.merge(`${path}/one/status`, { status: { phase: 'Running' } });
      await api.create(budgets, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'b' },
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'one' } } },
      });
      const refused = await api.create(`${path}/one/eviction`, eviction);
      expect(refused.code).toBe(429);
      expect(refused.body.message).toContain(
        "Cannot evict pod as it would violate the pod's disruption budget.",
      );
      await api.delete(`${budgets}/b`);
      expect((await api.create(`${path}/one/eviction`, eviction)).code).toBe(201);
      expect((await api.get(`${path}/one`)).code).toBe(404);
    });

    it('that a resource has not answer 404', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      expect((await api.get(`/api/v1/namespaces/${namespace}/configmaps/x/status`)).code).toBe(404);
    });
  });
}
