import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startHttp, type HttpHarness } from '../../test/http-harness.ts';
import { openJournal } from '../journal/journal.ts';
import { ABSOLUTE_TIMEOUT_MS, IDLE_TIMEOUT_MS, LINK_TIMEOUT_MS, Sessions } from './sessions.ts';

async function start(): Promise<HttpHarness> {
  const http = await startHttp();
  onTestFinished(() => http[Symbol.asyncDispose]());
  return http;
}

const me = async (http: HttpHarness, headers: Record<string, string>) =>
  (await http.ask('/trpc/session.me', { headers })).status;

test('a link signs in once, and sets a cookie that scripts cannot read and other sites cannot use', async () => {
  const http = await start();
  const { token } = http.sessions.createLinkToken();
  const first = await http.ask(`/login?token=${token}`);
  expect(first.status).toBe(303);
  expect(first.headers.location).toBe('/');
  expect(first.headers['set-cookie']?.[0]).toMatch(
    new RegExp(`^flatland-${http.port}=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`),
  );
  const second = await http.ask(`/login?token=${token}`);
  expect(second.status).toBe(401);
  expect(second.headers['set-cookie']).toBeUndefined();
  expect(http.logins).toEqual([
    { person: 'ada', signedIn: true },
    { person: 'ada', signedIn: false },
  ]);
});

test('nobody is signed in without a cookie, with a wrong one, or with one in the URL', async () => {
  const http = await start();
  const cookie = await http.signIn();
  const secret = cookie.split('=')[1]!;
  expect(await me(http, { cookie })).toBe(200);
  expect(await me(http, {})).toBe(401);
  expect(await me(http, { cookie: `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}` })).toBe(401);
  expect(await me(http, { authorization: `Bearer ${secret}` })).toBe(401);
  const inUrl = `/trpc/session.me?connectionParams=${encodeURIComponent(JSON.stringify({ token: secret }))}`;
  expect((await http.ask(inUrl)).status).toBe(401);
});

test('the command line signs in by the token of the data directory', async () => {
  const http = await start();
  expect(await me(http, { authorization: `Bearer ${http.cliToken}` })).toBe(200);
  expect(await me(http, { authorization: `Bearer ${'A'.repeat(43)}` })).toBe(401);
  expect(await me(http, { authorization: `Basic ${http.cliToken}` })).toBe(401);
});

test('signing in again gives a new secret and ends the old session', async () => {
  const http = await start();
  const old = await http.signIn();
  const { token } = http.sessions.createLinkToken();
  const again = await http.ask(`/login?token=${token}`, { headers: { cookie: old } });
  const fresh = again.headers['set-cookie']![0]!.split(';')[0]!;
  expect(fresh).not.toBe(old);
  expect(await me(http, { cookie: old })).toBe(401);
  expect(await me(http, { cookie: fresh })).toBe(200);
});

test('a session that is used lives on for twelve hours and no longer', async () => {
  const http = await start();
  const cookie = await http.signIn();
  const startMs = http.clock.nowMs;
  while (http.clock.nowMs + IDLE_TIMEOUT_MS - 1 < startMs + ABSOLUTE_TIMEOUT_MS) {
    http.clock.nowMs += IDLE_TIMEOUT_MS - 1;
    expect(await me(http, { cookie })).toBe(200);
  }
  http.clock.nowMs = startMs + ABSOLUTE_TIMEOUT_MS;
  expect(await me(http, { cookie })).toBe(401);
});

test('a session that nobody uses ends after half an hour', async () => {
  const http = await start();
  const cookie = await http.signIn();
  http.clock.nowMs += IDLE_TIMEOUT_MS;
  expect(await me(http, { cookie })).toBe(401);
  http.clock.nowMs -= IDLE_TIMEOUT_MS;
  expect(await me(http, { cookie })).toBe(401);
});

test('a link works no longer than its time', async () => {
  const http = await start();
  const { token } = http.sessions.createLinkToken();
  http.clock.nowMs += LINK_TIMEOUT_MS;
  expect((await http.ask(`/login?token=${token}`)).status).toBe(401);
});

test('what looks at a link before its owner opens it does not use it up', async () => {
  const http = await start();
  const { token } = http.sessions.createLinkToken();
  const looks = [
    { purpose: 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { 'sec-fetch-dest': 'iframe' },
  ];
  for (const headers of looks) {
    const look = await http.ask(`/login?token=${token}`, { headers: headers as Record<string, string> });
    expect(look.status).toBe(403);
  }
  expect((await http.ask(`/login?token=${token}`, { method: 'HEAD' })).status).toBe(404);
  expect((await http.ask(`/login?token=${token}`)).status).toBe(303);
});

test('the sixth wrong link in a minute is turned away, and a right one still works', async () => {
  const http = await start();
  const wrong = () => http.ask(`/login?token=${'A'.repeat(43)}`);
  for (let n = 0; n < 5; n++) expect((await wrong()).status).toBe(401);
  const sixth = await wrong();
  expect(sixth.status).toBe(429);
  expect(sixth.headers['retry-after']).toBe('60');
  await http.signIn();
});

test('sessions outlive the process; ended ones stay ended, and links do not outlive it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'flatland-sessions-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const open = () => {
    const journal = openJournal(directory);
    return {
      journal,
      sessions: new Sessions({ store: journal.sessions, nowMs: () => 1_000_000, randomBytes }),
    };
  };
  const first = open();
  const signIn = () => first.sessions.exchange(first.sessions.createLinkToken().token, 'ada', undefined)!;
  const [kept, ended] = [signIn(), signIn()];
  first.sessions.end(first.sessions.find(ended, false)!.sessionKey);
  const { token } = first.sessions.createLinkToken();
  first.journal.close();
  const second = open();
  expect(second.sessions.find(kept, false)?.person).toBe('ada');
  expect(second.sessions.find(ended, false)).toBeUndefined();
  expect(second.sessions.exchange(token, 'ada', undefined)).toBeUndefined();
  second.journal.close();
});

test('the secret of a link or a session is neither in the log nor in the journal', async () => {
  const http = await start();
  const { token } = http.sessions.createLinkToken();
  const answer = await http.ask(`/login?token=${token}`);
  const secret = answer.headers['set-cookie']![0]!.split(/[=;]/)[1]!;
  await http.ask(`/nowhere?token=${secret}`, { headers: { cookie: `flatland-${http.port}=${secret}` } });
  expect(http.logged.join('\n')).not.toContain(token);
  expect(http.logged.join('\n')).not.toContain(secret);
  for (const name of readdirSync(http.dataDirectory)) {
    const kept = readFileSync(join(http.dataDirectory, name), 'latin1');
    expect([name, kept.includes(token), kept.includes(secret)]).toEqual([name, false, false]);
  }
});
