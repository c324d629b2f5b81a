import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../api.ts';
import { configMap } from '../objects.ts';
import type { Get } from '../suite.ts';

const MINE = 'labelSelector=mine';
const labels = { mine: 'yes' };

export function watchCases(get: Get): void {
  describe('watches', () => {
    it('tell of each change after the resourceVersion of a list, in order', async () => {
      const { api, path, revision } = await begin(get);
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${revision}&${MINE}`);
      const made = (await api.create(path, configMap('a', { labels }))).body;
      const changed = (await api.merge(`${path}/a`, { data: { key: 'new' } })).body;
      await api.delete(`${path}/a`);
      expect(await watch.next()).toEqual({ type: 'ADDED', object: made });
      expect(await watch.next()).toEqual({ type: 'MODIFIED', object: changed });
      const deleted = await watch.next();
      expect(deleted).toMatchObject({ type: 'DELETED', object: { data: { key: 'new' } } });
      expect(Number(deleted.object.metadata.resourceVersion)).toBeGreaterThan(
        Number(changed.metadata.resourceVersion),
      );
      watch.close();
    });

    it('resume from the resourceVersion of any event', async () => {
      const { api, path, revision } = await begin(get);
      const first = (await api.create(path, configMap('a', { labels }))).body;
      await api.create(path, configMap('b', { labels }));
      await api.delete(`${path}/a`);
      const watch = await api.watch(
        `${path}?watch=1&resourceVersion=${first.metadata.resourceVersion}&${MINE}`,
      );
      expect(brief(await watch.next())).toEqual(['ADDED', 'b']);
      expect(brief(await watch.next())).toEqual(['DELETED', 'a']);
      watch.close();
      const all = await api.watch(`${path}?watch=1&resourceVersion=${revision}&${MINE}`);
      expect(brief(await all.next())).toEqual(['ADDED', 'a']);
      all.close();
    });

    it('begin with the present objects when no resourceVersion is given', async () => {
      const { api, path } = await begin(get);
      await api.create(path, configMap('b', { labels }));
      await api.create(path, configMap('a', { labels }));
      const watch = await api.watch(`${path}?watch=1&${MINE}`);
      expect(
        [brief(await watch.next()), brief(await watch.next())].sort(([, left], [, right]) =>
          left < right ? -1 : 1,
        ),
      ).toEqual([
        ['ADDED', 'a'],
        ['ADDED', 'b'],
      ]);
      watch.close();
    });

    it('send the present objects and then a bookmark that says so, when asked for initial events', async () => {
      const { api, path } = await begin(get);
      await api.create(path, configMap('a', { labels }));
      const watch = await api.watch(
        `${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&${MINE}`,
      );
      const first = await watch.next();
      expect(brief(first)).toEqual(['ADDED', 'a']);
      const bookmark = await watch.next();
      expect(bookmark).toMatchObject({
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: {
            resourceVersion: expect.stringMatching(/^\d+$/),
            annotations: { 'k8s.io/initial-events-end': 'true' },
          },
        },
      });
      await api.create(path, configMap('b', { labels }));
      expect(brief((await watch.until(({ type }) => type === 'ADDED')).at(-1)!)).toEqual(['ADDED', 'b']);
      watch.close();
    });

    it('refuse initial events without the resourceVersionMatch that they need', async () => {
      const { code, body } = await get().api.get('/api/v1/configmaps?watch=1&sendInitialEvents=true');
      expect(code).toBe(422);
      expect(body.details.causes[0].field).toBe('resourceVersionMatch');
    });

    it('show an object that comes to fit a selector as added, and one that ceases to as deleted', async () => {
      const { api, path, revision } = await begin(get);
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${revision}&${MINE}`);
      await api.create(path, configMap('a'));
      await api.merge(`${path}/a`, { metadata: { labels } });
      await api.merge(`${path}/a`, { data: { key: '2' } });
      const last = await api.merge(`${path}/a`, { metadata: { labels: { mine: null } } });
      await api.create(path, configMap('end', { labels }));
      const seen = await watch.until(({ object }) => object.metadata.name === 'end');
      expect(seen.map(brief)).toEqual([
        ['ADDED', 'a'],
        ['MODIFIED', 'a'],
        ['DELETED', 'a'],
        ['ADDED', 'end'],
      ]);
      expect(seen[2]!.object.metadata.resourceVersion).toBe(last.body.metadata.resourceVersion);
      watch.close();
    });

    it('of one name see that object alone', async () => {
      const { api, path, revision } = await begin(get);
      const watch = await api.watch(
        `${path}?watch=1&resourceVersion=${revision}&fieldSelector=metadata.name%3Db`,
      );
      await api.create(path, configMap('a'));
      await api.create(path, configMap('b'));
      expect(brief(await watch.next())).toEqual(['ADDED', 'b']);
      watch.close();
    });

    it('end after timeoutSeconds', async () => {
      const { api, path, revision } = await begin(get);
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${revision}&timeoutSeconds=1`);
      await watch.ended;
    });

    it('answer an ERROR event with 410 for a resourceVersion that is forgotten', async (context) => {
      const { api, path, revision, server } = await begin(get);
      if (!server.expireHistory) return context.skip('this server cannot be told to forget');
      await api.create(path, configMap('a'));
      await server.expireHistory();
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${revision}`);
      expect(await watch.next()).toMatchObject({
        type: 'ERROR',
        object: {
          kind: 'Status',
          code: 410,
          reason: 'Expired',
          message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/),
        },
      });
      await watch.ended;
    });

    it('give table rows when asked, with the columns in the first event alone', async () => {
      const { api, path, revision } = await begin(get);
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${revision}&${MINE}`, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      });
      await api.create(path, configMap('a', { labels }));
      await api.create(path, configMap('b', { labels }));
      const [first, second] = [await watch.next(), await watch.next()];
      expect(first).toMatchObject({
        type: 'ADDED',
        object: { kind: 'Table', rows: [{ cells: ['a', 1, expect.any(String)] }] },
      });
      expect(first.object.columnDefinitions.map((column: { name: string }) => column.name)).toEqual([
        'Name',
        'Data',
        'Age',
      ]);
      expect(second.object.rows[0].cells[0]).toBe('b');
      expect(second.object.columnDefinitions ?? []).toEqual([]);
      watch.close();
    });

    it('of custom resources work as those of built-in ones', async () => {
      const { api } = get();
      const watch = await api.watch(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?watch=1&timeoutSeconds=1',
      );
      await watch.ended;
    });
  });
}

async function begin(get: Get) {
  const { api, freshNamespace, server } = get();
  const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
  const revision: string = (await api.get(path)).body.metadata.resourceVersion;
  return { api, path, revision, server };
}

function brief({ type, object }: WatchEvent): [string, string] {
  return [type, object.metadata.name];
}
