import { admit, isSilence, onAnswer, onSilence } from './circuit-breaker.ts';
import { sleep } from './clock.ts';
import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { retryDelayMs } from './retry.ts';
import type { Idempotency } from './retry.ts';
import { errorFromAnswer } from './status.ts';
import { readText } from './transport.ts';
import type { HttpMethod, HttpRequest, HttpStream, TransportFault } from './transport.ts';

/** One call of the API. */
export type ApiRequest = {
  readonly method: HttpMethod;
  readonly path: string;
  /** Parameters without a value are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  readonly accept?: string;
  readonly idempotency: Idempotency;
  /** Of one try. */
  readonly timeoutMs?: number | undefined;
  readonly maxTries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

const MAX_ERROR_BYTES = 1024 * 1024;

/**
 * Sends a request and parses the JSON that answers it. Tries up to the client's `maxTries` times, with full
 * jitter and the server's Retry-After, as far as the request may be sent twice. Never throws.
 */
export async function sendRequest(
  client: KubeClient,
  request: ApiRequest,
): Promise<Result<unknown, KubeError>> {
  return withRetries(client, request, async (http, timeoutMs) => {
    const answer = await client.transport.exchange(http, {
      signal: request.signal,
      timeoutMs,
      maxBodyBytes: client.limits.maxBodyBytes,
    });
    if (!answer.ok) return err(errorFromFault(answer.error, { client, request }));
    return readAnswer(answer.value, { client, request });
  });
}

/** Opens a streamed answer (watch, logs, proxy). Only the opening is tried again; the stream is the caller's. */
export async function openStream(
  client: KubeClient,
  request: ApiRequest,
): Promise<Result<HttpStream, KubeError>> {
  return withRetries(client, request, async (http, timeoutMs) => {
    const answer = await client.transport.stream(http, {
      signal: request.signal,
      timeoutMs,
      maxBodyBytes: client.limits.maxBodyBytes,
    });
    if (!answer.ok) return err(errorFromFault(answer.error, { client, request }));
    const { status, retryAfterMs, body } = answer.value;
    if (status >= 200 && status < 300) return ok(answer.value);
    const text = await readText(body, MAX_ERROR_BYTES).catch(() => undefined);
    return err(
      errorFromAnswer({
        ...subject(client, request),
        httpStatus: status,
        retryAfterMs,
        body: parseJson(text ?? ''),
      }),
    );
  });
}

async function withRetries<T>(
  client: KubeClient,
  request: ApiRequest,
  attempt: (http: HttpRequest, timeoutMs: number) => Promise<Result<T, KubeError>>,
): Promise<Result<T, KubeError>> {
  const http = toHttp(client, request);
  const policy = { ...client.retry, maxTries: request.maxTries ?? client.retry.maxTries };
  for (let nFailed = 1; ; nFailed += 1) {
    const result = await attemptOnce(client, request, () =>
      attempt(http, request.timeoutMs ?? client.limits.timeoutMs),
    );
    if (result.ok) return result;
    const delayMs = retryDelayMs(
      result.error,
      { nFailed, idempotency: request.idempotency, policy },
      client.random,
    );
    if (delayMs === undefined) return result;
    await sleep(client.clock, delayMs, request.signal);
    if (request.signal?.aborted) return result;
  }
}

async function attemptOnce<T>(
  client: KubeClient,
  request: ApiRequest,
  attempt: () => Promise<Result<T, KubeError>>,
): Promise<Result<T, KubeError>> {
  const startedMs = client.clock.nowMs();
  const admission = admit(client.breaker.state, startedMs);
  client.breaker.state = admission.state;
  if (!admission.admitted) {
    return err({
      ...subject(client, request),
      kind: 'unavailable',
      message: 'the cluster does not answer; the next try is due shortly',
      retryAfterMs: admission.retryAfterMs,
      sent: false,
    });
  }
  const result = await attempt();
  if (result.ok || !isSilence(result.error.kind)) {
    if (result.ok || result.error.kind !== 'aborted') noteAnswer(client);
  } else {
    client.breaker.state = onSilence(
      client.breaker.state,
      { startedMs, nowMs: client.clock.nowMs() },
      client.random,
    );
  }
  return result;
}

function noteAnswer(client: KubeClient): void {
  const wasOpen = client.breaker.state.phase !== 'closed';
  client.breaker.state = onAnswer();
  if (wasOpen) for (const listener of client.recoveryListeners) listener();
}

function readAnswer(
  answer: { status: number; retryAfterMs: number | undefined; text: string },
  call: { client: KubeClient; request: ApiRequest },
): Result<unknown, KubeError> {
  const about = subject(call.client, call.request);
  const body = parseJson(answer.text);
  if (answer.status >= 300 && answer.status < 400) {
    return err({
      ...about,
      kind: 'protocol',
      message: `the API answered with a redirect (HTTP ${answer.status}), which is not followed`,
      httpStatus: answer.status,
    });
  }
  if (answer.status < 200 || answer.status >= 300) {
    return err(
      errorFromAnswer({ ...about, httpStatus: answer.status, retryAfterMs: answer.retryAfterMs, body }),
    );
  }
  if (body === undefined) {
    return err({ ...about, kind: 'protocol', message: 'the answer is no JSON', httpStatus: answer.status });
  }
  return ok(body);
}

function errorFromFault(fault: TransportFault, call: { client: KubeClient; request: ApiRequest }): KubeError {
  const about = { ...subject(call.client, call.request), message: fault.message };
  switch (fault.kind) {
    case 'timeout':
      return { ...about, kind: 'timeout' };
    case 'aborted':
      return { ...about, kind: 'aborted' };
    case 'no-credential':
      return { ...about, kind: 'unauthorized' };
    case 'unreachable':
      return { ...about, kind: 'unavailable', retryAfterMs: undefined, sent: false };
    case 'cut-off':
      return { ...about, kind: 'unavailable', retryAfterMs: undefined, sent: true };
    case 'too-large':
      return { ...about, kind: 'tooLarge' };
    case 'untrusted':
      return { ...about, kind: 'untrusted' };
    case 'address-refused':
      return { ...about, kind: 'addressRefused' };
  }
}

function toHttp(client: KubeClient, request: ApiRequest): HttpRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const search = query.toString();
  return {
    method: request.method,
    path: search === '' ? request.path : `${request.path}?${search}`,
    headers: {
      accept: request.accept ?? 'application/json',
      'user-agent': client.userAgent,
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  };
}

function subject(client: KubeClient, request: ApiRequest): { cluster: string; request: string } {
  return { cluster: client.cluster, request: `${request.method} ${request.path}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
