import { describe, expect, it } from 'vitest';
import { configMap, deployment } from '../objects.ts';
import type { Get } from '../suite.ts';

export function objectCases(get: Get): void {
  describe('objects', () => {
    it('gives a new object its uid, time, resourceVersion and namespace, and reads it back the same', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const made = await api.create(path, configMap('one'));
      expect(made.code).toBe(201);
      expect(made.body.metadata).toMatchObject({
        name: 'one',
        namespace,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      });
      expect((await api.get(`${path}/one`)).body).toEqual(made.body);
    });

    it('ignores what only the server may set', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const wish = {
        uid: '00000000-0000-0000-0000-000000000000',
        generation: 7,
        deletionTimestamp: '2020-01-01T00:00:00Z',
        creationTimestamp: '2020-01-01T00:00:00Z',
      };
      const { metadata } = (await api.create(path, configMap('one', wish))).body;
      expect(metadata.uid).not.toBe(wish.uid);
      expect(metadata.creationTimestamp).not.toBe(wish.creationTimestamp);
      expect(metadata.deletionTimestamp).toBeUndefined();
    });

    it('refuses a second object of a name with AlreadyExists', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one'));
      const { code, body } = await api.create(path, configMap('one'));
      expect(code).toBe(409);
      expect(body).toMatchObject({
        reason: 'AlreadyExists',
        message: 'configmaps "one" already exists',
        details: { name: 'one', kind: 'configmaps' },
      });
    });

    it('makes a name from generateName, another one each time', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const body = { ...configMap(''), metadata: { generateName: 'made-' } };
      const first = await api.create(path, body);
      const second = await api.create(path, body);
      expect(first.body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
      expect(second.body.metadata.name).not.toBe(first.body.metadata.name);
    });

    it('replaces an object whose resourceVersion is the latest, and refuses a stale one', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const made = (await api.create(path, configMap('one'))).body;
      const second = await api.put(`${path}/one`, { ...made, data: { key: 'second' } });
      expect(second.code).toBe(200);
      expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(
        Number(made.metadata.resourceVersion),
      );
      const stale = await api.put(`${path}/one`, { ...made, data: { key: 'stale' } });
      expect(stale.code).toBe(409);
      expect(stale.body).toMatchObject({
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
      });
    });

    it('replaces without a resourceVersion unconditionally where the kind allows it', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one'));
      expect((await api.put(`${path}/one`, configMap('one', {}, { key: 'new' }))).body.data).toEqual({
        key: 'new',
      });
    });

    it('keeps the resourceVersion when an update changes nothing', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const made = (await api.create(path, configMap('one'))).body;
      const same = (await api.put(`${path}/one`, made)).body;
      expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });

    it('answers an update of what is not there with 404, and makes it where the kind allows that', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      expect((await api.put(`/api/v1/namespaces/${namespace}/configmaps/one`, configMap('one'))).code).toBe(
        404,
      );
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'one' },
        spec: { holderIdentity: 'me' },
      };
      const made = await api.put(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/one`, lease);
      expect(made.code).toBe(201);
    });

    it('refuses an update under another name', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one'));
      const { code, body } = await api.put(`${path}/one`, configMap('two'));
      expect(code).toBe(400);
      expect(body.message).toBe('the name of the object (two) does not match the name on the URL (one)');
    });

    it('counts changes of the spec in generation, not those of metadata or status', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const made = (await api.create(path, deployment('one'))).body;
      expect(made.metadata.generation).toBe(1);
      const labeled = (await api.merge(`${path}/one`, { metadata: { labels: { a: 'b' } } })).body;
      expect(labeled.metadata.generation).toBe(1);
      const reported = (await api.merge(`${path}/one/status`, { status: { replicas: 1 } })).body;
      expect(reported.metadata.generation).toBe(1);
      const scaled = (await api.merge(`${path}/one`, { spec: { replicas: 5 } })).body;
      expect(scaled.metadata.generation).toBe(2);
    });

    it('fills in defaults', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const { spec } = (await api.create(path, deployment('one'))).body;
      expect(spec).toMatchObject({
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      });
      expect(spec.template.spec).toMatchObject({
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        schedulerName: 'default-scheduler',
        securityContext: {},
      });
      expect(spec.template.spec.containers[0]).toMatchObject({
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      });
    });

    it('writes amounts in one way', async () => {
      const { api, freshNamespace } = get();
      const object = deployment('one');
      object.spec.template.spec.containers[0].resources = {
        limits: { cpu: '1000m', memory: '1024Ki' },
        requests: { cpu: 0.5 },
      };
      const { body } = await api.create(
        `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`,
        object,
      );
      expect(body.spec.template.spec.containers[0].resources).toEqual({
        limits: { cpu: '1', memory: '1Mi' },
        requests: { cpu: '500m' },
      });
    });

    it('writes nothing in a dry run, but answers as if it did', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const made = await api.create(`${path}?dryRun=All`, configMap('one'));
      expect(made.code).toBe(201);
      expect(made.body.metadata.uid).toBeTruthy();
      expect((await api.get(`${path}/one`)).code).toBe(404);
      await api.create(path, configMap('one'));
      const changed = await api.send('PUT', `${path}/one?dryRun=All`, {
        body: configMap('one', {}, { key: 'dry' }),
      });
      expect(changed.body.data).toEqual({ key: 'dry' });
      expect((await api.get(`${path}/one`)).body.data).toEqual({ key: 'value' });
      expect((await api.delete(`${path}/one?dryRun=All`)).code).toBe(200);
      expect((await api.get(`${path}/one`)).code).toBe(200);
    });

    it('refuses a dryRun that it does not know', async () => {
      const { code } = await get().api.create(
        '/api/v1/namespaces/default/configmaps?dryRun=Some',
        configMap('x'),
      );
      expect(code).toBe(422);
    });

    it('moves stringData of a Secret into data', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/secrets`;
      const { body } = await api.create(path, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'one' },
        stringData: { user: 'me' },
      });
      expect(body).toMatchObject({ type: 'Opaque', data: { user: 'bWU=' } });
      expect(body.stringData).toBeUndefined();
    });

    it('treats null as absent in built-in kinds', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const { code, body } = await api.create(path, {
        ...configMap('one'),
        binaryData: null,
        metadata: { name: 'one', creationTimestamp: null, labels: null },
      });
      expect(code).toBe(201);
      expect(Object.hasOwn(body, 'binaryData')).toBe(false);
    });
  });
}
