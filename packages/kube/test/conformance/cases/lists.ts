import { describe, expect, it } from 'vitest';
import type { Api, Json } from '../api.ts';
import { configMap, pod } from '../objects.ts';
import type { Get } from '../suite.ts';

export function listCases(get: Get): void {
  describe('lists', () => {
    it('are sorted by name, carry a resourceVersion and their kind', async () => {
      const { api, freshNamespace } = get();
      const path = await filled(api, await freshNamespace(), ['b', 'c', 'a']);
      const { body } = await api.get(path);
      expect(body).toMatchObject({
        kind: 'EndpointsList',
        apiVersion: 'v1',
        metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
      });
      expect(names(body)).toEqual(['a', 'b', 'c']);
      expect(body.metadata.continue ?? '').toBe('');
    });

    it('span namespaces', async () => {
      const { api, freshNamespace } = get();
      const [first, second] = [await freshNamespace(), await freshNamespace()];
      await filled(api, first, ['a']);
      await filled(api, second, ['a']);
      const { body } = await api.get('/api/v1/endpoints');
      const found = body.items.map((item: Json) => item.metadata.namespace);
      expect(found).toEqual(expect.arrayContaining([first, second]));
    });

    it('are empty lists, not errors, in a namespace that is not there', async () => {
      const { code, body } = await get().api.get('/api/v1/namespaces/not-there-at-all/configmaps');
      expect([code, body.items]).toEqual([200, []]);
    });

    it('come in pages that together are one consistent snapshot', async () => {
      const { api, freshNamespace } = get();
      const path = await filled(api, await freshNamespace(), ['a', 'b', 'c', 'd', 'e']);
      const first = (await api.get(`${path}?limit=2`)).body;
      expect(names(first)).toEqual(['a', 'b']);
      expect(first.metadata.remainingItemCount).toBe(3);
      await api.delete(`${path}/c`);
      await api.create(path, endpoints('bb'));
      await api.merge(`${path}/d`, { metadata: { annotations: { note: 'changed' } } });
      const second = (
        await api.get(`${path}?limit=2&continue=${encodeURIComponent(first.metadata.continue)}`)
      ).body;
      expect(names(second)).toEqual(['c', 'd']);
      expect(second.items[1].metadata.annotations.note).toBe('first');
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      const third = (
        await api.get(`${path}?limit=2&continue=${encodeURIComponent(second.metadata.continue)}`)
      ).body;
      expect(names(third)).toEqual(['e']);
      expect(third.metadata.continue ?? '').toBe('');
    });

    it('fill a page with what fits a selector', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      for (const name of ['a', 'b', 'c', 'd'])
        await api.create(path, configMap(name, { labels: { even: String(name === 'b' || name === 'd') } }));
      const { body } = await api.get(`${path}?limit=1&labelSelector=even%3Dtrue`);
      expect(names(body)).toEqual(['b']);
      expect(body.metadata.remainingItemCount).toBeUndefined();
      const rest = (
        await api.get(
          `${path}?limit=5&labelSelector=even%3Dtrue&continue=${encodeURIComponent(body.metadata.continue)}`,
        )
      ).body;
      expect(names(rest)).toEqual(['d']);
    });

    it('refuse a continue token that is none', async () => {
      const { code, body } = await get().api.get('/api/v1/configmaps?limit=1&continue=nonsense');
      expect(code).toBe(400);
      expect(body.reason).toBe('BadRequest');
    });

    it('go on after a name, also where the token is of another list, and never outside of their own', async () => {
      const { api, freshNamespace } = get();
      const path = await filled(api, await freshNamespace(), ['a', 'b', 'c']);
      const first = (await api.get('/api/v1/namespaces?limit=1')).body;
      const written = JSON.parse(Buffer.from(first.metadata.continue, 'base64url').toString());
      // What is read from a cache goes on with a slash.
      expect(written.start.replace(/^\//, '')).toBe(`${first.items[0].metadata.name}\0`);
      const after = (start: string) => {
        const token = JSON.stringify({ ...written, rv: -1, start });
        return api.get(`${path}?continue=${Buffer.from(token).toString('base64url')}`);
      };
      expect(names((await after('a\0')).body)).toEqual(['b', 'c']);
      expect(names((await after('/b\0')).body)).toEqual(['c']);
      for (const start of ['../a', 'a/', 'a//b']) {
        const { code, body } = await after(start);
        expect([code, body.message]).toEqual([
          400,
          `invalid continue token: continue key is not valid: ${start}`,
        ]);
      }
    });

    it('answer 410 with a token for the inconsistent rest when the snapshot is forgotten', async (context) => {
      const { api, freshNamespace, server } = get();
      if (!server.expireHistory) return context.skip('this server cannot be told to forget');
      const path = await filled(api, await freshNamespace(), ['a', 'b', 'c']);
      const first = (await api.get(`${path}?limit=1`)).body;
      await api.create(path, endpoints('bb'));
      await server.expireHistory();
      const expired = await api.get(
        `${path}?limit=1&continue=${encodeURIComponent(first.metadata.continue)}`,
      );
      expect(expired.code).toBe(410);
      expect(expired.body).toMatchObject({
        reason: 'Expired',
        message: expect.stringContaining('The provided continue parameter is too old'),
      });
      const rest = (await api.get(`${path}?continue=${encodeURIComponent(expired.body.metadata.continue)}`))
        .body;
      expect(names(rest)).toEqual(['b', 'bb', 'c']);
    });

    it('read the past when asked for exactly that resourceVersion', async () => {
      const { api, freshNamespace } = get();
      const path = await filled(api, await freshNamespace(), ['a']);
      const then = (await api.get(path)).body.metadata.resourceVersion;
      await api.create(path, endpoints('b'));
      const past = (await api.get(`${path}?resourceVersion=${then}&resourceVersionMatch=Exact`)).body;
      expect(names(past)).toEqual(['a']);
      const now = (await api.get(`${path}?resourceVersion=${then}&resourceVersionMatch=NotOlderThan`)).body;
      expect(names(now)).toEqual(['a', 'b']);
    });

    it('refuse a resourceVersionMatch without a resourceVersion', async () => {
      const { code, body } = await get().api.get('/api/v1/configmaps?resourceVersionMatch=Exact');
      expect(code).toBe(422);
      expect(body.details.causes[0]).toMatchObject({
        reason: 'FieldValueForbidden',
        field: 'resourceVersionMatch',
      });
    });

    it.each([
      ['app=web', ['a']],
      ['app==web', ['a']],
      ['app!=web', ['b', 'c']],
      ['app in (web, db)', ['a', 'b']],
      ['app notin (web)', ['b', 'c']],
      ['app', ['a', 'b']],
      ['!app', ['c']],
      ['app=web,tier', ['a']],
      ['tier,app=db', []],
    ])('select by the labels %s', async (selector, expected) => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('a', { labels: { app: 'web', tier: 'front' } }));
      await api.create(path, configMap('b', { labels: { app: 'db' } }));
      await api.create(path, configMap('c'));
      const { body } = await api.get(`${path}?labelSelector=${encodeURIComponent(selector)}`);
      expect(names(body)).toEqual(expected);
    });

    it('refuse a label selector that does not parse', async () => {
      const { code } = await get().api.get(
        `/api/v1/configmaps?labelSelector=${encodeURIComponent('a in (')}`,
      );
      expect(code).toBe(400);
    });

    it('select by name and namespace everywhere, and by the fields that a kind names', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = await filled(api, namespace, ['a', 'b']);
      expect(names((await api.get(`${path}?fieldSelector=metadata.name%3Da`)).body)).toEqual(['a']);
      expect(
        names(
          (await api.get(`${path}?fieldSelector=metadata.name!%3Da,metadata.namespace%3D${namespace}`)).body,
        ),
      ).toContain('b');
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      await api.create(pods, pod('on', {}, { nodeName: 'node-1' }));
      await api.create(pods, pod('off'));
      expect(names((await api.get(`${pods}?fieldSelector=spec.nodeName%3Dnode-1`)).body)).toEqual(['on']);
      expect(
        names((await api.get(`${pods}?fieldSelector=spec.nodeName%3D,status.phase%3DPending`)).body),
      ).toEqual(['off']);
    });

    it('refuse a field that the kind does not let select by', async () => {
      const { code, body } = await get().api.get('/api/v1/configmaps?fieldSelector=data.key%3Dvalue');
      expect(code).toBe(400);
      expect(body.message).toBe(
        '"data.key" is not a known field selector: only "metadata.name", "metadata.namespace"',
      );
    });

    it('refuse a field of a kind that lets some be selected by', async () => {
      const { code, body } = await get().api.get('/api/v1/pods?fieldSelector=spec.nothing%3Dx');
      expect(code).toBe(400);
      expect(body.message).toBe('field label not supported: spec.nothing');
    });

    it('give metadata alone when asked', async () => {
      const { api, freshNamespace } = get();
      const path = await filled(api, await freshNamespace(), ['a']);
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      const { body } = await api.get(path, { accept });
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(body.items[0].metadata.name).toBe('a');
      expect(body.items[0].subsets).toBeUndefined();
      const one = await api.get(`${path}/a`, { accept: accept.replace('List', '') });
      expect(one.body).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    });
  });
}

/** Fills a namespace with Endpoints, of which no controller makes any. */
async function filled(api: Api, namespace: string, wanted: readonly string[]): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/endpoints`;
  for (const name of wanted) await api.create(path, endpoints(name));
  return path;
}

function endpoints(name: string, note = 'first'): Json {
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, annotations: { note } } };
}

/** Names of a list's items, without what controllers put into every namespace. */
function names(list: Json): string[] {
  return list.items
    .map((item: Json) => item.metadata.name)
    .filter((name: string) => name !== 'kube-root-ca.crt');
}
