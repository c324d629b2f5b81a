import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttp, type HttpHarness } from '../../test/http-harness.ts';
import { recordingConsole } from '../../test/recording-console.ts';
import { appRouter } from '../router.ts';
import { createCallLimits } from './call-limits.ts';

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
);
const mutations = procedures.filter(([, { _def }]) => _def.type === 'mutation').map(([path]) => path);
const queries = procedures.filter(([, { _def }]) => _def.type === 'query').map(([path]) => path);

const BOUNDARY = 'b';
const MULTIPART = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n--${BOUNDARY}--\r\n`;
const EVIL = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

/** What a page of another origin can make a browser send without asking first, and what comes after asking. */
const ATTACKS: readonly { name: string; method?: string; headers: Record<string, string>; body?: string }[] =
  [
    {
      name: 'multipart form',
      headers: { ...EVIL, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: MULTIPART,
    },
    {
      name: 'multipart form of an unknown origin',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: MULTIPART,
    },
    { name: 'text', headers: { ...EVIL, 'content-type': 'text/plain' }, body: '{}' },
    {
      name: 'urlencoded form',
      headers: { ...EVIL, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=b',
    },
    { name: 'bytes', headers: { ...EVIL, 'content-type': 'application/octet-stream' }, body: '{}' },
    { name: 'no content type', headers: EVIL, body: '{}' },
    { name: 'no content type and no origin', headers: {}, body: '{}' },
    {
      name: 'JSON of a foreign origin',
      headers: { ...EVIL, 'content-type': 'application/json', 'x-flatland': '1' },
      body: '{}',
    },
    {
      name: 'JSON of an opaque origin',
      headers: { origin: 'null', 'content-type': 'application/json', 'x-flatland': '1' },
      body: '{}',
    },
    {
      name: 'JSON of another port',
      headers: { origin: 'http://127.0.0.1:1', 'content-type': 'application/json', 'x-flatland': '1' },
      body: '{}',
    },
    {
      name: 'JSON of a sibling site',
      headers: { 'sec-fetch-site': 'same-site', 'content-type': 'application/json', 'x-flatland': '1' },
      body: '{}',
    },
    {
      name: 'JSON without the console’s header',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    },
    {
      name: 'JSON in disguise',
      headers: { 'content-type': 'text/plain; application/json', 'x-flatland': '1' },
      body: '{}',
    },
    {
      name: 'two content types',
      headers: { 'content-type': 'application/json, multipart/form-data', 'x-flatland': '1' },
      body: '{}',
    },
    { name: 'GET', method: 'GET', headers: { 'x-flatland': '1' } },
    {
      name: 'GET that says POST in a header',
      method: 'GET',
      headers: { 'x-http-method-override': 'POST', 'x-flatland': '1' },
    },
    {
      name: 'PUT',
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-flatland': '1' },
      body: '{}',
    },
    { name: 'DELETE', method: 'DELETE', headers: { 'x-flatland': '1' } },
  ];

let http: HttpHarness;
let cookie: string;

beforeAll(async () => {
  http = await startHttp();
  cookie = await http.signIn();
});
afterAll(() => http[Symbol.asyncDispose]());

test('there are mutations and queries to attack', () => {
  expect(mutations.length).toBeGreaterThan(10);
  expect(mutations).toContain('session.logout');
  expect(queries.length).toBeGreaterThan(5);
});

test('tRPC by itself runs a mutation that a foreign page’s form sends', async () => {
  const { console, calls } = recordingConsole();
  const bare = fastify();
  const principal = { person: 'ada', kind: 'session', sessionKey: 's' } as const;
  const context = { console, limits: createCallLimits(), principal, countCall: () => undefined };
  await bare.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router: appRouter, createContext: () => context },
  });
  const url = await bare.listen({ host: '127.0.0.1', port: 0 });
  const [form] = ATTACKS;
  const answer = await fetch(`${url}/trpc/session.logout`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': form!.headers['content-type'] ?? '' },
    body: form!.body ?? '',
  });
  await bare.close();
  expect(answer.status).toBe(200);
  expect(calls).toEqual(['sessions.end']);
});

describe.each(ATTACKS)('$name', (attack) => {
  test.each(mutations)('does not run %s', async (path) => {
    const before = http.calls.length;
    const answer = await http.ask(`/trpc/${path}`, {
      method: attack.method ?? 'POST',
      headers: { ...attack.headers, cookie },
      ...(attack.body === undefined ? {} : { body: attack.body }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(http.calls.slice(before)).toEqual([]);
  });
});

test('a `_method` parameter does not turn a GET into a mutation', async () => {
  const answer = await http.ask('/trpc/session.logout?_method=POST', {
    headers: { cookie, 'x-flatland': '1' },
  });
  expect(answer.status).toBe(405);
  expect(http.calls).not.toContain('sessions.end');
});

test.each([...queries, 'events.subscribe'])(
  '%s is not answered to a page of another origin',
  async (path) => {
    const before = http.calls.length;
    for (const headers of [EVIL, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      const answer = await http.ask(`/trpc/${path}`, {
        headers: { ...(headers as Record<string, string>), cookie },
      });
      expect(answer.status).toBe(403);
    }
    expect(http.calls.slice(before)).toEqual([]);
  },
);

test('the console’s own page may call', async () => {
  const own = { origin: `http://127.0.0.1:${http.port}`, 'sec-fetch-site': 'same-origin' };
  const answer = await http.ask('/trpc/session.logout', {
    method: 'POST',
    headers: { ...own, cookie, 'content-type': 'application/json', 'x-flatland': '1' },
    body: '',
  });
  expect(answer.status).toBe(200);
  expect(http.calls).toContain('sessions.end');
});

describe('requests to another name', () => {
  const paths = [
    '/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/login?token=x',
    '/trpc/session.me',
    '/_next/x.js',
    '/nowhere',
  ];
  const names = [
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:PORT',
    '127.0.0.1.nip.io:PORT',
    '0.0.0.0:PORT',
  ];
  test.each(names)('%j are refused on every route', async (name) => {
    for (const path of paths) {
      const host = name.replace('PORT', String(http.port));
      const answer = await http.ask(path, { headers: { host, cookie } });
      expect([answer.status, path]).toEqual([421, path]);
    }
  });
});
