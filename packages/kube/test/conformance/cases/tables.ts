import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { definition, deployment, pod, service } from '../objects.ts';
import type { Get } from '../suite.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io, application/json' };

export function tableCases(get: Get): void {
  describe('tables', () => {
    it('show pods as kubectl get does', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one', {}, { nodeName: 'node-1' }));
      await api.merge(`${path}/one/status`, {
        status: {
          phase: 'Running',
          podIP: '10.0.0.1',
          podIPs: [{ ip: '10.0.0.1' }],
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            {
              name: 'main',
              ready: true,
              restartCount: 2,
              image: 'i',
              imageID: 'i',
              state: { running: { startedAt: '2024-01-01T00:00:00Z' } },
            },
          ],
        },
      });
      const { body } = await api.get(path, TABLE);
      expect(body).toMatchObject({
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: expect.any(String) },
      });
      expect(columns(body)).toEqual([
        'Name',
        'Ready',
        'Status',
        'Restarts',
        'Age',
        'IP',
        'Node',
        'Nominated Node',
        'Readiness Gates',
      ]);
      expect(body.columnDefinitions.map((column: Json) => column.priority)).toEqual([
        0, 0, 0, 0, 0, 1, 1, 1, 1,
      ]);
      const [row] = body.rows;
      expect(row.cells.toSpliced(4, 1)).toEqual([
        'one',
        '1/1',
        'Running',
        expect.anything(),
        '10.0.0.1',
        'node-1',
        '<none>',
        '<none>',
      ]);
      expect(String(row.cells[3])).toBe('2');
      expect(row.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'one' } });
    });

    it.each([
      [
        'Init:0/1',
        {
          initContainerStatuses: [
            { name: 'i', ready: false, restartCount: 0, image: 'i', imageID: '', state: { running: {} } },
          ],
        },
      ],
      [
        'CrashLoopBackOff',
        {
          containerStatuses: [
            {
              name: 'main',
              ready: false,
              restartCount: 3,
              image: 'i',
              imageID: '',
              state: { waiting: { reason: 'CrashLoopBackOff' } },
            },
          ],
        },
      ],
      [
        'Completed',
        {
          phase: 'Succeeded',
          containerStatuses: [
            {
              name: 'main',
              ready: false,
              restartCount: 0,
              image: 'i',
              imageID: '',
              state: { terminated: { exitCode: 0, reason: 'Completed' } },
            },
          ],
        },
      ],
      [
        'ExitCode:3',
        {
          containerStatuses: [
            {
              name: 'main',
              ready: false,
              restartCount: 0,
              image: 'i',
              imageID: '',
              state: { terminated: { exitCode: 3 } },
            },
          ],
        },
      ],
      ['Evicted', { phase: 'Failed', reason: 'Evicted' }],
    ])('say %s of a pod in that state', async (word, status) => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const spec = word.startsWith('Init') ? { initContainers: [{ name: 'i', image: 'i:1' }] } : {};
      await api.create(path, pod('one', {}, spec));
      await api.merge(`${path}/one/status`, { status });
      expect((await api.get(path, TABLE)).body.rows[0].cells[2]).toBe(word);
    });

    it('show deployments and services as kubectl get does', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      await api.create(
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
        // Paused, so that a server's own controller reports no pods of it.
        deployment('one', {}, { replicas: 3, paused: true }),
      );
      const deployments = (await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments`, TABLE)).body;
      expect(columns(deployments)).toEqual([
        'Name',
        'Ready',
        'Up-to-date',
        'Available',
        'Age',
        'Containers',
        'Images',
        'Selector',
      ]);
      expect(deployments.rows[0].cells.toSpliced(4, 1)).toEqual([
        'one',
        '0/3',
        0,
        0,
        'main',
        'example/image:1',
        'app=one',
      ]);
      await api.create(
        `/api/v1/namespaces/${namespace}/services`,
        service('one', {
          selector: { app: 'one' },
          ports: [
            { port: 80, name: 'http' },
            { port: 53, protocol: 'UDP', name: 'dns' },
          ],
        }),
      );
      const services = (await api.get(`/api/v1/namespaces/${namespace}/services`, TABLE)).body;
      expect(columns(services)).toEqual([
        'Name',
        'Type',
        'Cluster-IP',
        'External-IP',
        'Port(s)',
        'Age',
        'Selector',
      ]);
      const cells = services.rows[0].cells;
      expect([cells[0], cells[1], cells[3], cells[4], cells[6]]).toEqual([
        'one',
        'ClusterIP',
        '<none>',
        '80/TCP,53/UDP',
        'app=one',
      ]);
      expect(cells[2]).toMatch(/^10\./);
    });

    it('show nodes, namespaces and roles as kubectl get does', async () => {
      const { api, freshName } = get();
      const name = freshName('node');
      await api.create('/api/v1/nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { 'node-role.kubernetes.io/worker': '' } },
      });
      await api.merge(`/api/v1/nodes/${name}/status`, {
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
        },
      });
      const { body } = await api.get(`/api/v1/nodes/${name}`, TABLE);
      expect(columns(body)).toEqual([
        'Name',
        'Status',
        'Roles',
        'Age',
        'Version',
        'Internal-IP',
        'External-IP',
        'OS-Image',
        'Kernel-Version',
        'Container-Runtime',
      ]);
      expect(body.rows[0].cells.toSpliced(3, 1)).toEqual([
        name,
        'Ready',
        'worker',
        '',
        '192.0.2.1',
        '<none>',
        '<unknown>',
        '<unknown>',
        '<unknown>',
      ]);
      await api.delete(`/api/v1/nodes/${name}`);
      const namespaces = (await api.get('/api/v1/namespaces/default', TABLE)).body;
      expect(columns(namespaces)).toEqual(['Name', 'Status', 'Age']);
      expect(namespaces.rows[0].cells.slice(0, 2)).toEqual(['default', 'Active']);
    });

    it('hold the object itself, or nothing, when asked', async () => {
      const whole = (await get().api.get('/api/v1/namespaces/default?includeObject=Object', TABLE)).body;
      expect(whole.rows[0].object).toMatchObject({
        kind: 'Namespace',
        metadata: { name: 'default' },
        spec: {},
      });
      const none = (await get().api.get('/api/v1/namespaces/default?includeObject=None', TABLE)).body;
      expect(none.rows[0].object ?? null).toBeNull();
    });

    it('show the columns of a custom resource', async () => {
      const { api, freshName, freshNamespace } = get();
      const plural = freshName('tables').replaceAll('-', '');
      const schema = {
        type: 'object',
        properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      };
      const made = await api.create(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        definition(plural, `T${plural}`, schema, {
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Note', type: 'string', jsonPath: '.spec.note', priority: 1 },
            { name: 'Ready', type: 'string', jsonPath: '.spec.conditions[?(@.type=="Ready")].status' },
            { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        }),
      );
      expect(made.code).toBe(201);
      const path = `/apis/example.com/v1/namespaces/${await freshNamespace()}/${plural}`;
      const object = {
        apiVersion: 'example.com/v1',
        kind: `T${plural}`,
        metadata: { name: 'one' },
        spec: {
          size: 3,
          conditions: [
            { type: 'Other', status: 'x' },
            { type: 'Ready', status: 'True' },
          ],
        },
      };
      for (let tries = 0; tries < 50 && (await api.create(path, object)).code !== 201; tries++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const { body } = await api.get(path, TABLE);
      expect(columns(body)).toEqual(['Name', 'Size', 'Note', 'Ready', 'Since']);
      expect(body.rows[0].cells.slice(0, 4)).toEqual(['one', 3, null, 'True']);
      expect(body.columnDefinitions[2].priority).toBe(1);
      await api.delete(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.example.com`);
    });
  });
}

function columns(table: Json): string[] {
  return table.columnDefinitions.map((column: Json) => column.name);
}
