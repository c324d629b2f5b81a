import { expect, test, vi } from 'vitest';
import { ok } from '@flatland/shared/result';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { openKubeClient, type KubeClient } from '../../src/client/kube-client.ts';
import { startListWatch } from '../../src/client/list-watch/list-watch.ts';
import type { ChangesOrigin, ListWatch, ListWatchOptions } from '../../src/client/list-watch/list-watch.ts';
import type { Change } from '../../src/client/list-watch/object-cache.ts';
import type { Report } from '../../src/client/list-watch/machine.ts';
import { ConfigMap } from '../../src/client/resources.ts';
import { TestApiServer, status } from './test-api-server.ts';
import type { StoredObject } from './collection-model.ts';

type World = AsyncDisposable & {
  readonly server: TestApiServer;
  readonly client: KubeClient;
  readonly changes: Change<StoredObject>[];
  readonly reports: Report[];
  readonly listWatch: ListWatch<StoredObject>;
};

async function makeWorld(
  options: Partial<ListWatchOptions<StoredObject>> = {},
  arrange: (server: TestApiServer) => void = () => {},
): Promise<World> {
  const server = await TestApiServer.start();
  arrange(server);
  const client = openKubeClient(server.connection(), { addressPolicy: localAddressPolicy });
  const changes: Change<StoredObject>[] = [];
  const reports: Report[] = [];
  const listWatch = startListWatch<StoredObject>(client, ConfigMap, {
    namespace: 'default',
    parse: (raw) => ok(raw as StoredObject),
    pageSize: 3,
    relistMinMs: 50,
    backoffBaseMs: 10,
    backoffMaxMs: 50,
    onChanges: (batch) => changes.push(...batch),
    onReport: (report) => reports.push(report),
    ...options,
  });
  return {
    server,
    client,
    changes,
    reports,
    listWatch,
    async [Symbol.asyncDispose]() {
      listWatch.stop();
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function names(listWatch: ListWatch<StoredObject>): string[] {
  return listWatch.cache.list().map((object) => object.metadata.name);
}

test('lists in pages, then follows changes', async () => {
  await using world = await makeWorld({}, (server) => {
    for (const name of 'abcdefgh') server.collection.put(name);
  });
  await world.listWatch.whenSynced;
  expect(names(world.listWatch)).toEqual('abcdefgh'.split(''));
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));

  world.server.put('i');
  world.server.delete('a');
  world.server.put('b', { data: { x: '1' } });

  await vi.waitFor(() => expect(names(world.listWatch)).toEqual('bcdefghi'.split('')));
  await vi.waitFor(() => expect(world.listWatch.cache.get('default/b')?.['data']).toEqual({ x: '1' }));
  expect(world.changes.slice(8).map(({ type, key }) => `${type} ${key}`)).toEqual([
    'added default/i',
    'deleted default/a',
    'updated default/b',
  ]);
});

test('resumes from a bookmark when the server closes, without a list', async () => {
  await using world = await makeWorld();
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.server.collection.version += 10;
  world.server.bookmark();
  world.server.collection.compact();
  await new Promise((resolve) => setTimeout(resolve, 50));
  /* A look at the version alone asks for one object. */
  const lists = () =>
    world.server.seen.filter(
      ({ url }) => !url.searchParams.has('watch') && url.searchParams.get('limit') !== '1',
    );
  const nLists = lists().length;

  world.server.endWatches();
  await vi.waitFor(() => {
    const watch = world.server.seen.findLast(({ url }) => url.searchParams.has('watch'));
    expect(watch?.url.searchParams.get('resourceVersion')).toBe('11');
  });
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.server.put('a');

  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a']));
  expect(lists()).toHaveLength(nLists);
});

test.each([
  [
    'on start',
    (world: World) => {
      world.server.resetWatches();
    },
  ],
  [
    'as an ERROR event',
    (world: World) => {
      world.server.writeToWatches(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`,
      );
    },
  ],
] as const)('lists again on 410 %s', async (_name, fault) => {
  await using world = await makeWorld({}, (server) => server.collection.put('old'));
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.server.collection.delete('old');
  world.server.collection.put('new');
  world.server.collection.compact();

  fault(world);

  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['new']));
  expect(world.changes.map(({ type, key }) => `${type} ${key}`)).toEqual([
    'added default/old',
    'deleted default/old',
    'added default/new',
  ]);
});

test.each([
  ['garbage', (world: World) => world.server.writeToWatches('<html>\n')],
  [
    'a cut-off line',
    (world: World) => {
      world.server.writeToWatches('{"type":"ADD');
      world.server.endWatches();
    },
  ],
  ['a reset', (world: World) => world.server.resetWatches()],
] as const)('loses nothing to %s on the watch', async (_name, fault) => {
  await using world = await makeWorld();
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  fault(world);
  world.server.collection.put('a');
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a']));
});

test('a silent watch is given up and resumed', async () => {
  await using world = await makeWorld({ silenceMs: 100 });
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.server.collection.put('a');
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a']));
  expect(world.reports.map(({ kind }) => kind)).toContain('watch-silent');
});

test('a failing list is tried until it works, and nothing counts as synced before', async () => {
  let nFailures = 5;
  await using world = await makeWorld({}, (server) => {
    server.collection.put('a');
    server.fault = () =>
      nFailures-- > 0 ? (response) => status(response, { code: 500, reason: 'InternalError' }) : undefined;
  });
  expect(world.listWatch.status().synced).toBe(false);
  await world.listWatch.whenSynced;
  expect(world.reports.filter(({ kind }) => kind === 'list-failed')).toHaveLength(5);
  expect(names(world.listWatch)).toEqual(['a']);
  expect(world.listWatch.status().lastSeenMs).toBeGreaterThan(0);
});

test('an exception of the handler is reported and stops nothing', async () => {
  await using world = await makeWorld({
    onChanges: () => {
      throw new Error('handler fault');
    },
  });
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.server.put('a');
  world.server.put('b');
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'b']));
  expect(world.reports).toContainEqual({ kind: 'handler-threw', message: 'handler fault' });
});

test('a stopped list-watch leaves no watch behind', async () => {
  await using world = await makeWorld();
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  world.listWatch.stop();
  await vi.waitFor(() => expect(world.server.nWatches).toBe(0));
  expect(world.listWatch.status().phase).toBe('stopped');
});

test('a server that was restored to an earlier state is read again, with the version of its list', async () => {
  const origins: ChangesOrigin[] = [];
  await using world = await makeWorld({
    onChanges: (_, origin) => origins.push(origin),
  });
  await world.listWatch.whenSynced;
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  for (const name of 'abc') world.server.put(name);
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'b', 'c']));
  world.server.collection.restore(2);
  world.server.resetWatches();
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a']));
  expect(origins.at(-1)).toEqual({ listVersion: '2', wentBack: true });
});

test('a restored server whose version has passed what was seen shows itself by an object that is older than it was', async () => {
  const origins: ChangesOrigin[] = [];
  await using world = await makeWorld({
    onChanges: (_, origin) => origins.push(origin),
  });
  await world.listWatch.whenSynced;
  const others = vi.fn();
  world.client.wentBackListeners.add(others);
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  for (const name of 'aba') world.server.put(name);
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'b']));
  world.server.collection.restore(3);
  for (const name of 'cde') world.server.put(name);
  world.server.collection.compact();
  world.server.resetWatches();
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'b', 'c', 'd', 'e']));
  expect(origins.at(-1)).toEqual({ listVersion: '6', wentBack: true });
  expect(others).toHaveBeenCalledOnce();
});

test('collections of one server whose versions were overtaken are read again when another one shows that it went back', async () => {
  await using world = await makeWorld();
  await world.listWatch.whenSynced;
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  for (const name of 'abc') world.server.put(name);
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'b', 'c']));
  world.server.collection.restore(2);
  for (const name of 'de') world.server.put(name);
  world.server.resetWatches();
  await vi.waitFor(() => expect(world.server.nWatches).toBe(1));
  for (const tell of world.client.wentBackListeners) tell();
  await vi.waitFor(() => expect(names(world.listWatch)).toEqual(['a', 'd', 'e']));
});
