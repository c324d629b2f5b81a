/*
 * 1,000 sessions with an event stream each, four events a second: delay from publish to arrival, memory of the
 * server, ids lost, streams left open; with 200 more that do not read. Then kill -9 and resume.
 * Usage: node bench/sse.ts [SESSIONS] [SECONDS]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const N_SESSIONS = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 15);
const N_SLOW = Math.round(N_SESSIONS / 5);
const directory = mkdtempSync(join(tmpdir(), 'flatland-sse-'));

const delays: number[] = [];
const lost = { ids: 0 };
let isMeasuring = false;
let nRefused = 0;

const first = await startServer(0, 'a');
const streams = first.cookies.map((cookie) => openStream(first.port, cookie));
await allRead(streams);
const alone = await measure('readers alone');
const slow = first.cookies.slice(0, N_SLOW).map((cookie) => openStream(first.port, cookie, { paused: true }));
await sleep(1000);
const crowded = await measure(`with ${N_SLOW} that do not read`);
print('p99 with slow readers ÷ p99 alone', (crowded.p99 / alone.p99).toFixed(2), 'budget ≤ 1.2');
const held = await first.ask();
print('server memory', `${held.rssMb} MB`, 'budget < 400 MB');
print('ids lost', String(lost.ids), 'budget 0');
print('streams refused', String(nRefused), 'budget 0');
for (const stream of [...streams, ...slow]) stream.close();
await sleep(2000);
print('streams left after closing', String((await first.ask()).nSubscribers), 'budget 0');

const again = first.cookies.map((cookie) => openStream(first.port, cookie));
await allRead(again);
for (const stream of again) stream.expectAnother();
await first.kill();
const killedMs = performance.now();
const second = await startServer(first.port, 'b', 0);
await allRead(again);
print(
  'all streams resumed after kill -9',
  `${Math.round(performance.now() - killedMs)} ms`,
  'budget ≤ 5000 ms',
);
for (const stream of again) stream.close();
await second.kill();
rmSync(directory, { recursive: true });
process.exit(0);

async function allRead(opened: readonly { hasRead(): boolean }[]): Promise<void> {
  while (opened.some((stream) => !stream.hasRead())) await sleep(10);
}

async function measure(name: string): Promise<{ p99: number }> {
  delays.length = 0;
  isMeasuring = true;
  await sleep(SECONDS * 1000);
  isMeasuring = false;
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (ratio: number) => sorted[Math.floor(sorted.length * ratio)] ?? Number.NaN;
  const text = `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms of ${sorted.length} events`;
  print(`${N_SESSIONS} streams, ${name}`, text, 'budget p99 < 300 ms');
  return { p99: at(0.99) };
}

function openStream(port: number, cookie: string, options: { paused?: boolean } = {}) {
  let lastId = '';
  let last = -1;
  let nConnections = 0;
  /** The connection on which something has to be read. */
  let wanted = 1;
  let hasRead = false;
  let isClosed = false;
  let current = open();

  function openAgain(): void {
    if (isClosed) return;
    last = -1;
    setTimeout(() => (current = open()), 100);
  }

  function open() {
    nConnections += 1;
    hasRead = false;
    const opened = request({
      host: '127.0.0.1',
      port,
      path: '/trpc/events.subscribe',
      agent: false,
      headers: { cookie, ...(lastId === '' ? {} : { 'last-event-id': lastId }) },
    });
    let isAnswered = false;
    opened.on('error', () => {
      if (!isAnswered) openAgain();
    });
    opened.on('response', (response) => {
      isAnswered = true;
      response.on('close', openAgain);
      if (response.statusCode !== 200) {
        nRefused += 1;
        response.destroy();
        return;
      }
      if (options.paused) return;
      response.setEncoding('utf8');
      let rest = '';
      response.on('error', () => undefined);
      response.on('data', (part: string) => {
        rest += part;
        const blocks = rest.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) read(block);
      });
    });
    opened.end();
    return opened;
  }

  function read(block: string): void {
    const id = /^id: (\S+)$/m.exec(block)?.[1];
    const data = /^data: (\{.*)$/m.exec(block)?.[1];
    if (id === undefined || data === undefined) return;
    const { kind, atMs } = JSON.parse(data) as { kind: string; atMs: number };
    const position = Number(id.split('-')[1]);
    if (kind !== 'snapshot' && last >= 0 && position !== last + 1) lost.ids += 1;
    [last, lastId] = [position, id];
    hasRead = true;
    if (isMeasuring && kind !== 'snapshot') delays.push(Date.now() - atMs);
  }

  return {
    hasRead: () => hasRead && nConnections >= wanted,
    expectAnother() {
      wanted = nConnections + 1;
    },
    close() {
      isClosed = true;
      current.destroy();
    },
  };
}

async function startServer(port: number, epoch: string, nSessions = N_SESSIONS) {
  const script = join(import.meta.dirname, 'sse-server.ts');
  const child = spawn(process.execPath, [script, directory, String(nSessions), String(port), epoch], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>() => JSON.parse(String((await lines.next()).value)) as T;
  const told = await next<{ port: number; cookies: string[] }>();
  return {
    ...told,
    ask() {
      child.stdin.write('\n');
      return next<{ rssMb: number; nSubscribers: number }>();
    },
    async kill() {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

function print(what: string, value: string, budget: string): void {
  process.stdout.write(`${what}: ${value} (${budget})\n`);
}
