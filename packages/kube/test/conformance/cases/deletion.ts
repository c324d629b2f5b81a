import { describe, expect, it } from 'vitest';
import type { Api, Json } from '../api.ts';
import { eventually } from '../api.ts';
import { configMap, deployment, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

export function deletionCases(get: Get): void {
  describe('deletion', () => {
    it('answers a Status that names what is gone', async () => {
      const { api, path } = await begin(get);
      const made = (await api.create(path, configMap('one'))).body;
      const { code, body } = await api.delete(`${path}/one`);
      expect(code).toBe(200);
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'one', kind: 'configmaps', uid: made.metadata.uid },
      });
      expect((await api.get(`${path}/one`)).code).toBe(404);
      expect((await api.delete(`${path}/one`)).code).toBe(404);
    });

    it('waits for finalizers, and happens when the last is gone', async () => {
      const { api, path } = await begin(get);
      await api.create(path, configMap('one', { finalizers: ['example.com/a', 'example.com/b'] }));
      const { body } = await api.delete(`${path}/one`);
      expect(body.metadata).toMatchObject({
        deletionTimestamp: expect.any(String),
        deletionGracePeriodSeconds: 0,
      });
      const again = (await api.delete(`${path}/one`)).body;
      expect(again.metadata.deletionTimestamp).toBe(body.metadata.deletionTimestamp);
      expect((await api.merge(`${path}/one`, { metadata: { finalizers: ['example.com/b'] } })).code).toBe(
        200,
      );
      const more = await api.merge(`${path}/one`, {
        metadata: { finalizers: ['example.com/b', 'example.com/c'] },
      });
      expect(more.code).toBe(422);
      expect((await api.merge(`${path}/one`, { metadata: { finalizers: null } })).code).toBe(200);
      expect((await api.get(`${path}/one`)).code).toBe(404);
    });

    it('holds preconditions', async () => {
      const { api, path } = await begin(get);
      const { metadata } = (await api.create(path, configMap('one'))).body;
      const wrong = await api.delete(`${path}/one`, {
        preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
      });
      expect(wrong.code).toBe(409);
      expect(wrong.body.message).toContain(
        `the UID in the precondition (00000000-0000-0000-0000-000000000000) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      );
      expect((await api.delete(`${path}/one`, { preconditions: { resourceVersion: '1' } })).code).toBe(409);
      expect(
        (
          await api.delete(`${path}/one`, {
            preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
          })
        ).code,
      ).toBe(200);
    });

    it('of a collection takes what fits the selector', async () => {
      const { api, path } = await begin(get);
      for (const name of ['a', 'b', 'c'])
        await api.create(path, configMap(name, { labels: { drop: String(name !== 'b') } }));
      const { code } = await api.delete(`${path}?labelSelector=drop%3Dtrue`);
      expect(code).toBe(200);
      const left = (await api.get(`${path}?labelSelector=drop`)).body.items;
      expect(left.map((item: Json) => item.metadata.name)).toEqual(['b']);
    });

    it('of a pod on a node waits for its grace period, and for nobody when that is zero', async () => {
      const { api, namespace } = await begin(get);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await api.create(path, pod('one', {}, { nodeName: 'node-1', terminationGracePeriodSeconds: 20 }));
      const { body } = await api.delete(`${path}/one`);
      expect(body).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 20 } });
      const shorter = (await api.delete(`${path}/one`, { gracePeriodSeconds: 5 })).body;
      expect(shorter.metadata.deletionGracePeriodSeconds).toBe(5);
      expect((await api.delete(`${path}/one`, { gracePeriodSeconds: 0 })).code).toBe(200);
      expect((await api.get(`${path}/one`)).code).toBe(404);
    });

    it('of a pod that is on no node is at once', async () => {
      const { api, namespace } = await begin(get);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await api.create(path, pod('one'));
      await api.delete(`${path}/one`);
      expect((await api.get(`${path}/one`)).code).toBe(404);
    });

    it('refuses a policy that it does not know, and two that contradict', async () => {
      const { api, path } = await begin(get);
      await api.create(path, configMap('one'));
      expect((await api.delete(`${path}/one`, { propagationPolicy: 'Sideways' })).code).toBe(422);
      expect(
        (await api.delete(`${path}/one`, { propagationPolicy: 'Orphan', orphanDependents: true })).code,
      ).toBe(422);
    });

    it('takes what an object owns, in the background', async (context) => {
      const { api, namespace, path, owner } = await beginOwned(get, context);
      await api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/owner`, {
        propagationPolicy: 'Background',
      });
      const gone = await eventually(
        () => api.get(`${path}/owned`),
        ({ code }) => code === 404,
      );
      expect(gone.code).toBe(404);
      expect(owner.metadata.uid).toBeTruthy();
    });

    it('orphans what an object owns when asked', async (context) => {
      const { api, namespace, path } = await beginOwned(get, context);
      await api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/owner`, {
        propagationPolicy: 'Orphan',
      });
      await eventually(
        () => api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/owner`),
        ({ code }) => code === 404,
      );
      const left = await api.get(`${path}/owned`);
      expect(left.code).toBe(200);
      expect(left.body.metadata.ownerReferences).toBeUndefined();
    });

    it('in the foreground keeps the owner until its blocking dependents are gone', async (context) => {
      const { api, namespace, path } = await beginOwned(get, context, ['example.com/hold']);
      const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const { body } = await api.delete(`${deployments}/owner`, { propagationPolicy: 'Foreground' });
      expect(body.metadata.finalizers).toContain('foregroundDeletion');
      const dying = await eventually(
        () => api.get(`${path}/owned`),
        (answer) => answer.body?.metadata?.deletionTimestamp !== undefined,
      );
      expect(dying.body.metadata.deletionTimestamp).toBeTruthy();
      expect((await api.get(`${deployments}/owner`)).code).toBe(200);
      await api.merge(`${path}/owned`, { metadata: { finalizers: null } });
      const gone = await eventually(
        () => api.get(`${deployments}/owner`),
        ({ code }) => code === 404,
      );
      expect(gone.code).toBe(404);
    });

    it('takes an object whose owner was never there', async (context) => {
      const { api, namespace, path } = await begin(get);
      if (!get().server.hasControllers) return context.skip('this server runs no garbage collector');
      const ownerReferences = [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'ghost',
          uid: '11111111-1111-1111-1111-111111111111',
        },
      ];
      await api.create(path, configMap('lost', { ownerReferences }));
      const gone = await eventually(
        () => api.get(`${path}/lost`),
        ({ code }) => code === 404,
      );
      expect([gone.code, namespace]).toEqual([404, namespace]);
    });

    it.for([
      ['of a version that is not served', 'apps/v1beta9', 'Deployment'],
      ['of a kind that is not served', 'apps/v1', 'Nothing'],
      ['of a group that is not served', 'nothing.example/v1', 'Deployment'],
    ])(
      'keeps an object with an owner %s: whether that is there is not known',
      async ([_what, apiVersion, kind], context) => {
        if (!get().server.hasControllers) return context.skip('this server runs no garbage collector');
        const { api, path } = await begin(get);
        const ownerReferences = [{ apiVersion, kind, name: 'ghost', uid: NOBODY }];
        await api.create(path, configMap('kept', { ownerReferences }));
        await untilCollected(api, path);
        expect((await api.get(`${path}/kept`)).code).toBe(200);
      },
    );

    it('keeps an object at cluster scope that names an owner in a namespace, which it cannot have', async (context) => {
      if (!get().server.hasControllers) return context.skip('this server runs no garbage collector');
      const { api, path } = await begin(get);
      const name = get().freshName('role');
      const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'ghost', uid: NOBODY };
      const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
      await api.create(roles, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name, ownerReferences: [owner] },
        rules: [],
      });
      await untilCollected(api, path);
      expect((await api.get(`${roles}/${name}`)).code).toBe(200);
      await api.delete(`${roles}/${name}`);
    });

    it('keeps an object of which one owner is left', async (context) => {
      const { api, namespace, path, owner } = await beginOwned(get, context);
      const second = (
        await api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('second'))
      ).body;
      const reference = ({ metadata }: Json) => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: metadata.name,
        uid: metadata.uid,
      });
      await api.create(path, configMap('shared', { ownerReferences: [reference(owner), reference(second)] }));
      await api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/owner`);
      await eventually(
        () => api.get(`${path}/owned`),
        ({ code }) => code === 404,
      );
      const left = await eventually(
        () => api.get(`${path}/shared`),
        ({ body }) => body?.metadata?.ownerReferences?.length === 1,
      );
      expect(left.body.metadata.ownerReferences.map(({ name }: Json) => name)).toEqual(['second']);
    });
  });
}

async function begin(get: Get) {
  const { api, freshNamespace } = get();
  const namespace = await freshNamespace();
  return { api, namespace, path: `/api/v1/namespaces/${namespace}/configmaps` };
}

const NOBODY = '11111111-1111-1111-1111-111111111111';

/** Resolves when the collector has taken an object that was made last; it has looked at the earlier ones by then. */
async function untilCollected(api: Api, path: string): Promise<void> {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'ghost', uid: NOBODY }];
  await api.create(path, configMap('last', { ownerReferences }));
  const { code } = await eventually(
    () => api.get(`${path}/last`),
    (answer) => answer.code === 404,
  );
  expect(code).toBe(404);
}

/** A Deployment named `owner` and a ConfigMap named `owned` of it. */
async function beginOwned(get: Get, context: { skip: (note?: string) => never }, finalizers: string[] = []) {
  if (!get().server.hasControllers) context.skip('this server runs no garbage collector');
  const begun = await begin(get);
  const { api, namespace, path } = begun;
  const owner = (await api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('owner')))
    .body;
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'owner',
    uid: owner.metadata.uid,
    blockOwnerDeletion: true,
  };
  await api.create(
    path,
    configMap('owned', { ownerReferences: [reference], ...(finalizers.length > 0 && { finalizers }) }),
  );
  return { ...begun, owner };
}
