import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import { expect, test } from 'vitest';
import { startHttp } from '../../test/http-harness.ts';
import type { IdentifiedEvent } from '../api/console.ts';
import { EventRing } from '../state/event-ring.ts';

const N_EVENTS = 2000;
const EVENT_BYTES = 64 * 1024;

test('a tab that does not read costs a bounded part of what is published, and then gets a fresh snapshot', async () => {
  let published = 0;
  const ring = new EventRing({
    epoch: 'a',
    size: 50,
    snapshot: () => ({ kind: 'snapshot', value: published }) as unknown as ConsoleEvent,
  });
  let nPulled = 0;
  async function* events(from: Parameters<EventRing['subscribe']>[0]): AsyncGenerator<IdentifiedEvent> {
    for await (const event of ring.subscribe(from)) {
      nPulled += 1;
      yield event;
    }
  }
  await using http = await startHttp({ methods: { events } });
  const cookie = await http.signIn();
  const socket = connect(http.port, '127.0.0.1');
  socket.write(
    `GET /trpc/events.subscribe HTTP/1.1\r\nhost: 127.0.0.1:${http.port}\r\ncookie: ${cookie}\r\naccept: text/event-stream\r\n\r\n`,
  );
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => (text += part));
  while (!text.includes('"kind":"snapshot"')) await sleep(5);
  socket.pause();

  const filler = 'x'.repeat(EVENT_BYTES);
  for (let n = 0; n < N_EVENTS; n++) {
    published += 1;
    ring.publish({ kind: 'topology', patch: {}, filler, value: published } as unknown as ConsoleEvent);
    if (n % 20 === 0) await sleep(1);
  }
  expect(nPulled).toBeLessThan(N_EVENTS / 4);

  text = '';
  socket.resume();
  while (!text.includes(`"kind":"snapshot","value":${N_EVENTS}`)) await sleep(5);
  socket.destroy();
  while (ring.nSubscribers() > 0) await sleep(5);
});
