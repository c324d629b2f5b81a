import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHttp, type HttpHarness } from '../../test/http-harness.ts';
import { inlineScripts } from './content-security-policy.ts';

const SCRIPT = 'self.__next_f.push([1,"<b>\u00e9</b>"])';
const FILES = {
  'index.html': `<html><script>${SCRIPT}</script><script src="/_next/static/a.js"></script></html>`,
  'domains.html':
    '<html><script id="x" type="text/javascript">two()\n</script><SCRIPT>three()</SCRIPT></html>',
  'domains/view.html': '<html>view</html>',
  '404.html': '<html>nothing here</html>',
  '_next/static/a.js': 'console.log(1)',
  'favicon.ico': 'icon',
};

let http: HttpHarness;
beforeAll(async () => {
  http = await startHttp({ files: FILES });
});
afterAll(() => http[Symbol.asyncDispose]());

test('each page has the hashes of its own inline scripts and nothing else inline', async () => {
  const policy = async (path: string) => String((await http.ask(path)).headers['content-security-policy']);
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(await policy('/')).toContain(`script-src 'self' ${hash(SCRIPT)};`);
  const hashes = [hash('three()'), hash('two()\n')].sort().join(' ');
  expect(await policy('/domains')).toContain(`script-src 'self' ${hashes};`);
  expect(await policy('/domains/view')).toContain(`script-src 'self';`);
  for (const path of ['/', '/domains', '/domains/view']) {
    expect(await policy(path)).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
  }
});

test.each([
  '/',
  '/domains',
  '/nowhere',
  '/_next/static/a.js',
  '/healthz',
  '/metrics',
  '/login',
  '/trpc/session.me',
  '/trpc/%zz',
  '/trpc/x?input=%',
])('%s carries the headers that keep it from being framed, sniffed or leaked', async (path) => {
  const { headers } = await http.ask(path);
  expect(headers['content-security-policy']).toMatch(
    /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'/,
  );
  expect(headers['x-content-type-options']).toBe('nosniff');
  if (path.includes('%zz')) return;
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  expect(headers['access-control-allow-origin']).toBeUndefined();
  expect(headers['server']).toBeUndefined();
});

test('pages are found without .html, and an unknown one is the console’s own 404', async () => {
  expect((await http.ask('/domains')).body).toBe(FILES['domains.html']);
  expect((await http.ask('/domains/')).body).toBe(FILES['domains.html']);
  expect((await http.ask('/?x=1#y')).body).toBe(FILES['index.html']);
  const missing = await http.ask('/nowhere');
  expect([missing.status, missing.body]).toEqual([404, FILES['404.html']]);
});

test('files with a hash in their name are kept for ever, pages are asked for again', async () => {
  expect((await http.ask('/_next/static/a.js')).headers['cache-control']).toContain('immutable');
  expect((await http.ask('/')).headers['cache-control']).toBe('no-cache');
});

test.each([
  '/../data/journal.sqlite',
  '/%2e%2e/data/journal.sqlite',
  '/..%2fdata/cli-token',
  '/domains/%2e%2e/%2e%2e/data/cli-token',
  '//etc/passwd',
  '/%00',
  '/_next/static/..%5c..%5cdata',
])('no path reaches a file outside of the export: %s', async (path) => {
  const answer = await http.ask(path);
  expect([400, 404]).toContain(answer.status);
  expect(answer.body).not.toContain('SQLite');
});

test('readiness says what is waited for', async () => {
  const answer = await http.ask('/readyz');
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body)).toEqual({ ready: false, waitsFor: ['aws-east'] });
});

test('scripts without content or with a source are not hashed', () => {
  expect(inlineScripts('<script src=a></script><script></script><script data-src="x">y</script>')).toEqual([
    'y',
  ]);
});
