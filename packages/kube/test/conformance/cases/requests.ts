import { describe, expect, it } from 'vitest';
import { configMap } from '../objects.ts';
import type { Get } from '../suite.ts';

export function requestCases(get: Get): void {
  describe('requests', () => {
    it('refuses a token that it does not know with 401', async () => {
      const { code, body } = await get().api.send('GET', '/api/v1/namespaces', { token: 'wrong' });
      expect(code).toBe(401);
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'Unauthorized',
        message: 'Unauthorized',
      });
    });

    it('lets nobody in particular see health and version, and nothing else', async () => {
      expect((await get().api.send('GET', '/version', { token: undefined })).code).toBe(200);
      const { code, body } = await get().api.send('GET', '/api/v1/namespaces', { token: undefined });
      expect(code).toBe(403);
      expect(body.message).toBe(
        'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
      );
    });

    it('answers an unknown resource with 404 NotFound', async () => {
      const { code, body } = await get().api.get('/apis/apps/v1/namespaces/default/nothings');
      expect(code).toBe(404);
      expect(body === undefined || body.reason === 'NotFound').toBe(true);
    });

    it('answers an object that is not there with a Status that names it', async () => {
      const { code, body } = await get().api.get('/apis/apps/v1/namespaces/default/deployments/nothing');
      expect(code).toBe(404);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'deployments.apps "nothing" not found',
        reason: 'NotFound',
        details: { name: 'nothing', group: 'apps', kind: 'deployments' },
        code: 404,
      });
    });

    it('falls back to JSON for a client that would rather have protobuf', async () => {
      const { code, headers } = await get().api.get('/api/v1/namespaces', {
        accept: 'application/vnd.example.unknown, application/json',
      });
      expect(code).toBe(200);
      expect(headers['content-type']).toContain('application/json');
    });

    it('refuses a form that it cannot make with 406', async () => {
      expect((await get().api.get('/api/v1/namespaces', { accept: 'text/html-but-not-really' })).code).toBe(
        406,
      );
    });

    it('answers in YAML when asked', async () => {
      const { headers, text } = await get().api.get('/api/v1/namespaces/default', {
        accept: 'application/yaml',
      });
      expect(headers['content-type']).toContain('application/yaml');
      expect(text).toContain('kind: Namespace');
    });

    it('takes objects in YAML', async () => {
      const namespace = await get().freshNamespace();
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
      const { code, body } = await get().api.send('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
        body: yaml,
        contentType: 'application/yaml',
      });
      expect(code).toBe(201);
      expect(body.data).toEqual({ a: '1' });
    });

    it('refuses a body of another media type with 415', async () => {
      const { code, body } = await get().api.send('POST', '/api/v1/namespaces/default/configmaps', {
        body: '<xml/>',
        contentType: 'application/xml',
      });
      expect(code).toBe(415);
      expect(body.reason).toBe('UnsupportedMediaType');
    });

    it.each(['{', '[]', '"text"', '{"kind":'])('refuses the body %s with 400', async (body) => {
      const answer = await get().api.send('POST', '/api/v1/namespaces/default/configmaps', { body });
      expect(answer.code).toBe(400);
      expect(answer.body.reason).toBe('BadRequest');
    });

    it('refuses a body beyond 3 MiB with 413', async () => {
      const body = { ...configMap('big'), data: { a: 'x'.repeat(3 * 1024 * 1024) } };
      const { code } = await get().api.create('/api/v1/namespaces/default/configmaps', body);
      expect(code).toBe(413);
    });

    it('refuses an object of another kind, version or namespace than the path says', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      expect((await api.create(path, { ...configMap('a'), kind: 'Secret' })).code).toBe(400);
      expect((await api.create(path, { ...configMap('a'), apiVersion: 'v2' })).code).toBe(400);
      const elsewhere = await api.create(path, configMap('a', { namespace: 'default' }));
      expect(elsewhere.code).toBe(400);
      expect(elsewhere.body.message).toContain(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    });

    it('acts as another user for one who may, and with their rights', async () => {
      const { code, body } = await get().api.get('/api/v1/namespaces', { 'impersonate-user': 'jane' });
      expect(code).toBe(403);
      expect(body.message).toContain('User "jane" cannot list resource "namespaces"');
    });
  });
}
