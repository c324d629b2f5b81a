import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { eventually } from '../api.ts';
import { configMap } from '../objects.ts';
import type { Get } from '../suite.ts';
import { wordsOf } from './kubernetes-words.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

export function rbacCases(get: Get): void {
  describe('access', () => {
    it('is granted by a role in its namespace, and nowhere else', async () => {
      const { api, freshNamespace } = get();
      const [namespace, elsewhere] = [await freshNamespace(), await freshNamespace()];
      const user = { 'impersonate-user': 'reader' };
      await api.create(`/api/v1/namespaces/${namespace}/configmaps`, configMap('one'));
      expect((await api.get(`/api/v1/namespaces/${namespace}/configmaps/one`, user)).code).toBe(403);
      await api.create(
        `${RBAC}/namespaces/${namespace}/roles`,
        role('Role', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]),
      );
      await api.create(
        `${RBAC}/namespaces/${namespace}/rolebindings`,
        binding('RoleBinding', 'Role', [
          { kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' },
        ]),
      );
      const granted = await eventually(
        () => api.get(`/api/v1/namespaces/${namespace}/configmaps/one`, user),
        ({ code }) => code === 200,
      );
      expect(granted.code).toBe(200);
      expect((await api.get(`/api/v1/namespaces/${namespace}/configmaps`, user)).code).toBe(403);
      expect((await api.get(`/api/v1/namespaces/${elsewhere}/configmaps/one`, user)).code).toBe(403);
    });

    it('may be limited to names and to subresources', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const can = access(get, 'named', namespace);
      await api.create(
        `${RBAC}/namespaces/${namespace}/roles`,
        role('Role', [
          { apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'update'] },
          { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
        ]),
      );
      await api.create(
        `${RBAC}/namespaces/${namespace}/rolebindings`,
        binding('RoleBinding', 'Role', [
          { kind: 'User', name: 'named', apiGroup: 'rbac.authorization.k8s.io' },
        ]),
      );
      await eventually(
        () => can({ verb: 'get', resource: 'configmaps', name: 'one' }),
        ({ body }) => body.status.allowed,
      );
      const asked: [Json, boolean][] = [
        [{ verb: 'get', resource: 'configmaps', name: 'one' }, true],
        [{ verb: 'get', resource: 'configmaps', name: 'two' }, false],
        [{ verb: 'get', resource: 'configmaps' }, false],
        [{ verb: 'get', resource: 'pods', subresource: 'log', name: 'x' }, true],
        [{ verb: 'get', resource: 'pods', name: 'x' }, false],
      ];
      for (const [attributes, allowed] of asked) {
        expect([attributes, (await can(attributes)).body.status.allowed]).toEqual([attributes, allowed]);
      }
    });

    it('comes to groups and ServiceAccounts too, and to the whole cluster by cluster roles', async () => {
      const { api, freshName, freshNamespace } = get();
      const namespace = await freshNamespace();
      const name = freshName('cluster');
      await api.create(
        `${RBAC}/clusterroles`,
        role('ClusterRole', [{ apiGroups: ['apps'], resources: ['*'], verbs: ['list'] }], name),
      );
      await api.create(
        `${RBAC}/clusterrolebindings`,
        binding(
          'ClusterRoleBinding',
          'ClusterRole',
          [
            { kind: 'Group', name: 'team', apiGroup: 'rbac.authorization.k8s.io' },
            { kind: 'ServiceAccount', name: 'robot', namespace },
          ],
          name,
        ),
      );
      const list = (headers: Record<string, string>) => api.get('/apis/apps/v1/deployments', headers);
      const member = { 'impersonate-user': 'someone', 'impersonate-group': 'team' };
      const robot = { 'impersonate-user': `system:serviceaccount:${namespace}:robot` };
      expect(
        (
          await eventually(
            () => list(member),
            ({ code }) => code === 200,
          )
        ).code,
      ).toBe(200);
      expect(
        (
          await eventually(
            () => list(robot),
            ({ code }) => code === 200,
          )
        ).code,
      ).toBe(200);
      expect((await list({ 'impersonate-user': 'someone' })).code).toBe(403);
      await api.delete(`${RBAC}/clusterrolebindings/${name}`);
      expect(
        (
          await eventually(
            () => list(member),
            ({ code }) => code === 403,
          )
        ).code,
      ).toBe(403);
      await api.delete(`${RBAC}/clusterroles/${name}`);
    });

    it('of an aggregated role is the sum of the roles that it selects', async (context) => {
      const { api, freshName, server } = get();
      if (!server.hasControllers) return context.skip('this server runs no controllers');
      const [part, whole] = [freshName('part'), freshName('whole')];
      const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }];
      const empty = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
      await api.create(`${RBAC}/clusterroles`, {
        ...empty,
        metadata: { name: whole },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { into: whole } }] },
      });
      await api.create(`${RBAC}/clusterroles`, {
        ...empty,
        metadata: { name: part, labels: { into: whole } },
        rules,
      });
      const summed = await eventually(
        () => api.get(`${RBAC}/clusterroles/${whole}`),
        ({ body }) => body.rules?.length === 1,
      );
      expect(summed.body.rules).toEqual(rules);
      for (const name of [part, whole]) await api.delete(`${RBAC}/clusterroles/${name}`);
    });

    it('is explained by the reviews', async () => {
      const { api } = get();
      const self = await api.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'delete', resource: 'pods', namespace: 'default' } },
      });
      expect([self.code, self.body.status.allowed]).toEqual([201, true]);
      const rules = await api.create('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace: 'default' },
      });
      expect(rules.body.status.resourceRules).toContainEqual({
        verbs: ['*'],
        apiGroups: ['*'],
        resources: ['*'],
      });
      const me = await api.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      });
      expect(me.body.status.userInfo).toMatchObject({
        username: expect.stringMatching(/admin/),
        groups: expect.arrayContaining(['system:masters', 'system:authenticated']),
      });
    });

    it('of an apply that would create needs the right to create', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      await api.create(
        `${RBAC}/namespaces/${namespace}/roles`,
        role('Role', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'get'] }]),
      );
      await api.create(
        `${RBAC}/namespaces/${namespace}/rolebindings`,
        binding('RoleBinding', 'Role', [
          { kind: 'User', name: 'patcher', apiGroup: 'rbac.authorization.k8s.io' },
        ]),
      );
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const as = { 'impersonate-user': 'patcher' };
      await eventually(
        () => api.get(`${path}/one`, as),
        ({ code }) => code === 404,
      );
      const apply = (name: string) =>
        api.send('PATCH', `${path}/${name}?fieldManager=m`, {
          body: configMap(name),
          contentType: 'application/apply-patch+yaml',
          headers: as,
        });
      expect((await apply('one')).code).toBe(403);
      await api.create(path, configMap('two', {}, {}));
      expect((await apply('two')).code).toBe(200);
    });

    it('cannot be given by one who does not have it', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      await api.create(
        `${RBAC}/namespaces/${namespace}/roles`,
        role('Role', [
          {
            apiGroups: ['rbac.authorization.k8s.io'],
            resources: ['roles', 'rolebindings'],
            verbs: ['get', 'list', 'create', 'update'],
          },
        ]),
      );
      await api.create(
        `${RBAC}/namespaces/${namespace}/rolebindings`,
        binding('RoleBinding', 'Role', [
          { kind: 'User', name: 'climber', apiGroup: 'rbac.authorization.k8s.io' },
        ]),
      );
      const as = { 'impersonate-user': 'climber' };
      const path = `${RBAC}/namespaces/${namespace}/roles`;
      await eventually(
        () => api.get(path, as),
        ({ code }) => code === 200,
      );
      const climb = await api.send('POST', path, {
        body: role('Role', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }], 'ladder'),
        headers: as,
      });
      expect(climb.code).toBe(403);
      expect(climb.body.message).toContain('is attempting to grant RBAC permissions not currently held');
      const bind = await api.send('POST', `${RBAC}/namespaces/${namespace}/rolebindings`, {
        body: {
          ...binding(
            'RoleBinding',
            'ClusterRole',
            [{ kind: 'User', name: 'climber', apiGroup: 'rbac.authorization.k8s.io' }],
            'ladder',
          ),
          roleRef: { kind: 'ClusterRole', name: 'cluster-admin', apiGroup: 'rbac.authorization.k8s.io' },
        },
        headers: as,
      });
      expect(bind.code).toBe(403);
    });

    it('cannot be moved to another role by changing a binding', async () => {
      const { api, freshNamespace, minor } = get();
      const path = `${RBAC}/namespaces/${await freshNamespace()}/rolebindings`;
      await api.create(path, binding('RoleBinding', 'Role', []));
      const { code, body } = await api.merge(`${path}/one`, { roleRef: { name: 'other' } });
      expect(code).toBe(422);
      const why = { minor: 37, words: 'field is immutable', before: 'cannot change roleRef' };
      expect(body.message).toContain(wordsOf(why, minor));
    });
  });
}

function role(kind: string, rules: Json[], name = 'one'): Json {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name }, rules };
}

function binding(kind: string, roleKind: string, subjects: Json[], name = 'one'): Json {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name },
    subjects,
  };
}

/** Asks what another user may do. */
function access(get: Get, user: string, namespace: string) {
  return (attributes: Json) =>
    get().api.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { namespace, ...attributes } },
    });
}
