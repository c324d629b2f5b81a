import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../conformance/api.ts';
import type { ServerUnderTest } from '../conformance/server-under-test.ts';
import { Children, isRunning, type Child } from './children.ts';
import { compactEtcd } from './etcd.ts';
import type { Programs } from './programs.ts';

const READY_TIMEOUT_MS = 180_000;

/** The controllers that the embedded server has too. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
];

/** A real kube-apiserver over an etcd of its own, on loopback. */
export interface RealServer extends ServerUnderTest {
  readonly caCertPem: string;
  readonly token: string;
  /** Of kube-apiserver. */
  readonly pid: number;
  /** Forgets all revisions but the newest in etcd; what the API server caches stays. */
  readonly compact: () => Promise<void>;
  /** Forgets them in the API server too, which is started anew for it. */
  readonly expireHistory: () => Promise<void>;
}

export interface RealServerOptions {
  /** Whether a controller manager runs too; else nobody but its clients writes. @default false */
  readonly withControllers?: boolean;
}

/** Starts etcd and a real kube-apiserver. Throws with the last words of what did not come up. */
export async function startRealServer(
  { apiServer, etcd, controllerManager }: Programs,
  { withControllers = false }: RealServerOptions = {},
): Promise<RealServer> {
  const directory = await mkdtemp(join(tmpdir(), 'flatland-real-'));
  const children = new Children(directory);
  const close = async () => {
    await children.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const url = `https://127.0.0.1:${port}`;
    children.start('etcd', etcd, etcdFlags(directory, etcdUrl, `http://127.0.0.1:${peerPort}`));
    const token = await writeKeys(directory);
    const flags = apiServerFlags(directory, etcdUrl, port!);
    const startApi = async () => {
      const child = children.start('kube-apiserver', apiServer, flags);
      await waitUntilReady(directory, { url, token, hasControllers: false, close }, child);
      return child;
    };
    let api = await startApi();
    const caCertPem = await readFile(join(directory, 'certificates', 'apiserver.crt'), 'utf8');
    if (withControllers) {
      if (controllerManager === undefined) throw new Error('kube-controller-manager was not built');
      const config = await writeKubeconfig(directory, { url, token });
      children.start('kube-controller-manager', controllerManager, managerFlags(directory, config));
    }
    return {
      url,
      caCertPem,
      token,
      get pid() {
        return api.pid!;
      },
      hasControllers: withControllers,
      learnsByAndBy: true,
      compact: async () => void (await compactEtcd(etcdUrl)),
      expireHistory: async () => {
        await compactEtcd(etcdUrl);
        await children.stop(api);
        api = await startApi();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function etcdFlags(directory: string, url: string, peerUrl: string): string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    '--name=real',
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=real=${peerUrl}`,
  ];
}

function apiServerFlags(directory: string, etcdUrl: string, port: number): string[] {
  return [
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
  ];
}

function managerFlags(directory: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    // Nobody asks it anything.
    '--secure-port=0',
    `--controllers=${CONTROLLERS.join(',')}`,
    `--root-ca-file=${join(directory, 'certificates', 'apiserver.crt')}`,
    '--concurrent-gc-syncs=5',
  ];
}

async function writeKubeconfig(
  directory: string,
  { url, token }: { url: string; token: string },
): Promise<string> {
  const path = join(directory, 'controllers.kubeconfig');
  const certificate = join(directory, 'certificates', 'apiserver.crt');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server: url, 'certificate-authority': certificate } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'admin' } }],
    'current-context': 'real',
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
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

async function waitUntilReady(directory: string, server: ServerUnderTest, program: Child): Promise<void> {
  const api = new Api(server);
  try {
    for (const deadlineMs = Date.now() + READY_TIMEOUT_MS; ; await sleep(200)) {
      const answer = await api.get('/readyz').catch(() => undefined);
      if (answer?.code === 200) return;
      if (isRunning(program) && Date.now() < deadlineMs) continue;
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
