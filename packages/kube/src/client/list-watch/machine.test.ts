import { expect, test } from 'vitest';
import { ListWatchMachine } from './machine.ts';
import type { Effect, Failure } from './machine.ts';

const OPTIONS = { random: () => 0.5, silenceMs: 60_000, relistMinMs: 10_000, backoffBaseMs: 200 };

function object(name: string, version: number): unknown {
  return { metadata: { name, uid: name, resourceVersion: String(version) } };
}

function failure(kind: Failure['kind'], retryAfterMs?: number): Failure {
  return { kind, message: kind, retryAfterMs };
}

function kinds(effects: readonly Effect[]): string[] {
  return effects.map((effect) => effect.kind);
}

/** A machine that has listed up to version 10 at 0 ms and watches as operation 2. */
function watching(): ListWatchMachine {
  const machine = new ListWatchMachine(OPTIONS);
  machine.handle({ kind: 'start' }, 0);
  const effects = machine.handle(
    { kind: 'page', operation: 1, items: [object('a', 7)], resourceVersion: '10', continueToken: undefined },
    0,
  );
  expect(effects).toEqual([
    { kind: 'replace', items: [object('a', 7)], resourceVersion: '10', wentBack: false },
    { kind: 'watch', operation: 2, resourceVersion: '10', timeoutSeconds: 450 },
  ]);
  return machine;
}

test('a 410 on the opening of a watch lists again at once', () => {
  const machine = watching();
  const effects = machine.handle({ kind: 'watchEnded', operation: 2, error: failure('gone') }, 20_000);
  expect(kinds(effects)).toEqual(['report', 'list']);
});

test('a 410 soon after a list waits until ten seconds have passed since', () => {
  const machine = watching();
  machine.handle({ kind: 'watchEnded', operation: 2, error: failure('gone') }, 1000);
  expect(machine.pollTimeoutMs()).toBe(10_000);
  expect(machine.handle({ kind: 'timer' }, 9999)).toEqual([]);
  expect(kinds(machine.handle({ kind: 'timer' }, 10_000))).toEqual(['list']);
});

test('a watch that ends after a while is resumed from the last version seen', () => {
  const machine = watching();
  machine.handle({ kind: 'watchOpened', operation: 2 }, 10);
  machine.handle({ kind: 'watchEvent', operation: 2, event: { type: 'ADDED', object: object('b', 12) } }, 20);
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '31' } } };
  expect(machine.handle({ kind: 'watchEvent', operation: 2, event: bookmark }, 30)).toEqual([]);
  machine.handle({ kind: 'watchEnded', operation: 2, error: undefined }, 300_000);
  expect(machine.pollTimeoutMs()).toBe(300_050);
  expect(machine.handle({ kind: 'timer' }, 300_050)).toMatchObject([
    { kind: 'watch', resourceVersion: '31' },
  ]);
});

test('watches that fail at once are retried ever more slowly, then the list is read again', () => {
  const machine = watching();
  const waitsMs: number[] = [];
  let nowMs = 20_000;
  for (let operation = 2; operation <= 10; operation += 2) {
    machine.handle({ kind: 'watchEnded', operation, error: failure('unavailable') }, nowMs);
    waitsMs.push(machine.pollTimeoutMs() - nowMs);
    nowMs = machine.pollTimeoutMs();
    expect(machine.handle({ kind: 'timer' }, nowMs)).toMatchObject([{ kind: 'watch' }]);
  }
  expect(waitsMs).toEqual([100, 200, 400, 800, 1600]);
  machine.handle({ kind: 'watchEnded', operation: 12, error: failure('unavailable') }, nowMs);
  expect(kinds(machine.handle({ kind: 'timer' }, machine.pollTimeoutMs()))).toEqual(['list']);
});

test('a watch without a byte is given up, be it open or not', () => {
  const machine = watching();
  expect(machine.pollTimeoutMs()).toBe(60_000);
  const effects = machine.handle({ kind: 'timer' }, 60_000);
  expect(kinds(effects)).toEqual(['abort', 'report', 'watch']);
  machine.handle({ kind: 'watchOpened', operation: 3 }, 61_000);
  expect(machine.pollTimeoutMs()).toBe(121_000);
});

test.each([
  ['failed', failure('unavailable')],
  ['ended in good order', undefined],
])('after a watch that %s the next is doubted: a server that went back is listed again', (_, error) => {
  const machine = watching();
  expect(machine.handle({ kind: 'watchOpened', operation: 2 }, 10)).toEqual([]);
  machine.handle({ kind: 'watchEnded', operation: 2, error }, 20_000);
  machine.handle({ kind: 'timer' }, machine.pollTimeoutMs());
  const opened = { kind: 'watchOpened', operation: 4 } as const;
  expect(machine.handle(opened, 21_000)).toEqual([{ kind: 'peek', operation: 4 }]);
  const effects = machine.handle({ kind: 'peeked', operation: 4, resourceVersion: '9' }, 21_100);
  expect(kinds(effects)).toEqual(['abort', 'report', 'list']);
});

test('a server that is as new as before, or newer, keeps its watch', () => {
  const machine = watching();
  machine.handle({ kind: 'timer' }, 60_000);
  expect(kinds(machine.handle({ kind: 'watchOpened', operation: 3 }, 61_000))).toEqual(['peek']);
  expect(machine.handle({ kind: 'peeked', operation: 3, resourceVersion: '10' }, 61_100)).toEqual([]);
  expect(machine.handle({ kind: 'watchOpened', operation: 3 }, 61_200)).toEqual([]);
});

test('garbage ends the watch: what was lost comes again with the next', () => {
  const machine = watching();
  const effects = machine.handle({ kind: 'watchGarbage', operation: 2, message: 'no JSON' }, 100);
  expect(effects).toMatchObject([{ kind: 'report' }, { kind: 'abort', operation: 2 }]);
  expect(machine.handle({ kind: 'timer' }, machine.pollTimeoutMs())).toMatchObject([
    { kind: 'watch', resourceVersion: '10' },
  ]);
});

test('inputs of an ended operation are ignored', () => {
  const machine = watching();
  machine.handle({ kind: 'watchEnded', operation: 2, error: undefined }, 6000);
  expect(
    machine.handle(
      { kind: 'watchEvent', operation: 2, event: { type: 'ADDED', object: object('x', 99) } },
      6001,
    ),
  ).toEqual([]);
  expect(machine.resourceVersion()).toBe('10');
});

test('an event out of order is taken, and the list read again when it may be', () => {
  const machine = watching();
  machine.handle(
    { kind: 'watchEvent', operation: 2, event: { type: 'ADDED', object: object('c', 20) } },
    100,
  );
  const late = { type: 'ADDED', object: object('b', 15) };
  expect(kinds(machine.handle({ kind: 'watchEvent', operation: 2, event: late }, 200))).toEqual(['upsert']);
  expect(machine.resourceVersion()).toBe('20');
  expect(machine.pollTimeoutMs()).toBe(10_000);
  expect(kinds(machine.handle({ kind: 'timer' }, 10_000))).toEqual(['abort', 'report', 'list']);
});

test('a list too large for one answer is asked for in smaller pages', () => {
  const machine = new ListWatchMachine(OPTIONS);
  expect(machine.handle({ kind: 'start' }, 0)).toMatchObject([{ kind: 'list', limit: 500 }]);
  machine.handle({ kind: 'listFailed', operation: 1, error: failure('tooLarge') }, 0);
  expect(machine.handle({ kind: 'timer' }, machine.pollTimeoutMs())).toMatchObject([
    { kind: 'list', limit: 125 },
  ]);
});

test('a continue token that expires makes the next list one page', () => {
  const machine = new ListWatchMachine(OPTIONS);
  machine.handle({ kind: 'start' }, 0);
  machine.handle({ kind: 'page', operation: 1, items: [], resourceVersion: '1', continueToken: 'x' }, 0);
  machine.handle({ kind: 'listFailed', operation: 2, error: failure('gone') }, 0);
  expect(machine.handle({ kind: 'timer' }, machine.pollTimeoutMs())).toMatchObject([
    { kind: 'list', limit: 0, continueToken: undefined },
  ]);
});

test('a list waits as long as the server asks', () => {
  const machine = new ListWatchMachine(OPTIONS);
  machine.handle({ kind: 'start' }, 0);
  machine.handle({ kind: 'listFailed', operation: 1, error: failure('tooManyRequests', 7000) }, 0);
  expect(machine.pollTimeoutMs()).toBe(7100);
});

test.each([
  { kind: 'timeout' as const, waitMs: 2000 },
  { kind: 'unavailable' as const, waitMs: 2000 },
  { kind: 'serverError' as const, waitMs: 7500 },
  { kind: 'tooManyRequests' as const, waitMs: 7500 },
])(
  'after many lists that ended as $kind the next one is half of its longest wait away',
  ({ kind, waitMs }) => {
    const machine = new ListWatchMachine({ ...OPTIONS, backoffBaseMs: 30_000 });
    machine.handle({ kind: 'start' }, 0);
    machine.handle({ kind: 'listFailed', operation: 1, error: failure(kind) }, 0);
    expect(machine.pollTimeoutMs()).toBe(waitMs);
  },
);

test('a cluster that answers again is asked within a second', () => {
  const machine = new ListWatchMachine({ ...OPTIONS, backoffBaseMs: 15_000 });
  machine.handle({ kind: 'start' }, 0);
  machine.handle({ kind: 'listFailed', operation: 1, error: failure('unavailable') }, 0);
  expect(machine.pollTimeoutMs()).toBe(2000);
  machine.handle({ kind: 'wake' }, 1000);
  expect(machine.pollTimeoutMs()).toBe(1500);
});

test('the list is read again after an hour even if all seems well', () => {
  const machine = watching();
  let nowMs = 0;
  for (; nowMs < 3_600_000; nowMs += 30_000) {
    machine.handle({ kind: 'watchOpened', operation: 2 }, nowMs);
  }
  expect(kinds(machine.handle({ kind: 'timer' }, nowMs))).toEqual(['abort', 'report', 'list']);
});

test('a stopped machine does nothing more', () => {
  const machine = watching();
  expect(machine.handle({ kind: 'stop' }, 0)).toEqual([{ kind: 'abort', operation: 2 }]);
  expect(machine.handle({ kind: 'timer' }, 1e9)).toEqual([]);
  expect(machine.pollTimeoutMs()).toBe(Infinity);
});
