import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHttp, type HttpHarness } from '../../test/http-harness.ts';
import { appRouter } from '../router.ts';

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; meta?: object } }>,
);

let http: HttpHarness;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http[Symbol.asyncDispose]());

test.each(procedures)('%s is for people who are signed in', async (path, { _def }) => {
  const isMutation = _def.type === 'mutation';
  const answer = await http.ask(`/trpc/${path}`, {
    method: isMutation ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', 'x-flatland': '1' },
    ...(isMutation ? { body: '{}' } : {}),
  });
  const text = answer.status === 200 ? answer.body : '';
  // a stream has begun when it is refused
  expect([answer.status, /not-signed-in/.test(text)]).toEqual(
    _def.type === 'subscription' ? [200, true] : [401, false],
  );
  expect(http.calls).toEqual([]);
});

test.each(procedures)('%s has a budget', (_path, { _def }) => {
  expect(_def.meta).toMatchObject({ callClass: expect.stringMatching(/^(read|write|plan|probe|stream)$/) });
});

test('a browser’s session cannot make links that sign in', async () => {
  const headers = { cookie: await http.signIn(), 'content-type': 'application/json', 'x-flatland': '1' };
  const answer = await http.ask('/trpc/session.createLink', { method: 'POST', headers, body: '' });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('cli-only');
  expect(http.calls).toEqual([]);
});
