import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { sensitive } from './sensitive.ts';
import type { Sensitive } from './sensitive.ts';
import { parseServerUrl } from './server-url.ts';

/** Where Kubernetes mounts a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/* Projected tokens live at least ten minutes and are rewritten in good time. */
const TOKEN_REREAD_MS = 60_000;

export type InClusterOptions = {
  readonly cluster: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default SERVICE_ACCOUNT_DIRECTORY */
  readonly directory?: string;
  /** @default systemClock */
  readonly clock?: Clock;
};

/**
 * The connection of a pod to its own cluster's API: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, the
 * mounted CA and token, which is read again as it rotates. `FLATLAND_API_SOCKET` names a unix socket to dial
 * instead. The error is a text for people.
 */
export async function inClusterConnection(options: InClusterOptions): Promise<Result<Connection, string>> {
  const { env } = options;
  const directory = options.directory ?? SERVICE_ACCOUNT_DIRECTORY;
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    return err('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; run this in a pod');
  }
  const server = parseServerUrl(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  if (!server.ok)
    return err(`KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address: ${server.error}`);
  const caPem = await readFile(join(directory, 'ca.crt'), 'utf8').catch(() => undefined);
  if (caPem === undefined) return err(`${directory}/ca.crt cannot be read; give the pod a service account`);
  const socketPath = env['FLATLAND_API_SOCKET'];
  return ok({
    cluster: options.cluster,
    server: server.value,
    caPem,
    credential: {
      kind: 'token-source',
      read: rereadFile(join(directory, 'token'), options.clock ?? systemClock),
    },
    ...(socketPath ? { socketPath } : {}),
  });
}

/** Gives a file's text, read again at most once a minute; the last good text when it cannot be read. */
function rereadFile(path: string, clock: Clock): () => Promise<Sensitive> {
  let last: { token: Sensitive; atMs: number } | undefined;
  return async () => {
    const nowMs = clock.nowMs();
    if (last !== undefined && nowMs - last.atMs < TOKEN_REREAD_MS) return last.token;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined && last === undefined) throw new Error(`${path} cannot be read`);
    last = { token: text === undefined ? last!.token : sensitive(text.trim()), atMs: nowMs };
    return last.token;
  };
}
