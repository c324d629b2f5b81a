import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttp, type HttpHarness } from '../../test/http-harness.ts';
import { MAX_DEPTH } from '../rpc/input/bounded-json.ts';
import { CALL_BUDGETS, MAX_STREAMS } from './call-limits.ts';
import { MAX_URL_BYTES } from './guards.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES } from './server.ts';
import { MAX_BATCH_SIZE } from './trpc-routes.ts';

let http: HttpHarness;
let cookie: string;

beforeAll(async () => {
  http = await startHttp({
    methods: {
      events: async function* ({ signal }: { signal: AbortSignal }) {
        yield { id: 'e-1', event: { kind: 'topology', patch: {} } };
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
      },
      topology: () => {
        throw new Error('cannot read /root/secret token=abc');
      },
    },
  });
});
afterAll(() => http[Symbol.asyncDispose]());

const write = { 'content-type': 'application/json', 'x-flatland': '1' };
const signedIn = async (): Promise<Record<string, string>> => ({ cookie: await http.signIn() });
const mutate = async (path: string, body: string, headers: Record<string, string>) =>
  http.ask(`/trpc/${path}`, { method: 'POST', headers: { ...write, ...headers }, body });

test('an error that nobody foresaw is told by an id alone, which the log has too', async () => {
  const answer = await http.ask('/trpc/topology.get', { headers: await signedIn() });
  expect(answer.status).toBe(500);
  expect(answer.body).not.toMatch(/secret|abc|at .*:\d+/);
  const { data } = (
    JSON.parse(answer.body) as { error: { data: { error: { code: string; message: string } } } }
  ).error;
  expect(data.error.code).toBe('internal');
  const id = /Internal error (\w{8})/.exec(data.error.message)![1]!;
  const line = http.logged.find((entry) => entry.includes(id));
  expect(line).toContain('cannot read');
});

test('a batch holds twenty calls and not one more', async () => {
  const headers = await signedIn();
  const batch = (n: number) => `/trpc/${Array(n).fill('session.me').join(',')}?batch=1&input={}`;
  expect((await http.ask(batch(MAX_BATCH_SIZE), { headers })).status).toBe(200);
  expect((await http.ask(batch(MAX_BATCH_SIZE + 1), { headers })).status).toBe(400);
});

test('calls are counted one by one, also inside a batch', async () => {
  const headers = await signedIn();
  const { calls } = CALL_BUDGETS.write;
  const path = Array(MAX_BATCH_SIZE).fill('layout.save').join(',');
  const input = Object.fromEntries(Array.from({ length: MAX_BATCH_SIZE }, (_, n) => [n, { positions: {} }]));
  const statuses: number[] = [];
  for (let n = 0; n < 2 * Math.ceil(calls / MAX_BATCH_SIZE); n++) {
    const answer = await mutate(`${path}?batch=1`, JSON.stringify(input), headers);
    for (const item of JSON.parse(answer.body) as { error?: { data: { httpStatus: number } } }[]) {
      statuses.push(item.error?.data.httpStatus ?? 200);
    }
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(calls);
  expect(statuses.filter((status) => status === 429)).toHaveLength(statuses.length - calls);
});

test('one session’s calls do not use up another’s budget', async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  for (let n = 0; n <= CALL_BUDGETS.write.calls; n++) await mutate('layout.save', '{"positions":{}}', one);
  const refused = await mutate('layout.save', '{"positions":{}}', one);
  expect(refused.status).toBe(429);
  expect(refused.headers['retry-after']).toBe('1');
  expect((await mutate('layout.save', '{"positions":{}}', other)).status).toBe(200);
});

test('a body of one MiB is read and a byte more is not', async () => {
  const headers = await signedIn();
  const body = (nBytes: number) => `{"positions":{}}${' '.repeat(nBytes - 16)}`;
  expect((await mutate('layout.save', body(MAX_BODY_BYTES), headers)).status).toBe(200);
  expect((await mutate('layout.save', body(MAX_BODY_BYTES + 1), headers)).status).toBe(413);
});

test('a URL of eight KiB is read and a byte more is not', async () => {
  const url = (nBytes: number) => `/healthz?${'x'.repeat(nBytes - 9)}`;
  expect((await http.ask(url(MAX_URL_BYTES))).status).toBe(200);
  expect((await http.ask(url(MAX_URL_BYTES + 1))).status).toBe(414);
});

test('headers beyond sixteen KiB are not read', async () => {
  const ask = (nBytes: number) => http.ask('/healthz', { headers: { 'x-long': 'x'.repeat(nBytes) } });
  expect((await ask(MAX_HEADER_BYTES - 512)).status).toBe(200);
  expect((await ask(MAX_HEADER_BYTES)).status).toBe(431);
});

test('a client that sends its request too slowly is cut off', async () => {
  await using slow = await startHttp({ requestTimeoutMs: 500 });
  const socket = connect(slow.port, '127.0.0.1');
  let received = '';
  socket.on('data', (part) => (received += part.toString()));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  const drip = setInterval(() => socket.write('x'), 50);
  socket.write(`GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${slow.port}\r\nx-slow: `);
  await closed;
  clearInterval(drip);
  expect(received).toMatch(/^HTTP\/1\.1 408/);
});

test('a session has ten streams and not one more, and gets a place back when one closes', async () => {
  const headers = await signedIn();
  const streams = await Promise.all(Array.from({ length: MAX_STREAMS }, () => openStream(headers)));
  expect(streams.map(({ text }) => text.includes('"kind":"topology"'))).toEqual(
    Array(MAX_STREAMS).fill(true),
  );
  const eleventh = await openStream(headers);
  expect(eleventh.text).toContain('Too many open tabs');
  streams[0]!.abort();
  await sleep(200);
  const next = await openStream(headers);
  expect(next.text).toContain('"kind":"topology"');
  for (const { abort } of [...streams.slice(1), next]) abort();
});

test('a stream ends within five seconds after its session has', async () => {
  cookie = await http.signIn();
  const { reader, abort } = await openStream({ cookie });
  http.sessions.end(http.sessions.find(cookie.split('=')[1]!, false)!.sessionKey);
  const startedMs = performance.now();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += Buffer.from(value).toString();
  }
  abort();
  expect(rest).toContain('not-signed-in');
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

describe('hostile JSON', () => {
  const create = (object: string) =>
    `{"title":"t","idempotencyKey":"${'k'.repeat(16)}","intents":[{"kind":"put-object","cluster":"aws-east","object":${object}}]}`;
  const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  const bombs: readonly (readonly [string, string])[] = [
    ['nested deeper than any object', nested(MAX_DEPTH + 1)],
    ['nested fifty thousand levels', nested(50_000)],
    ['with __proto__', '{"metadata":{"__proto__":{"polluted":true}}}'],
    ['an array', '[]'],
    ['nothing', 'null'],
  ];
  test.each(bombs)('an object %s is refused by name', async (_name, object) => {
    const before = http.calls.length;
    const answer = await mutate('changeSet.create', create(object), await signedIn());
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('intents.0.object');
    expect(http.calls.slice(before)).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('an object of ordinary depth passes', async () => {
    expect((await mutate('changeSet.create', create(nested(MAX_DEPTH - 1)), await signedIn())).status).toBe(
      200,
    );
  });

  test.each(['{"positions":{', '\u0000', '{"positions":NaN}'])('%j is refused', async (text) => {
    expect((await mutate('layout.save', text, await signedIn())).status).toBe(400);
  });

  test.each(['__proto__', 'constructor', 'toString', '..', 'a/../b', ' ', 'x'.repeat(601)])(
    'a position of %j is refused, or kept as plain data',
    async (key) => {
      const body = `{"positions":{${JSON.stringify(key)}:{"x":1,"y":2}}}`;
      const answer = await mutate('layout.save', body, await signedIn());
      if (key === 'constructor' || key === 'toString') expect(answer.status).toBe(200);
      else if (key !== '__proto__') expect(answer.status).toBe(400);
      expect(({} as { x?: number }).x).toBeUndefined();
    },
  );
});

async function openStream(headers: Record<string, string>) {
  const controller = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${http.port}/trpc/events.subscribe`, {
    headers,
    signal: controller.signal,
  });
  const reader = answer.body!.getReader();
  let text = '';
  while (!/"kind"|"error"/.test(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  return { reader, text, abort: () => controller.abort() };
}
