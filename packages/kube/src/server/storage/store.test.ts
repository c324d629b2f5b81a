import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/kube-object.ts';
import { StatusError } from '../status/status.ts';
import type { StoreEvent } from './record.ts';
import { createStoreFile } from './sqlite-file.ts';
import { Store } from './store.ts';

const KEY = { resource: 'things', namespace: 'ns', name: 'one' };

describe('Store', () => {
  let directory: string;
  let path: string;
  let store: Store;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flatland-store-'));
    path = join(directory, 'store.db');
    createStoreFile(path);
    store = open();
  });

  afterEach(async () => {
    store.close();
    await rm(directory, { recursive: true });
  });

  it('gives each write the next revision, across resources', async () => {
    const first = await store.write((tx) => tx.put(KEY, thing('one')));
    const second = await store.write((tx) => tx.put({ ...KEY, resource: 'others' }, thing('one')));
    expect(second.revision).toBe(first.revision + 1);
    expect(second.object.metadata.resourceVersion).toBe(String(second.revision));
    expect(store.revision).toBe(second.revision);
  });

  it('shows a work what works before it in the same commit wrote', async () => {
    const [, seen] = await Promise.all([
      store.write((tx) => tx.put(KEY, thing('one'))),
      store.write((tx) => tx.get(KEY)?.name),
    ]);
    expect(seen).toBe('one');
  });

  it('takes back what a work wrote that throws, and nothing else', async () => {
    const fails = store.write((tx) => {
      tx.put(KEY, thing('one'));
      tx.put({ ...KEY, name: 'two' }, thing('two'));
      throw new Error('no');
    });
    const works = store.write((tx) => tx.put({ ...KEY, name: 'three' }, thing('three')));
    await expect(fails).rejects.toThrow('no');
    const { revision } = await works;
    expect(store.list('things').map(({ name }) => name)).toEqual(['three']);
    expect(store.revision).toBe(revision);
  });

  it('tells listeners of commits before it answers, and not of what was taken back', async () => {
    const events: StoreEvent[] = [];
    store.onCommit((batch) => events.push(...batch));
    await store.write((tx) => tx.put(KEY, thing('one')));
    await store.write(() => Promise.reject(new Error('not a transaction'))).catch(() => {});
    await store.write((tx) => tx.delete(KEY));
    expect(events.map(({ type, record }) => [type, record.name])).toEqual([
      ['ADDED', 'one'],
      ['DELETED', 'one'],
    ]);
  });

  it('answers other writers when a listener fails', async () => {
    store.onCommit(() => {
      throw new Error('a listener fails');
    });
    await expect(store.write((tx) => tx.put(KEY, thing('one')))).resolves.toMatchObject({ name: 'one' });
  });

  it('sorts lists as etcd does, by namespace and name', async () => {
    for (const [namespace, name] of [
      ['b', 'a'],
      ['a-b', 'z'],
      ['a', 'z'],
      ['a', 'b'],
    ] as const) {
      await store.write((tx) => tx.put({ resource: 'things', namespace, name }, thing(name)));
    }
    expect(store.list('things').map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      'a-b/z',
      'a/b',
      'a/z',
      'b/a',
    ]);
    expect(store.list('things', 'a').map(({ name }) => name)).toEqual(['b', 'z']);
  });

  it('has everything again after it was closed and opened, history too', async () => {
    await store.write((tx) => tx.put(KEY, thing('one', '1')));
    const { revision } = await store.write((tx) => tx.put(KEY, thing('one', '2')));
    await store.write((tx) => tx.put({ ...KEY, name: 'two' }, thing('two')));
    await store.write((tx) => tx.delete(KEY));
    const [objects, events] = [store.list('things'), store.eventsAfter(1)];
    store.close();
    store = open();
    expect(store.list('things')).toEqual(objects);
    expect(store.eventsAfter(1)).toEqual(events);
    expect(store.listAt('things', revision).map(({ object }) => object['data'])).toEqual(['2']);
  });

  it('forgets history that is too long or too old, and says so with 410', async () => {
    store.close();
    let nowMs = 0;
    store = open({ maxEvents: 8, maxAgeMs: 1000 }, () => nowMs);
    for (let index = 0; index < 30; index++)
      await store.write((tx) => tx.put(KEY, thing('one', String(index))));
    expect(() => store.eventsAfter(1)).toThrow(StatusError);
    expect(store.eventsAfter(store.revision - 8)).toHaveLength(8);
    nowMs = 5000;
    store.compactHistory();
    expect(() => store.eventsAfter(store.revision - 1)).toThrow(/too old resource version: \d+ \(\d+\)/);
    expect(store.eventsAfter(store.revision)).toEqual([]);
    store.close();
    store = open();
    expect(() => store.eventsAfter(1)).toThrow(StatusError);
  });

  it('refuses to write once it is closed', async () => {
    store.close();
    await expect(store.write((tx) => tx.put(KEY, thing('one')))).rejects.toThrow('shutting down');
    store = open();
  });

  it(
    'equals a model under any writes, now and at every revision that it remembers',
    { timeout: 60_000 },
    async () => {
      const step = fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        value: fc.option(fc.string({ maxLength: 3 })),
        fails: fc.boolean(),
        reopen: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
          const resource = `r${store.revision}`;
          const model = new Map<string, string>();
          const past = new Map<number, string>();
          for (const { name, value, fails, reopen } of steps) {
            const key = { resource, namespace: '', name };
            const write = store.write((tx) => {
              if (value === null) {
                if (tx.get(key)) tx.delete(key);
              } else tx.put(key, thing(name, value));
              if (fails) throw new Error('taken back');
            });
            await write.catch(() => {});
            if (!fails && value === null) model.delete(name);
            else if (!fails) model.set(name, value!);
            past.set(store.revision, describe_(model));
            if (!reopen) continue;
            store.close();
            store = open();
          }
          for (const [revision, expected] of past) {
            const found = store
              .listAt(resource, revision)
              .map(({ name, object }) => [name, object['data']] as const);
            expect(describe_(new Map(found as [string, string][]))).toBe(expected);
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  function open(history = { maxEvents: 1000, maxAgeMs: 1e9 }, nowMs: () => number = () => 0): Store {
    return new Store({ path, history, nowMs, onError: () => {} });
  }
});

function thing(name: string, data = ''): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name }, data };
}

function describe_(model: ReadonlyMap<string, string>): string {
  return JSON.stringify([...model].sort(([left], [right]) => (left < right ? -1 : 1)));
}
