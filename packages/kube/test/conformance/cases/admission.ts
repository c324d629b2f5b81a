import { describe, expect, it } from 'vitest';
import type { Answer, Json } from '../api.ts';
import { eventually } from '../api.ts';
import { configMap } from '../objects.ts';
import type { Get } from '../suite.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';

export function admissionCases(get: Get): void {
  describe('admission policies', () => {
    it('refuse what breaks a validation, in their own words', async () => {
      const { api, path, name, remove } = await begin(get, {
        variables: [{ name: 'size', expression: 'size(object.data)' }],
        validations: [{ expression: 'variables.size <= 1', message: 'one key is enough' }],
      });
      const two = configMap('two', {}, { a: '1', b: '2' });
      const refused = await eventually(
        () => api.create(`${path}?dryRun=All`, two),
        ({ code }) => code !== 201,
      );
      expect(refused.code).toBe(422);
      expect(refused.body).toMatchObject({
        reason: 'Invalid',
        message: `configmaps "two" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: one key is enough`,
        details: {
          name: 'two',
          kind: 'configmaps',
          causes: [
            {
              message: `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: one key is enough`,
            },
          ],
        },
      });
      expect((await api.create(path, configMap('one'))).code).toBe(201);
      expect((await api.merge(`${path}/one`, { data: { more: 'x' } })).code).toBe(422);
      expect((await api.apply(`${path}/one`, 'me', configMap('one', {}, { extra: 'x' }))).code).toBe(422);
      await remove();
    });

    it('give the reason that a validation names, and a message that it computes', async () => {
      const { api, path, remove } = await begin(get, {
        validations: [
          { expression: 'false', reason: 'Forbidden', messageExpression: "'not ' + object.metadata.name" },
        ],
      });
      const refused = await eventually(
        () => api.create(`${path}?dryRun=All`, configMap('this')),
        ({ code }) => code !== 201,
      );
      expect([refused.code, refused.body.reason]).toEqual([403, 'Forbidden']);
      expect(refused.body.message).toContain('denied request: not this');
      await remove();
    });

    it('look only at requests that fit their conditions, also deletions', async () => {
      const { api, path, remove } = await begin(get, {
        matchConditions: [
          {
            name: 'others',
            expression: "request.userInfo.username != 'admin' || request.operation == 'DELETE'",
          },
        ],
        validations: [
          {
            expression:
              "request.operation != 'DELETE' || !has(oldObject.metadata.labels) || !('keep' in oldObject.metadata.labels)",
          },
        ],
      });
      await api.create(path, configMap('free'));
      await api.create(path, configMap('kept', { labels: { keep: 'yes' } }));
      const refused = await eventually(
        () => api.delete(`${path}/kept?dryRun=All`),
        ({ code }) => code !== 200,
      );
      expect(refused.code).toBe(422);
      expect(refused.body.message).toContain('failed expression: request.operation');
      expect((await api.delete(`${path}/free`)).code).toBe(200);
      await remove();
    });

    it('only warn when their binding says so', async () => {
      const { api, path, remove } = await begin(
        get,
        { validations: [{ expression: 'false', message: 'mind this' }] },
        { validationActions: ['Warn'] },
      );
      const warned = await eventually(
        () => api.create(`${path}?dryRun=All`, configMap('x')),
        ({ headers }) => headers['warning'] !== undefined,
      );
      expect([warned.code, warned.headers['warning']]).toEqual([201, expect.stringContaining('mind this')]);
      await remove();
    });

    it('close when they cannot be evaluated, unless they ignore failures', async () => {
      const broken = { validations: [{ expression: "object.data['missing'] == 'x'" }] };
      const closed = await begin(get, broken);
      const refused = await eventually(
        () => closed.api.create(`${closed.path}?dryRun=All`, configMap('x')),
        ({ code }) => code !== 201,
      );
      expect(refused.code).toBe(422);
      expect(refused.body.message).toContain('resulted in error');
      await closed.remove();
      const open = await begin(get, { ...broken, failurePolicy: 'Ignore' });
      await new Promise((resolve) => setTimeout(resolve, open.settleMs));
      expect((await open.api.create(open.path, configMap('x'))).code).toBe(201);
      await open.remove();
    });

    it('know the node of a bound token, so that an agent writes only what is its own', async () => {
      const { api, freshName } = get();
      const node = freshName('node');
      const { path, namespace, remove } = await begin(get, {
        matchConditions: [
          { name: 'agents', expression: "request.userInfo.username.startsWith('system:serviceaccount:')" },
        ],
        variables: [
          {
            name: 'tokenNode',
            expression:
              "'authentication.kubernetes.io/node-name' in request.userInfo.extra ? request.userInfo.extra['authentication.kubernetes.io/node-name'][0] : ''",
          },
        ],
        validations: [
          {
            expression: "variables.tokenNode != '' && variables.tokenNode == object.data.node",
            message: 'not your node',
          },
        ],
      });
      const made = (
        await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node } })
      ).body;
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await api.create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'agent' } });
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      await api.create(`${rbac}/roles`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'agent' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
      });
      await api.create(`${rbac}/rolebindings`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'agent' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'agent' },
        subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace }],
      });
      const boundObjectRef = { kind: 'Node', apiVersion: 'v1', name: node, uid: made.metadata.uid };
      const spec = { audiences: null, boundObjectRef };
      const { token } = (
        await api.create(`${accounts}/agent/token`, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec,
        })
      ).body.status;
      const write = (name: string, of: string): Promise<Answer> =>
        api.send('POST', path, { token, body: configMap(name, {}, { node: of }) });
      const foreign = await eventually(
        () => write('foreign', 'another'),
        ({ code }) => code === 422,
      );
      expect(foreign.body.message).toContain('not your node');
      expect((await write('own', node)).code).toBe(201);
      await api.delete(`/api/v1/nodes/${node}`);
      await remove();
    });
  });
}

/** Makes a policy of ConfigMaps in a fresh namespace, and its binding. */
async function begin(get: Get, policy: Json, binding: Json = {}) {
  const { api, freshName, freshNamespace, server } = get();
  const namespace = await freshNamespace();
  const name = freshName('policy');
  const spec = {
    failurePolicy: 'Fail',
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['configmaps'],
        },
      ],
    },
    ...policy,
  };
  const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
  const made = await api.create(`${GROUP}/validatingadmissionpolicies`, {
    ...head,
    kind: 'ValidatingAdmissionPolicy',
    spec,
  });
  expect(made.code).toBe(201);
  const bound = await api.create(`${GROUP}/validatingadmissionpolicybindings`, {
    ...head,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
  expect(bound.code).toBe(201);
  const remove = async () => {
    await api.delete(`${GROUP}/validatingadmissionpolicybindings/${name}`);
    await api.delete(`${GROUP}/validatingadmissionpolicies/${name}`);
  };
  // A real server learns of policies through a watch, by and by.
  return {
    api,
    namespace,
    name,
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    remove,
    settleMs: server.learnsByAndBy ? 2000 : 0,
  };
}
