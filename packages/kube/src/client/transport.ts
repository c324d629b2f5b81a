import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import { AddressRefusedError, openDispatcher } from './connection.ts';
import type { Connection } from './connection.ts';
import type { AddressPolicy } from './address-policy.ts';
import { NoCredentialError, authorization } from './authorization.ts';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type HttpRequest = {
  readonly method: HttpMethod;
  /** Path and query, below the server's own path. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpLimits = {
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange; for a stream, until the headers are there. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
};

export type HttpAnswer = {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
};

export type HttpStream = {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives. Iterate it or destroy it. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
};

/** Why there is no complete answer. */
export type TransportFault = {
  readonly kind:
    | 'timeout'
    | 'aborted'
    | 'no-credential'
    | 'unreachable'
    | 'cut-off'
    | 'too-large'
    | 'untrusted'
    | 'address-refused';
  readonly message: string;
};

/** One cluster's HTTP: sends one request, tries nothing twice. */
export type Transport = {
  exchange(request: HttpRequest, limits: HttpLimits): Promise<Result<HttpAnswer, TransportFault>>;
  stream(request: HttpRequest, limits: HttpLimits): Promise<Result<HttpStream, TransportFault>>;
  close(): Promise<void>;
};

/** Opens the transport of a connection. It dials on first use. */
export function openTransport(
  connection: Connection,
  options: { addressPolicy?: AddressPolicy; connectTimeoutMs?: number } = {},
): Transport {
  const dispatcher = openDispatcher(connection, options);
  const basePath = new URL(connection.server).pathname.replace(/\/$/, '');

  async function open(request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return dispatcher.request({
      method: request.method,
      path: basePath + request.path,
      headers: { ...request.headers, ...(await authorization(connection)) },
      body: request.body ?? null,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  return {
    async exchange(request, limits) {
      const deadline = AbortSignal.timeout(limits.timeoutMs);
      const signal = limits.signal === undefined ? deadline : AbortSignal.any([limits.signal, deadline]);
      let answered = false;
      try {
        const response = await open(request, signal);
        answered = true;
        const text = await readText(response.body, limits.maxBodyBytes);
        if (text === undefined) return err({ kind: 'too-large', message: tooLarge(limits.maxBodyBytes) });
        return ok({ status: response.statusCode, retryAfterMs: retryAfterMs(response.headers), text });
      } catch (error) {
        return err(faultOf(error, { deadline, signal: limits.signal, answered }));
      }
    },

    async stream(request, limits) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), limits.timeoutMs);
      const signal =
        limits.signal === undefined ? late.signal : AbortSignal.any([limits.signal, late.signal]);
      try {
        const response = await open(request, signal);
        return ok({
          status: response.statusCode,
          retryAfterMs: retryAfterMs(response.headers),
          headers: singleHeaders(response.headers),
          body: response.body,
        });
      } catch (error) {
        return err(faultOf(error, { deadline: late.signal, signal: limits.signal, answered: false }));
      } finally {
        clearTimeout(timer);
      }
    },

    async close() {
      await dispatcher.destroy();
    },
  };
}

/** Reads a body as UTF-8, or gives undefined when it is longer than `maxBytes`. */
export async function readText(
  body: AsyncIterable<Uint8Array> & { destroy(): void },
  maxBytes: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let nBytes = 0;
  for await (const chunk of body) {
    nBytes += chunk.byteLength;
    if (nBytes > maxBytes) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function faultOf(
  error: unknown,
  call: { deadline: AbortSignal; signal: AbortSignal | undefined; answered: boolean },
): TransportFault {
  if (call.signal?.aborted) return { kind: 'aborted', message: 'the call was given up' };
  if (call.deadline.aborted) return { kind: 'timeout', message: 'no complete answer in time' };
  if (error instanceof AddressRefusedError) return { kind: 'address-refused', message: error.message };
  if (error instanceof NoCredentialError) return { kind: 'no-credential', message: error.message };
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.ConnectTimeoutError)
    return { kind: 'unreachable', message: 'no connection in time' };
  if (code !== undefined && isTrustFault(code))
    return {
      kind: 'untrusted',
      message: TIME_FAULTS.has(code) ? `${message}, by the clock of this machine` : message,
    };
  if (code !== undefined && NEVER_SENT.has(code)) return { kind: 'unreachable', message };
  return { kind: 'cut-off', message: call.answered ? `the answer was cut off: ${message}` : message };
}

/* Faults of dialling: the request has not left this machine. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
]);

/* Where the certificate may be right, and the clock wrong. */
const TIME_FAULTS = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/* OpenSSL's verification results (X509_V_ERR_*) as Node names them, and Node's own name check. */
const TRUST_FAULTS = new Set([
  ...TIME_FAULTS,
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function isTrustFault(code: string): boolean {
  return TRUST_FAULTS.has(code) || code === 'ERR_TLS_CERT_ALTNAME_INVALID';
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function tooLarge(maxBytes: number): string {
  return `the answer is larger than ${maxBytes} bytes`;
}

/** Retry-After in seconds (RFC 9110 §10.2.3; the API never sends its date form), in milliseconds. */
function retryAfterMs(headers: Readonly<Record<string, string | string[] | undefined>>): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value.trim())) return undefined;
  return Number(value) * 1000;
}

function singleHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}
