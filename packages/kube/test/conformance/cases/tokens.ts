import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { eventually } from '../api.ts';
import { pod } from '../objects.ts';
import type { Get } from '../suite.ts';

export function tokenCases(get: Get): void {
  describe('ServiceAccount tokens', () => {
    it('prove the account, its groups and their audience, and expire', async () => {
      const { api, path, namespace } = await begin(get);
      const { code, body } = await api.create(
        `${path}/robot/token`,
        request({ audiences: ['here'], expirationSeconds: 1200 }),
      );
      expect(code).toBe(201);
      const claims = claimsOf(body.status.token);
      expect(claims).toMatchObject({
        sub: `system:serviceaccount:${namespace}:robot`,
        aud: ['here'],
        'kubernetes.io': { namespace, serviceaccount: { name: 'robot', uid: expect.any(String) } },
      });
      expect(claims.exp - claims.iat).toBe(1200);
      expect(Date.parse(body.status.expirationTimestamp) / 1000).toBe(claims.exp);
      const review = (
        await api.create(
          '/apis/authentication.k8s.io/v1/tokenreviews',
          tokenReview(body.status.token, ['here']),
        )
      ).body.status;
      expect(review).toMatchObject({
        authenticated: true,
        audiences: ['here'],
        user: {
          username: `system:serviceaccount:${namespace}:robot`,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
        },
      });
      const elsewhere = (
        await api.create(
          '/apis/authentication.k8s.io/v1/tokenreviews',
          tokenReview(body.status.token, ['there']),
        )
      ).body.status;
      expect(elsewhere.authenticated ?? false).toBe(false);
      expect((await api.send('GET', '/api', { token: body.status.token })).code).toBe(401);
    });

    it('without an audience are for the API itself', async () => {
      const { api, path, namespace } = await begin(get);
      const { token } = (await api.create(`${path}/robot/token`, request({}))).body.status;
      const me = await api.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        token,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
      expect(me.body.status.userInfo.username).toBe(`system:serviceaccount:${namespace}:robot`);
      expect((await api.send('GET', `/api/v1/namespaces/${namespace}/pods`, { token })).code).toBe(403);
    });

    it('die with the account, also when another one takes its name', async () => {
      const { api, path } = await begin(get);
      const { token } = (await api.create(`${path}/robot/token`, request({}))).body.status;
      expect((await api.send('GET', '/api', { token })).code).toBe(200);
      await api.delete(`${path}/robot`);
      const dead = await eventually(
        () => api.send('GET', '/api', { token }),
        ({ code }) => code === 401,
      );
      expect(dead.code).toBe(401);
      await api.create(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
      expect((await api.send('GET', '/api', { token })).code).toBe(401);
    });

    it('may be bound to a pod, whose name they tell, and die with it', async () => {
      const { api, path, namespace } = await begin(get);
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      const made = (await api.create(pods, pod('one', {}, { serviceAccountName: 'robot' }))).body;
      const bound = {
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'one', uid: made.metadata.uid },
      };
      const { token } = (await api.create(`${path}/robot/token`, request(bound))).body.status;
      const review = (await api.create('/apis/authentication.k8s.io/v1/tokenreviews', tokenReview(token)))
        .body.status;
      expect(review.user.extra).toMatchObject({
        'authentication.kubernetes.io/pod-name': ['one'],
        'authentication.kubernetes.io/pod-uid': [made.metadata.uid],
      });
      await api.delete(`${pods}/one`, { gracePeriodSeconds: 0 });
      const dead = await eventually(
        () => api.create('/apis/authentication.k8s.io/v1/tokenreviews', tokenReview(token)),
        ({ body }) => !body.status.authenticated,
      );
      expect(dead.body.status.authenticated ?? false).toBe(false);
    });

    it('may be bound to a node, whose name they tell', async () => {
      const { api, path } = await begin(get);
      const name = get().freshName('node');
      const node = (await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } }))
        .body;
      const bound = { boundObjectRef: { kind: 'Node', apiVersion: 'v1', name, uid: node.metadata.uid } };
      const { token } = (await api.create(`${path}/robot/token`, request(bound))).body.status;
      const review = (await api.create('/apis/authentication.k8s.io/v1/tokenreviews', tokenReview(token)))
        .body.status;
      expect(review.user.extra).toMatchObject({ 'authentication.kubernetes.io/node-name': [name] });
      await api.delete(`/api/v1/nodes/${name}`);
    });

    it('are not issued for too short a time, or bound to what is not there', async () => {
      const { api, path } = await begin(get);
      const short = await api.create(`${path}/robot/token`, request({ expirationSeconds: 10 }));
      expect(short.code).toBe(422);
      expect(short.body.message).toContain('may not specify a duration less than 10 minutes');
      const ghost = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'ghost' } };
      expect((await api.create(`${path}/robot/token`, request(ghost))).code).toBe(404);
      expect((await api.create(`${path}/nobody/token`, request({}))).code).toBe(404);
    });

    it('that are forged prove nothing', async () => {
      const { api, path } = await begin(get);
      const { token } = (await api.create(`${path}/robot/token`, request({}))).body.status;
      const [head, payload, signature] = token.split('.') as [string, string, string];
      const claims = { ...claimsOf(token), sub: 'system:serviceaccount:kube-system:default' };
      const other = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
      for (const forged of [
        `${head}.${other}.${signature}`,
        `${none}.${payload}.`,
        `${head}.${payload}.`,
        `${head}.${payload}`,
      ]) {
        expect((await api.send('GET', '/api', { token: forged })).code).toBe(401);
      }
    });
  });
}

async function begin(get: Get) {
  const { api, freshNamespace } = get();
  const namespace = await freshNamespace();
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await api.create(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
  return { api, namespace, path };
}

function request(spec: Json): Json {
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: null, ...spec } };
}

function tokenReview(token: string, audiences?: string[]): Json {
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audiences && { audiences }) },
  };
}

function claimsOf(token: string): Json {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'));
}
