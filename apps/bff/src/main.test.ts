import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cliHeaders, startProcess, type ConsoleProcess } from '../test/console-process.ts';
import { readEvents, type WireEvent } from '../test/event-stream.ts';
import { idOf, SimulatedNetwork } from '../test/simulated-network.ts';
import { launchArguments } from './launch.ts';

const FRONTEND = { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] };
const CATALOG = { cluster: 'gke-west', namespace: 'shop', name: 'catalog', domains: ['red', 'green'] };

const N_TERMINATIONS = process.env['FLATLAND_LONG'] === '1' ? 50 : 1;

let network: SimulatedNetwork;
let data: string;
const started: ConsoleProcess[] = [];

beforeAll(async () => {
  network = await SimulatedNetwork.start([FRONTEND, CATALOG]);
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(() => {
  data = join(network.directory, randomUUID());
  mkdirSync(data);
  network.writeKubeconfig(join(data, 'kubeconfig'));
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

async function start(options?: Parameters<typeof startProcess>[1]): Promise<ConsoleProcess> {
  const process_ = await startProcess(data, options);
  started.push(process_);
  return process_;
}

async function signIn(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

test('prints the one-time link last, and the link signs in', async () => {
  const { link, url, lines } = await start();
  expect(lines().at(-1)).toEqual({ event: 'link', url: link });
  const cookie = await signIn(link);
  const me = await fetch(`${url}/trpc/session.me`, { headers: { cookie } });
  expect(await me.json()).toMatchObject({ result: { data: { kind: 'session' } } });
});

test('the first question is answered from the whole of every cluster', async () => {
  const { url } = await start();
  const answer = await fetch(`${url}/trpc/topology.get`, { headers: cliHeaders(data) });
  const { result } = (await answer.json()) as { result: { data: { workloads: object } } };
  expect(Object.keys(result.data.workloads)).toEqual(expect.arrayContaining([idOf(FRONTEND), idOf(CATALOG)]));
});

test('without a lab and a kubeconfig it starts with no cluster, and complains of nothing', async () => {
  rmSync(join(data, 'kubeconfig'));
  const { url, lines } = await start({ lab: 'off' });
  expect(lines().map(({ event }) => event)).toEqual(['link']);
  const answer = await fetch(`${url}/trpc/console.overview`, { headers: cliHeaders(data) });
  expect(await answer.json()).toMatchObject({ result: { data: { clusters: [] } } });
});

test('keeps its files from others', async () => {
  await start();
  for (const name of readdirSync(data)) {
    if (name !== 'kubeconfig') expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
  }
});

test('takes the next port where its own is taken, and says so', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const { url, lines } = await start({ port });
  other.close();
  expect(url).not.toBe(`http://127.0.0.1:${port}`);
  expect(lines()[0]).toMatchObject({
    event: 'warning',
    text: expect.stringContaining(`port ${port} is taken`),
  });
  expect(JSON.parse(readFileSync(join(data, 'console.json'), 'utf8'))).toMatchObject({ url });
});

test('a kubeconfig that would run a program is refused by name, and nothing is run', async () => {
  const canary = join(data, 'canary');
  const config = JSON.parse(readFileSync(join(data, 'kubeconfig'), 'utf8')) as {
    users: { name: string; user: object }[];
  };
  config.users[0]!.user = {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [canary] },
  };
  writeFileSync(join(data, 'kubeconfig'), JSON.stringify(config));
  const { lines, url } = await start();
  expect(lines()[0]!.text).toMatch(/cluster aws-east is left out.*no program from a kubeconfig is ever run/);
  const answer = await fetch(`${url}/trpc/console.overview`, { headers: cliHeaders(data) });
  const body = JSON.stringify(await answer.json());
  expect(body).toContain('no program from a kubeconfig is ever run');
  expect(body).not.toContain(canary);
  expect(existsSync(canary)).toBe(false);
});

test('a journal that is damaged keeps it from starting, with the file’s name', async () => {
  writeFileSync(join(data, 'journal.sqlite'), 'no database'.repeat(1000));
  await expect(start()).rejects.toThrow(/journal\.sqlite: is damaged/);
});

test('may neither start a process, nor load an addon, nor read or write outside of its places', () => {
  const flags = launchArguments({ dataDirectory: data, kubeconfig: join(data, 'kubeconfig') }).filter(
    (argument) => argument.startsWith('--') && argument !== '--stop-with-parent',
  );
  const script = `
    const tried = {};
    const attempt = (name, action) => { try { action(); tried[name] = 'allowed'; } catch (error) { tried[name] = error.code; } };
    const fs = require('node:fs');
    attempt('process', () => require('node:child_process').execFileSync('true'));
    attempt('worker', () => new (require('node:worker_threads').Worker)('1', { eval: true }));
    attempt('addon', () => process.dlopen({ exports: {} }, ${JSON.stringify(join(data, 'x.node'))}));
    attempt('passwd', () => fs.readFileSync('/etc/passwd'));
    attempt('tmp', () => fs.writeFileSync('/tmp/flatland-canary', ''));
    attempt('source', () => fs.writeFileSync(${JSON.stringify(join(import.meta.dirname, 'canary'))}, ''));
    attempt('data', () => fs.writeFileSync(${JSON.stringify(join(data, 'allowed'))}, ''));
    process.stdout.write(JSON.stringify(tried));`;
  const output = execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({
    process: 'ERR_ACCESS_DENIED',
    worker: 'ERR_ACCESS_DENIED',
    addon: 'ERR_DLOPEN_DISABLED',
    passwd: 'ERR_ACCESS_DENIED',
    tmp: 'ERR_ACCESS_DENIED',
    source: 'ERR_ACCESS_DENIED',
    data: 'allowed',
  });
});

test('a tab that is cut off by kill -9 goes on with the same session and a fresh snapshot', async () => {
  const first = await start();
  const cookie = await signIn(first.link);
  const port = Number(new URL(first.url).port);
  const before = await openStream(first.url, { cookie });
  expect(JSON.parse((await nextMessage(before)).data)).toMatchObject({ kind: 'snapshot' });
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await start({ port });
  expect(second.url).toBe(first.url);
  const after = await openStream(second.url, { cookie, 'last-event-id': 'ffffffffffff-3' });
  expect(JSON.parse((await nextMessage(after)).data)).toMatchObject({ kind: 'snapshot' });
});

test('a tab that comes back to the same process goes on after its last event', async () => {
  const { url, link } = await start();
  const cookie = await signIn(link);
  await eventuallyReady(url);
  const before = await openStream(url, { cookie });
  const { id } = await nextMessage(before);
  await before.return(undefined);
  const created = await createDraft(url);
  const after = await openStream(url, { cookie, 'last-event-id': id });
  for (;;) {
    const event = JSON.parse((await nextMessage(after)).data) as { kind: string; changeSet?: { id: string } };
    expect(event.kind).not.toBe('snapshot');
    if (event.changeSet?.id === created) break;
  }
});

test.for(Array.from({ length: N_TERMINATIONS }, (_, n) => n + 1))(
  'R-18: SIGTERM under load, the %sth: calls finish or are turned away, nothing is lost, and it ends in time',
  endsUnderLoad,
);

async function endsUnderLoad(): Promise<void> {
  const { url, child, ended, link } = await start();
  const cookie = await signIn(link);
  await eventuallyReady(url);
  const stream = await openStream(url, { cookie });
  await nextMessage(stream);
  let isStopping = false;
  const statuses: number[] = [];
  const ids: string[] = [];
  const load = Array.from({ length: 4 }, async () => {
    while (!isStopping || statuses.length < 8) {
      const answer = await sendDraft(url).catch(() => undefined);
      if (answer === undefined) return;
      statuses.push(answer.status);
      if (answer.status === 200)
        ids.push(
          ((await answer.json()) as { result: { data: { summary: { id: string } } } }).result.data.summary.id,
        );
      if (answer.status === 429) await sleep(50);
    }
  });
  await sleep(Math.random() * 600);
  isStopping = true;
  const startedMs = performance.now();
  child.kill('SIGTERM');
  const [code] = await ended;
  expect(code).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  await Promise.all(load);
  expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
  expect(ids.length).toBeGreaterThan(0);
  const again = await start();
  for (const id of ids) {
    const input = encodeURIComponent(JSON.stringify({ id }));
    const answer = await fetch(`${again.url}/trpc/changeSet.get?input=${input}`, {
      headers: cliHeaders(data),
    });
    expect(answer.status).toBe(200);
  }
}

test('ends with the process that started it', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ${JSON.stringify(launchArguments({ dataDirectory: data, kubeconfig: join(data, 'kubeconfig') }))},
      { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    process.stdout.write('pid ' + child.pid + '\\n');`;
  const parent = spawn(process.execPath, ['-e', script], {
    env: { FLATLAND_DATA: data, FLATLAND_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  parent.stdout.on('data', (part: Buffer) => (output += part.toString()));
  while (!output.includes('"link"')) await sleep(20);
  const pid = Number(/^pid (\d+)/m.exec(output)![1]);
  parent.kill('SIGKILL');
  for (let n = 0; n < 500 && isAlive(pid); n++) await sleep(20);
  expect(isAlive(pid)).toBe(false);
});

test('no secret of a cluster that is connected, refused, replaced or disconnected is in any answer, log line or file', async () => {
  const whole = network.kubeconfig({ clusters: ['gke-west'] });
  writeFileSync(join(data, 'kubeconfig'), network.kubeconfig({ clusters: ['aws-east'] }));
  const { url, errors, lines } = await start();
  await eventuallyReady(url);
  const secret = (JSON.parse(whole) as { users: { user: { token: string } }[] }).users[0]!.user.token;
  const canary = 'canary-7f3a-of-a-token';
  const spoiled = network.kubeconfig({ clusters: ['gke-west'], token: canary });
  const password = whole.replace('"token"', '"password"');
  const texts: string[] = [];
  const call = async (path: string, input: object) => {
    const body = JSON.stringify(input);
    const answer = await fetch(`${url}/trpc/cluster.${path}`, {
      method: 'POST',
      headers: cliHeaders(data),
      body,
    });
    texts.push(await answer.text());
    return answer.status;
  };
  const statuses = [
    await call('readKubeconfig', { kubeconfig: whole }),
    await call('readKubeconfig', { kubeconfig: password }),
    await call('readKubeconfig', { kubeconfig: secret }),
    await call('preflight', { kubeconfig: spoiled, readOnly: false }),
    await call('connect', { kubeconfig: spoiled, readOnly: false }),
    await call('connect', { kubeconfig: password, readOnly: false }),
    await call('connect', { kubeconfig: whole, readOnly: secret }),
    await call('connect', { kubeconfig: whole, context: 'nowhere', readOnly: false }),
    await call('connect', { kubeconfig: whole, readOnly: false }),
    await call('connect', { kubeconfig: whole, readOnly: false }),
    await call('replaceCredentials', { cluster: 'gke-west', kubeconfig: whole }),
    await call('replaceCredentials', { cluster: 'gke-west', kubeconfig: spoiled }),
  ];
  expect(statuses).toEqual([200, 200, 200, 200, 422, 422, 400, 422, 200, 409, 200, 422]);
  await eventuallyReady(url);
  const look = async () => {
    for (const path of ['console.overview', 'topology.get', 'audit.list'])
      texts.push(await (await fetch(`${url}/trpc/${path}`, { headers: cliHeaders(data) })).text());
    texts.push(await (await fetch(`${url}/metrics`)).text(), errors(), JSON.stringify(lines()));
    texts.push(...readdirSync(data).map((name) => readFileSync(join(data, name), 'latin1')));
  };
  await look();
  expect(texts.join('')).toContain('gke-west');
  expect(await call('disconnect', { cluster: 'gke-west' })).toBe(200);
  await look();
  for (const text of texts) for (const each of [secret, canary]) expect(text.includes(each)).toBe(false);
});

test('no secret of the kubeconfig is in any answer, log line or file of its own', async () => {
  const { url, errors, lines } = await start();
  await eventuallyReady(url);
  const config = JSON.parse(readFileSync(join(data, 'kubeconfig'), 'utf8')) as {
    users: { user: { token: string } }[];
  };
  const headers = cliHeaders(data);
  const secrets = [
    ...config.users.map(({ user }) => user.token),
    headers['authorization']!.slice('Bearer '.length),
  ];
  await createDraft(url);
  const paths = [
    'console.overview',
    'topology.get',
    'changeSet.list',
    'audit.list',
    'probe.matrix',
    'session.me',
    'nowhere',
  ];
  const texts = await Promise.all(
    paths.map(async (path) => (await fetch(`${url}/trpc/${path}`, { headers })).text()),
  );
  texts.push(await (await fetch(`${url}/metrics`)).text(), errors(), JSON.stringify(lines()));
  const files = readdirSync(data).filter((name) => name.startsWith('journal') || name === 'console.json');
  texts.push(...files.map((name) => readFileSync(join(data, name), 'latin1')));
  for (const secret of secrets) for (const text of texts) expect(text.includes(secret)).toBe(false);
});

test('the data directory can be moved away afterwards: nothing else was written', async () => {
  const { child, ended } = await start();
  child.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true });
  expect(existsSync(data)).toBe(false);
});

async function eventuallyReady(url: string): Promise<void> {
  for (let n = 0; n < 500; n++) {
    if ((await fetch(`${url}/readyz`)).status === 200) return;
    await sleep(30);
  }
  throw new Error(await (await fetch(`${url}/readyz`)).text());
}

function sendDraft(url: string): Promise<Response> {
  const intents = [{ kind: 'join', workload: idOf(FRONTEND), domain: 'green' }];
  const body = JSON.stringify({ title: 'Join', intents, idempotencyKey: randomUUID() });
  return fetch(`${url}/trpc/changeSet.create`, { method: 'POST', headers: cliHeaders(data), body });
}

async function createDraft(url: string): Promise<string> {
  const answer = (await (await sendDraft(url)).json()) as { result: { data: { summary: { id: string } } } };
  return answer.result.data.summary.id;
}

async function openStream(url: string, headers: Record<string, string>): Promise<AsyncGenerator<WireEvent>> {
  const answer = await fetch(`${url}/trpc/events.subscribe`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  expect(answer.headers.get('cache-control')).toContain('no-transform');
  return readEvents(answer);
}

async function nextMessage(stream: AsyncGenerator<WireEvent>): Promise<WireEvent> {
  for (;;) {
    const { value, done } = await stream.next();
    if (done) throw new Error('the stream ended');
    if (value.event === 'message') return value;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
