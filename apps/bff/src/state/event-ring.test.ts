import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IdentifiedEvent } from '../api/console.ts';
import { EventRing } from './event-ring.ts';

/** A value that every event raises by one; the snapshot tells it. */
function counter(size: number, epoch = 'a') {
  let value = 0;
  const ring = new EventRing({
    epoch,
    size,
    snapshot: () => ({ kind: 'snapshot', value }) as unknown as ConsoleEvent,
  });
  return {
    ring,
    raise: () => {
      value += 1;
      ring.publish({ kind: 'topology', patch: {}, value } as unknown as ConsoleEvent);
    },
    value: () => value,
  };
}

const valueOf = ({ event }: IdentifiedEvent) => (event as unknown as { value: number }).value;

test('a new subscriber gets a snapshot and then every event in order', async () => {
  const { ring, raise } = counter(10);
  raise();
  const stop = new AbortController();
  const events = ring.subscribe({ lastEventId: undefined, signal: stop.signal });
  const first = await events.next();
  raise();
  raise();
  const [second, third] = [await events.next(), await events.next()];
  expect([first, second, third].map(({ value }) => [value!.event.kind, valueOf(value!)])).toEqual([
    ['snapshot', 1],
    ['topology', 2],
    ['topology', 3],
  ]);
  const pending = events.next();
  stop.abort();
  expect((await pending).done).toBe(true);
  expect(ring.nSubscribers()).toBe(0);
});

test('a subscriber that comes back goes on after its last event', async () => {
  const { ring, raise } = counter(10);
  for (let n = 0; n < 5; n++) raise();
  const { value } = await ring.subscribe({ lastEventId: 'a-3', signal: new AbortController().signal }).next();
  expect([value!.id, valueOf(value!)]).toEqual(['a-4', 4]);
});

test.each(['', 'b-3', 'a-99', 'a--1', 'a-1e1', 'a-0x1', 'a', '-', 'a-3-4', 'a-999999999999999999'])(
  'an id of another process, of the future or of nonsense gets a snapshot: %j',
  async (lastEventId) => {
    const { ring, raise } = counter(10);
    for (let n = 0; n < 5; n++) raise();
    const { value } = await ring.subscribe({ lastEventId, signal: new AbortController().signal }).next();
    if (lastEventId === 'a-3-4') expect(valueOf(value!)).toBe(4);
    else expect(value!.event.kind).toBe('snapshot');
  },
);

test('whatever a subscriber reads and misses, its value is that of the ring or on the way to it', async () => {
  const action = fc.constantFrom('raise', 'raise', 'raise', 'read', 'reconnect');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(action, { maxLength: 80 }),
      async (size, actions) => {
        const { ring, raise, value } = counter(size);
        const signal = new AbortController().signal;
        let lastEventId: string | undefined;
        let seen = 0;
        let events = ring.subscribe({ lastEventId, signal });
        const read = async () => {
          const next = (await events.next()).value!;
          if (next.event.kind === 'snapshot') expect(valueOf(next)).toBe(value());
          else expect(valueOf(next)).toBe(seen + 1);
          seen = valueOf(next);
          lastEventId = next.id;
        };
        for (const what of actions) {
          if (what === 'raise') raise();
          else if (what === 'reconnect') {
            await events.return();
            events = ring.subscribe({ lastEventId, signal });
          } else if (lastEventId === undefined || seen < value()) await read();
        }
        while (lastEventId === undefined || seen < value()) await read();
        expect(seen).toBe(value());
      },
    ),
  );
});
