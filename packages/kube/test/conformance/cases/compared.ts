import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { deployment, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'one' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
};

/** What random sequences of requests found the embedded server to answer in another way than kube-apiserver. */
export function comparedCases(get: Get): void {
  describe('what comparison found', () => {
    it('a pod that goes without delay is first seen to be going', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const made = (await api.create(path, pod('one'))).body;
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${made.metadata.resourceVersion}`);
      const { code, body } = await api.delete(`${path}/one`);
      expect([code, body.metadata.deletionGracePeriodSeconds, body.metadata.generation]).toEqual([200, 0, 2]);
      expect([(await watch.next()).type, (await watch.next()).type]).toEqual(['MODIFIED', 'DELETED']);
      watch.close();
    });

    it('a second deletion makes a pod’s time shorter, never longer, and changes no finalizers before', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one', {}, { nodeName: 'no-such-node' }));
      const remove = async (gracePeriodSeconds: number) => {
        const options = { gracePeriodSeconds, propagationPolicy: 'Foreground' };
        const { metadata } = (
          await api.delete(`${path}/one`, { kind: 'DeleteOptions', apiVersion: 'v1', ...options })
        ).body;
        return [metadata.deletionGracePeriodSeconds, metadata.generation];
      };
      expect(await remove(100)).toEqual([100, 2]);
      expect(await remove(200)).toEqual([100, 2]);
      expect(await remove(50)).toEqual([50, 2]);
      await api.merge(`${path}/one`, { metadata: { finalizers: null } });
      await api.delete(`${path}/one?gracePeriodSeconds=0`);
    });

    it('annotations of a Deployment make a new generation, but not by way of its status', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      await api.create(path, deployment('one'));
      const annotate = async (at: string, note: string) =>
        (await api.merge(`${path}/one${at}`, { metadata: { annotations: { note } } })).body.metadata
          .generation;
      expect(await annotate('', 'a')).toBe(2);
      expect(await annotate('/status', 'b')).toBe(2);
    });

    it('a Service that is of another type loses what only the old one has', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/services`;
      const { spec: before } = (await api.create(path, SERVICE)).body;
      const { spec: next } = (await api.merge(`${path}/one`, { spec: { type: 'NodePort' } })).body;
      expect([before.allocateLoadBalancerNodePorts, next.allocateLoadBalancerNodePorts]).toEqual([
        true,
        undefined,
      ]);
      expect(next.ports[0].nodePort).toBe(before.ports[0].nodePort);
      const { spec: last } = (await api.merge(`${path}/one`, { spec: { type: 'ClusterIP' } })).body;
      expect(last.ports[0].nodePort).toBeUndefined();
    });

    it('times of conditions that nobody says are null', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one'));
      const conditions = [{ type: 'example.com/Fine', status: 'True' }];
      const { body } = await api.strategic(`${path}/one/status`, { status: { conditions } });
      expect(body.status.conditions).toContainEqual(
        expect.objectContaining({ ...conditions[0], lastProbeTime: null, lastTransitionTime: null }),
      );
    });

    it('a replacement with an empty list of managers takes management away', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const head = { apiVersion: 'v1', kind: 'ConfigMap' };
      await api.apply(`${path}/one`, 'alice', { ...head, metadata: { name: 'one' }, data: { a: '1' } });
      const metadata = { name: 'one', managedFields: [] };
      const { body } = await api.put(`${path}/one`, { ...head, metadata, data: { a: '2' } });
      expect(body.metadata.managedFields).toBeUndefined();
    });

    it('an item without the name that tells it from others has no owner, nor has what changes then', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/serviceaccounts`;
      const head = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'one' } };
      // Before 1.37 alice does not own hers any more either.
      const newOwners = (object: Json) =>
        (object.metadata.managedFields ?? []).filter(({ manager }: Json) => manager !== 'alice');
      await api.apply(`${path}/one`, 'alice', { ...head, secrets: [{ name: 'one' }] });
      const { body } = await api.jsonPatch(`${path}/one`, [{ op: 'add', path: '/secrets/0', value: {} }]);
      expect([body.secrets, newOwners(body)]).toEqual([[{}, { name: 'one' }], []]);
      const labelled = await api.merge(`${path}/one`, { metadata: { labels: { a: 'b' } } });
      expect(newOwners(labelled.body)).toEqual([]);
      const made = await api.create(path, { ...head, metadata: { name: 'two' }, secrets: [{}] });
      expect([made.code, made.body.metadata.managedFields]).toEqual([201, undefined]);
    });

    it('a dry run of an apply that would create shows the version that was sent', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/secrets/one`;
      const metadata = { name: 'one', resourceVersion: '1' };
      const config = { apiVersion: 'v1', kind: 'Secret', metadata };
      const { code, body } = await api.apply(path, 'alice', config, 'dryRun=All');
      expect([code, body.metadata.resourceVersion]).toEqual([201, '1']);
    });

    it.each([
      ['Secret', 'secrets', 'data'],
      ['ConfigMap', 'configmaps', 'binaryData'],
    ])(
      'an immutable %s (%s) without %s takes no empty one, though neither is stored',
      async (kind, plural, field) => {
        const { api, freshNamespace } = get();
        const path = `/api/v1/namespaces/${await freshNamespace()}/${plural}`;
        const whole = { apiVersion: 'v1', kind, metadata: { name: 'one' }, immutable: true };
        await api.create(path, { ...whole, [field]: {} });
        for (const answer of [
          await api.merge(`${path}/one`, { [field]: {} }),
          await api.strategic(`${path}/one`, { [field]: {} }),
          await api.put(`${path}/one`, { ...whole, [field]: {} }),
          await api.apply(`${path}/one`, 'me', { ...whole, [field]: {} }),
        ]) {
          expect(answer.code).toBe(422);
          expect(answer.body.details.causes).toEqual([
            { reason: 'FieldValueForbidden', message: expect.stringContaining('field is immutable'), field },
          ]);
        }
        const { code, body } = await api.put(`${path}/one`, {
          ...whole,
          metadata: { name: 'one', labels: { a: 'b' } },
        });
        expect([code, field in body]).toEqual([200, false]);
        await api.delete(`${path}/one`);
        await api.create(path, { ...whole, immutable: false });
        const { body: open } = await api.merge(`${path}/one`, { [field]: {} });
        expect(field in open).toBe(false);
        expect(JSON.stringify(open.metadata.managedFields)).not.toContain(`f:${field}`);
      },
    );

    it('a template may have what a pod may not: spaces around an image, and less than no time to end', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const containers = [{ name: 'main', image: ' example/image:1' }];
      const refused = await api.create(
        `/api/v1/namespaces/${namespace}/pods`,
        pod('one', {}, { containers, terminationGracePeriodSeconds: -1 }),
      );
      expect([refused.code, refused.body.details?.causes]).toEqual([
        422,
        [
          {
            reason: 'FieldValueInvalid',
            message: expect.stringContaining('must not have leading or trailing whitespace'),
            field: 'spec.containers[0].image',
          },
        ],
      ]);
      const { body: made } = await api.create(
        `/api/v1/namespaces/${namespace}/pods`,
        pod('one', {}, { terminationGracePeriodSeconds: -1 }),
      );
      expect(made.spec.terminationGracePeriodSeconds).toBe(1);
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const { spec, ...rest } = deployment('one');
      spec.template.spec = { ...spec.template.spec, containers, terminationGracePeriodSeconds: -1 };
      const why =
        'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
      const taken = await api.create(path, { ...rest, spec });
      const again = await api.create(path, { ...rest, spec });
      expect([again.code, again.headers['warning']]).toEqual([409, `299 - "${why}"`]);
      expect([taken.code, taken.headers['warning']]).toEqual([201, `299 - "${why}"`]);
      expect(taken.body.spec.template.spec.terminationGracePeriodSeconds).toBe(-1);
      const named = await api.merge(`${path}/one`, { metadata: { labels: { a: 'b' } } });
      expect(named.headers['warning']).toBeUndefined();
      expect((await api.merge(`${path}/one`, { spec: { paused: true } })).headers['warning']).toContain(why);
    });

    it('a Deployment whose selector is wrong is not asked about its template', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const selector = { matchLabels: { app: 'not ok' } };
      const { body } = await api.create(path, deployment('one', {}, { selector }));
      expect(
        body.details.causes.map(({ field, message }: { field: string; message: string }) => [field, message]),
      ).toEqual([
        ['spec.selector.matchLabels', expect.stringContaining('a valid label must be')],
        ['spec.selector', expect.stringContaining('invalid label selector')],
      ]);
    });

    it('containers and volumes have names of their own, variables and ports need not', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const volume = { name: 'v', emptyDir: {} };
      const env = { name: 'A', value: '1' };
      const container = { name: 'main', image: 'example/image:1' };
      const fields = async (spec: object) =>
        ((await api.create(path, pod('one', {}, spec))).body.details?.causes ?? []).map(
          ({ field }: { field: string }) => field,
        );
      expect(await fields({ volumes: [volume, volume] })).toEqual(['spec.volumes[1].name']);
      expect(await fields({ containers: [container, container] })).toEqual(['spec.containers[1].name']);
      const port = { containerPort: 80 };
      expect(await fields({ containers: [{ ...container, env: [env, env], ports: [port, port] }] })).toEqual(
        [],
      );
    });

    it('a DaemonSet without a selector selects nothing, and is told of unknown fields though they are null', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/daemonsets`;
      const { spec, ...rest } = deployment('one');
      const { selector, ...bare } = spec;
      const { body } = await api.create(path, { ...rest, kind: 'DaemonSet', spec: bare });
      expect(body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
        'spec.template.metadata.labels',
      ]);
      const made = await api.create(path, {
        ...rest,
        kind: 'DaemonSet',
        spec: { ...bare, selector, replicas: null },
      });
      expect([made.code, made.headers['warning']]).toEqual([
        201,
        '299 - "unknown field \\"spec.replicas\\""',
      ]);
    });

    it('a pod keeps its tolerations, its containers and its deadline', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      await api.create(path, pod('one', {}, { activeDeadlineSeconds: 60 }));
      const causes = async (spec: object) =>
        (await api.merge(`${path}/one`, { spec })).body.details.causes.map(
          ({ field }: { field: string }) => field,
        );
      expect(await causes({ activeDeadlineSeconds: 90 })).toEqual(['spec.activeDeadlineSeconds']);
      expect(await causes({ activeDeadlineSeconds: null })).toContain('spec.activeDeadlineSeconds');
      expect(await causes({ containers: [] })).toContain('spec.containers');
      const { body } = await api.merge(`${path}/one`, {
        spec: { tolerations: [{ key: 'a', operator: 'Exists' }] },
      });
      expect(body.spec.tolerations.map(({ key }: { key: string }) => key)).toEqual([
        'a',
        'node.kubernetes.io/not-ready',
        'node.kubernetes.io/unreachable',
      ]);
    });

    it('a null among texts is an empty text', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', generation: 7 } };
      const { body } = await api.create(path, { ...object, data: { a: null } });
      expect([body.data, body.metadata.generation]).toEqual([{ a: '' }, 7]);
    });
  });
}
