import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../conformance/api.ts';
import type { ServerUnderTest } from '../conformance/server-under-test.ts';

const DEFAULT_RELEASE = '1.37.2';
const READY_TIMEOUT_MS = 180_000;

/**
 * Where kube-apiserver of the release that `FLATLAND_KUBERNETES` names is, as `npm run clusters:up` leaves it in the
 * user's cache; undefined where it was never built, or etcd lacks.
 */
export function findApiServer(): string | undefined {
  const release = (process.env['FLATLAND_KUBERNETES'] || DEFAULT_RELEASE).replace(/^v/, '');
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const program = join(cache, 'flatland/kubernetes', release, 'kube-apiserver');
  const hasEtcd = (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, 'etcd')));
  return hasEtcd && existsSync(program) ? program : undefined;
}

/**
 * Starts etcd and a real kube-apiserver on loopback, with no controllers: nobody but the test writes. Throws with the
 * last words of what did not come up.
 */
export async function startRealServer(program: string): Promise<ServerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'flatland-real-'));
  const children: ChildProcess[] = [];
  const killAll = () => children.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', killAll);
  const close = async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    process.off('exit', killAll);
    await rm(directory, { recursive: true, force: true });
  };
  const start = (name: string, command: string, args: readonly string[]) => {
    const log = openSync(join(directory, `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: directory, stdio: ['ignore', log, log] });
    child.on('error', () => {});
    children.push(child);
    return child;
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    start('etcd', 'etcd', [
      `--data-dir=${join(directory, 'etcd')}`,
      '--name=differential',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=differential=${peerUrl}`,
    ]);
    const token = await writeKeys(directory);
    const apiServer = start('kube-apiserver', program, [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--endpoint-reconciler-type=none',
      `--cert-dir=${join(directory, 'certificates')}`,
      `--service-account-key-file=${join(directory, 'public.pem')}`,
      `--service-account-signing-key-file=${join(directory, 'private.pem')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--token-auth-file=${join(directory, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.96.0.0/12',
      '--allow-privileged=true',
    ]);
    const url = `https://127.0.0.1:${port}`;
    await waitUntilReady(directory, { url, token, hasControllers: false, close }, apiServer);
    const caCertPem = await readFile(join(directory, 'certificates', 'apiserver.crt'), 'utf8');
    return { url, caCertPem, token, hasControllers: false, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Keys that sign tokens of service accounts, and the token of somebody in system:masters. */
async function writeKeys(directory: string): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const token = randomBytes(16).toString('hex');
  await writeFile(join(directory, 'private.pem'), privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'public.pem'), publicKey);
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return token;
}

async function waitUntilReady(
  directory: string,
  server: ServerUnderTest,
  program: ChildProcess,
): Promise<void> {
  const api = new Api(server);
  try {
    for (const deadlineMs = Date.now() + READY_TIMEOUT_MS; ; await sleep(200)) {
      const answer = await api.get('/readyz').catch(() => undefined);
      if (answer?.code === 200) return;
      if (program.exitCode === null && program.signalCode === null && Date.now() < deadlineMs) continue;
      const log = await readFile(join(directory, 'kube-apiserver.log'), 'utf8');
      throw new Error(`kube-apiserver is not ready: ${log.trimEnd().split('\n').slice(-5).join('\n')}`);
    }
  } finally {
    api.close();
  }
}

/** Ports of loopback that are free now, each another. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}
