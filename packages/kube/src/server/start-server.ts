import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Authorizer } from './auth/authorizer.ts';
import { TokenAuthority } from './auth/token-authority.ts';
import { bootstrap } from './controllers/bootstrap.ts';
import type { Controller } from './controllers/controller.ts';
import { crdController } from './controllers/crd-controller.ts';
import { garbageCollector } from './controllers/garbage-collector.ts';
import { namespaceController } from './controllers/namespace-controller.ts';
import { expireEvents } from './controllers/event-expiry.ts';
import { roleAggregation } from './controllers/role-aggregation.ts';
import { handleRequest } from './http/handler.ts';
import { handleUpgrade } from './http/upgrade.ts';
import { listen } from './http/listen.ts';
import type { KubeletPort } from './kubelet-port.ts';
import { NO_KUBELETS } from './kubelet-port.ts';
import { Registry } from './kinds/registry.ts';
import { OpenApiDocuments } from './openapi/openapi-documents.ts';
import { openServerIdentity } from './pki/cluster-ca.ts';
import { readOrCreateSecret } from './pki/secret-file.ts';
import { RequestMetrics } from './rest/request-metrics.ts';
import type { ServerState } from './rest/server-state.ts';
import { WatchHub } from './rest/watch-hub.ts';
import type { HistoryLimits } from './storage/event-log.ts';
import { DEFAULT_HISTORY } from './storage/event-log.ts';
import { createStoreFile, StoreFileError } from './storage/sqlite-file.ts';
import type { StoreOptions } from './storage/store.ts';
import { Store } from './storage/store.ts';

export interface EmbeddedServerOptions {
  /** Holds everything of this cluster: `store.db`, the CA, the keys. Made (mode 0700) where it is missing. */
  readonly dataDir: string;
  readonly clusterName: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** Also listens (with TLS) on a unix socket. */
  readonly socketPath?: string;
  /** How logs, exec and the pod proxy reach nodes. @default none do */
  readonly kubelets?: KubeletPort;
  /**
   * Whether namespaces are filled and emptied, garbage is collected and roles are aggregated. Without, only requests
   * write, as with a kube-apiserver that has no controller manager. @default true
   */
  readonly runsControllers?: boolean;
  /** @default 10,000 events or ten minutes */
  readonly history?: Partial<HistoryLimits>;
  /** How often watches that ask for bookmarks get one. @default 30000 */
  readonly bookmarkEveryMs?: number;
  readonly nowMs?: () => number;
  /** Uniform in [0, 1). Names only; secrets come from node:crypto. */
  readonly random?: () => number;
  /** Told of internal errors. @default prints nothing */
  readonly onError?: (error: unknown) => void;
}

export interface EmbeddedServer {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly caCertPem: string;
  /** Bearer token of `admin` in `system:masters`. A secret. */
  readonly adminToken: string;
  readonly clusterName: string;
  /** Forgets the history of changes now: watches and pages from before get 410, as after a compaction. */
  readonly forgetHistory: () => void;
  /** Ends watches, answers what is in hand, and closes the store. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the embedded API server of one cluster on its directory: the state of the last run, or a new cluster
 * when the directory has none.
 *
 * @throws StoreFileError when the store is missing, damaged, or in use by another process; it never starts empty
 *   over what was there. Rejects with EADDRINUSE when the port is taken.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataDir, clusterName, host = '127.0.0.1', port = 0, socketPath } = options;
  const { nowMs = Date.now, random = Math.random, onError = () => {} } = options;
  const history = { ...DEFAULT_HISTORY, ...options.history };
  const store = await openStore(dataDir, { nowMs, history, onError });
  const closers: (() => void | Promise<void>)[] = [() => store.close()];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const identity = await openServerIdentity(join(dataDir, 'pki'), { clusterName, host, nowMs: nowMs() });
    const { signingKey, adminToken } = await openKeys(join(dataDir, 'pki'));
    const registry = new Registry();
    const state: ServerState = {
      clusterName,
      store,
      registry,
      authorizer: new Authorizer(store),
      tokens: new TokenAuthority({ signingKey, adminToken, reader: store, nowMs }),
      watches: new WatchHub(store),
      openApi: new OpenApiDocuments(registry, store),
      kubelets: options.kubelets ?? NO_KUBELETS,
      caCertPem: identity.caCertPem,
      nowMs,
      random,
      makeUid: randomUUID,
      metrics: new RequestMetrics(),
      onError,
    };
    await store.write((transaction) => bootstrap(transaction, { nowMs: nowMs(), makeUid: randomUUID }));
    const controllers = [
      crdController(state),
      ...((options.runsControllers ?? true)
        ? [namespaceController(state), garbageCollector(state), roleAggregation(state)]
        : []),
    ];
    startControllers(state, controllers);
    closers.push(async () => {
      for (const controller of controllers) await controller.close();
    });
    const timers = [
      setInterval(() => state.watches.bookmarkAll(), options.bookmarkEveryMs ?? 30_000),
      setInterval(() => compactQuietly(store, onError), 60_000),
      setInterval(() => void expireEvents(state).catch(onError), 60_000),
    ];
    for (const timer of timers) timer.unref();
    closers.push(
      () => timers.forEach((timer) => clearInterval(timer)),
      () => state.watches.close(),
    );
    const listening = await listen(
      { identity, host, port, socketPath },
      {
        request: (request, response) => handleRequest(state, request, response),
        upgrade: (request, socket, head) => handleUpgrade(state, request, socket, head),
      },
    );
    closers.push(listening.close);
    return {
      url: `https://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
      port: listening.port,
      socketPath,
      caCertPem: identity.caCertPem,
      adminToken,
      clusterName,
      forgetHistory: () => store.compact(store.revision),
      close: async () => {
        state.watches.close();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openStore(dataDir: string, options: Omit<StoreOptions, 'path'>): Promise<Store> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'store.db');
  const hasKeys = existsSync(join(dataDir, 'pki', 'ca.pem'));
  if (!existsSync(path)) {
    if (hasKeys) {
      throw new StoreFileError(
        path,
        `it is missing, though ${join(dataDir, 'pki')} has the cluster's keys; restore it, or reset the cluster`,
      );
    }
    createStoreFile(path);
  }
  return new Store({ path, ...options });
}

async function openKeys(directory: string) {
  const keyPem = await readOrCreateSecret(directory, 'service-account-key.pem', () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  );
  const token = await readOrCreateSecret(directory, 'admin-token', () =>
    randomBytes(32).toString('base64url'),
  );
  return { signingKey: createPrivateKey(keyPem), adminToken: token.trim() };
}

function startControllers(state: ServerState, controllers: readonly Controller[]): void {
  state.store.onCommit((events) => {
    state.authorizer.noticeChanges(events);
    for (const controller of controllers) controller.notice(events);
  });
  for (const controller of controllers) controller.start();
}

function compactQuietly(store: Store, onError: (error: unknown) => void): void {
  try {
    store.compactHistory();
  } catch (error) {
    onError(error);
  }
}
