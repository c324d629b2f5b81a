import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { lookup } from 'node:dns';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { Pool, buildConnector } from 'undici';
import type { Dispatcher } from 'undici';
import { strictAddressPolicy } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { Sensitive } from './sensitive.ts';
import { hostOf } from './server-url.ts';
import type { ServerUrl } from './server-url.ts';

/** How this client proves who it is. A `token-source` is asked before each request, for tokens that rotate. */
export type Credential =
  | { readonly kind: 'token'; readonly token: Sensitive }
  | { readonly kind: 'token-source'; readonly read: () => Promise<Sensitive> }
  | { readonly kind: 'client-certificate'; readonly certificatePem: string; readonly keyPem: Sensitive }
  | { readonly kind: 'none' };

/** One cluster's API: where it is, how it proves itself, how we do. Holds data only, nothing that runs. */
export type Connection = {
  /** The cluster's name in Flatland: goes into errors and reports. */
  readonly cluster: string;
  readonly server: ServerUrl;
  /** PEM certificates to trust; the system's when absent. */
  readonly caPem?: string;
  readonly credential: Credential;
  /** The name that the server's certificate must carry, when it is not the host of `server`. */
  readonly tlsServerName?: string;
  /** A unix socket to dial instead of the host; TLS and its name check stay the same. */
  readonly socketPath?: string;
};

/** A dial that the address policy forbade. */
export class AddressRefusedError extends Error {
  constructor(host: string, address: string, rule: string) {
    super(`${host} is at ${address}, a ${rule} address that no connection may dial`);
    this.name = 'AddressRefusedError';
  }
}

const CONNECT_TIMEOUT_MS = 3000;
const KEEP_ALIVE_PROBE_MS = 15_000;

/**
 * Opens a pool of TLS connections that can reach nothing but the connection's server: requests name paths only,
 * redirects are not followed, and every resolved address passes `addressPolicy` at dial time.
 */
export function openDispatcher(
  connection: Connection,
  options: { addressPolicy?: AddressPolicy; connectTimeoutMs?: number } = {},
): Dispatcher {
  const addressPolicy = options.addressPolicy ?? strictAddressPolicy;
  const connect = buildConnector({
    ...secureOptions(connection, addressPolicy),
    allowH2: false,
    timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
    ...(connection.socketPath === undefined ? {} : { socketPath: connection.socketPath }),
  });
  return new Pool(new URL(connection.server).origin, {
    connect(request, callback) {
      const refused = refusedLiteral(connection, addressPolicy);
      if (refused !== undefined) return callback(refused, null);
      connect({ ...request, servername: expectedName(connection) }, callback);
    },
  });
}

/**
 * Dials a connection's server by itself, for protocols that take a socket over (WebSocket). The same rules hold.
 *
 * @throws AddressRefusedError when the server's host is an address that the policy refuses
 */
export function dialTls(connection: Connection, addressPolicy: AddressPolicy): TLSSocket {
  const refused = refusedLiteral(connection, addressPolicy);
  if (refused !== undefined) throw refused;
  const port = Number(new URL(connection.server).port || 443);
  return connectTls({
    ...secureOptions(connection, addressPolicy),
    servername: expectedName(connection),
    ALPNProtocols: ['http/1.1'],
    host: hostOf(connection.server),
    port,
    ...(connection.socketPath === undefined ? {} : { path: connection.socketPath }),
  });
}

function secureOptions(connection: Connection, addressPolicy: AddressPolicy) {
  const { credential } = connection;
  return {
    lookup: vettedLookup(addressPolicy),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(connection.caPem === undefined ? {} : { ca: connection.caPem }),
    ...(credential.kind === 'client-certificate'
      ? { cert: credential.certificatePem, key: credential.keyPem.reveal() }
      : {}),
  } satisfies ConnectionOptions;
}

/* Addresses that the URL spells out are never looked up. */
function refusedLiteral(
  connection: Connection,
  addressPolicy: AddressPolicy,
): AddressRefusedError | undefined {
  const host = hostOf(connection.server);
  if (connection.socketPath !== undefined || isIP(host) === 0) return undefined;
  const verdict = addressPolicy(host);
  return verdict.allowed ? undefined : new AddressRefusedError(host, host, verdict.rule);
}

function expectedName(connection: Connection): string {
  const host = hostOf(connection.server);
  return connection.tlsServerName ?? (isIP(host) === 0 ? host : '');
}

function vettedLookup(addressPolicy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      for (const { address } of addresses) {
        const verdict = addressPolicy(address);
        if (!verdict.allowed) return callback(new AddressRefusedError(hostname, address, verdict.rule), []);
      }
      if (options.all === true) return callback(null, addresses);
      const first = addresses[0];
      if (first === undefined) return callback(new Error(`${hostname} has no address`), []);
      callback(null, first.address, first.family);
    });
  };
}
