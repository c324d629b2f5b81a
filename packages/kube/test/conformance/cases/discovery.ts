import { describe, expect, it } from 'vitest';
import type { Get } from '../suite.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function discoveryCases(get: Get): void {
  describe('discovery', () => {
    it('names the version of the core group', async () => {
      const { code, body } = await get().api.get('/api');
      expect(code).toBe(200);
      expect(body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    });

    it('lists groups with their versions and the preferred one', async () => {
      const { body } = await get().api.get('/apis');
      expect(body.kind).toBe('APIGroupList');
      const apps = body.groups.find((group: { name: string }) => group.name === 'apps');
      expect(apps).toMatchObject({
        versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      });
    });

    it('describes one group, and answers 404 for one that is not there', async () => {
      expect((await get().api.get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', name: 'apps' });
      expect((await get().api.get('/apis/nothing.example')).code).toBe(404);
    });

    it('lists resources and subresources of a version', async () => {
      const { body } = await get().api.get('/apis/apps/v1');
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
      const named = (name: string) =>
        body.resources.find((resource: { name: string }) => resource.name === name);
      expect(named('deployments')).toMatchObject({
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        shortNames: ['deploy'],
        categories: ['all'],
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      });
      expect(named('deployments/status')).toMatchObject({
        kind: 'Deployment',
        verbs: ['get', 'patch', 'update'],
      });
      expect(named('deployments/scale')).toMatchObject({
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
      });
    });

    it('answers aggregated discovery when the client asks for it', async () => {
      const { body, headers } = await get().api.get('/apis', { accept: AGGREGATED });
      expect(headers['content-type']).toContain('as=APIGroupDiscoveryList');
      expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
      const apps = body.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'apps');
      const deployments = apps.versions[0].resources.find(
        (resource: { resource: string }) => resource.resource === 'deployments',
      );
      expect(deployments).toMatchObject({
        scope: 'Namespaced',
        singularResource: 'deployment',
        responseKind: { kind: 'Deployment' },
      });
      expect(deployments.subresources.map((sub: { subresource: string }) => sub.subresource)).toEqual([
        'scale',
        'status',
      ]);
    });

    it('answers the core group in aggregated discovery at /api', async () => {
      const { body } = await get().api.get('/api', { accept: AGGREGATED });
      expect(body.items).toHaveLength(1);
      const pods = body.items[0].versions[0].resources.find(
        (resource: { resource: string }) => resource.resource === 'pods',
      );
      expect(pods.subresources.map((sub: { subresource: string }) => sub.subresource)).toEqual(
        expect.arrayContaining(['binding', 'eviction', 'exec', 'log', 'proxy', 'status']),
      );
    });

    it('tells its version', async () => {
      const { body } = await get().api.get('/version');
      expect(body).toMatchObject({
        major: '1',
        minor: expect.stringMatching(/^\d+/),
        gitVersion: expect.stringMatching(/^v1\./),
      });
    });

    it('is live and ready', async () => {
      for (const path of ['/livez', '/readyz', '/healthz']) {
        const { code, text } = await get().api.get(path);
        expect([code, text]).toEqual([200, 'ok']);
      }
    });

    it('serves an OpenAPI v3 document of each group and version, under an address with its hash', async () => {
      const { body } = await get().api.get('/openapi/v3');
      const address: string = body.paths['apis/apps/v1'].serverRelativeURL;
      expect(address).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/);
      const document = (await get().api.get(address)).body;
      expect(document.openapi).toMatch(/^3\.0/);
      const { Deployment, DeploymentSpec } = {
        Deployment: document.components.schemas['io.k8s.api.apps.v1.Deployment'],
        DeploymentSpec: document.components.schemas['io.k8s.api.apps.v1.DeploymentSpec'],
      };
      expect(Deployment['x-kubernetes-group-version-kind']).toEqual([
        { group: 'apps', kind: 'Deployment', version: 'v1' },
      ]);
      expect(DeploymentSpec.properties.replicas).toMatchObject({ type: 'integer', format: 'int32' });
      const patch = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch;
      expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toEqual(
        expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']),
      );
      expect(patch['x-kubernetes-group-version-kind']).toEqual({
        group: 'apps',
        kind: 'Deployment',
        version: 'v1',
      });
    });

    it('serves one OpenAPI v2 document of everything, in JSON and in the protobuf form of kubectl', async () => {
      const { body, headers } = await get().api.get('/openapi/v2');
      expect(body).toMatchObject({ swagger: '2.0', info: { title: 'Kubernetes' } });
      const { definitions } = body;
      expect(definitions['io.k8s.api.apps.v1.Deployment']).toMatchObject({
        properties: { spec: { $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentSpec' } },
        'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
      });
      expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
        type: 'string',
        format: 'int-or-string',
      });
      const path = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}';
      expect(body.paths[path].patch).toMatchObject({
        consumes: expect.arrayContaining(['application/merge-patch+json', 'application/apply-patch+yaml']),
        'x-kubernetes-group-version-kind': { group: 'apps', kind: 'Deployment', version: 'v1' },
      });
      const again = await get().api.get('/openapi/v2', { 'if-none-match': headers['etag']! });
      expect([again.code, again.text]).toEqual([304, '']);
      for (const accept of ['spec.v2@v1.0', 'spec.v2.v1.0']) {
        const answer = await get().api.get('/openapi/v2', {
          accept: `application/com.github.proto-openapi.${accept}+protobuf`,
        });
        expect(answer.headers['content-type']).toBe(
          'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
        );
        expect(answer.text).toContain('#/definitions/io.k8s.api.apps.v1.DeploymentSpec');
      }
      expect((await get().api.get('/openapi/v2', { accept: 'text/html' })).code).toBe(406);
    });

    it('publishes the keys of its service account tokens', async () => {
      const { body } = await get().api.get('/openid/v1/jwks', { accept: '*/*' });
      expect(body.keys[0]).toMatchObject({ use: 'sig', kid: expect.any(String) });
    });
  });
}
