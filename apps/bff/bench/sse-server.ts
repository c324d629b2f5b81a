/*
 * The server of the SSE bench: the real HTTP server and event ring over a console that tells the time four times a
 * second. Prints its port and cookies of N sessions; then, for each line on stdin, what it holds.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import type { Console, Principal } from '../src/api/console.ts';
import { createCallLimits } from '../src/http/call-limits.ts';
import { createLogger } from '../src/http/logger.ts';
import { sessionCookieName } from '../src/http/login-routes.ts';
import { createServer } from '../src/http/server.ts';
import { Sessions } from '../src/http/sessions.ts';
import { openJournal } from '../src/journal/journal.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { EventRing } from '../src/state/event-ring.ts';

const [directory = '', nSessions = '1000', port = '0', epoch = 'a'] = process.argv.slice(2);
const EVENTS_PER_SECOND = 4;

const journal = openJournal(join(directory, 'data'));
const sessions = new Sessions({ store: journal.sessions, nowMs: Date.now, randomBytes });
const ring = new EventRing({ epoch, snapshot: () => event('snapshot') });
const server = await createServer({
  console: {
    sessions: { endedSignal: ({ sessionKey }: Principal) => sessions.endedSignal(sessionKey) },
    events: (from: Parameters<Console['events']>[0]) => ring.subscribe(from),
  } as unknown as Console,
  sessions,
  limits: createCallLimits(),
  cliToken: 'A'.repeat(43),
  person: 'bench',
  consoleDirectory: join(directory, 'none'),
  metrics: createMetrics({
    clusters: () => [],
    nSubscribers: () => ring.nSubscribers(),
    worldBuildMs: () => 0,
    nDisagreements: () => 0,
  }),
  readiness: () => ({ ready: true, waitsFor: [] }),
  logger: createLogger({ level: 'silent' }),
  onLogin: () => undefined,
});
const listening = await server.listen(Number(port));
const secrets = journal.atomically(() =>
  Array.from({ length: Number(nSessions) }, () =>
    sessions.exchange(sessions.createLinkToken().token, 'bench', undefined),
  ),
);
await sleep(2000);
const cookies = secrets.map((secret) => `${sessionCookieName(listening)}=${secret}`);
process.stdout.write(`${JSON.stringify({ port: listening, cookies })}\n`);
setInterval(() => ring.publish(event('topology')), 1000 / EVENTS_PER_SECOND);
createInterface({ input: process.stdin }).on('line', () => {
  const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
  process.stdout.write(`${JSON.stringify({ rssMb, nSubscribers: ring.nSubscribers() })}\n`);
});

/** An event of the size of a usual patch, with the time at which it was published. */
function event(kind: string): ConsoleEvent {
  return {
    kind,
    atMs: Date.now(),
    patch: { workloads: { filler: 'x'.repeat(400) } },
  } as unknown as ConsoleEvent;
}
