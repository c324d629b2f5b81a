import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StatusError, badGateway } from '../../status/status.ts';

/** Headers of one hop only (RFC 9110 §7.6.1), and those that are ours to keep. */
const NOT_FORWARDED = new Set([
  'authorization',
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface ForwardTarget {
  readonly connect: () => Promise<Duplex>;
  /** Path with its query. */
  readonly path: string;
  readonly host: string;
  /** Says what is behind the stream, for messages. */
  readonly what: string;
}

/**
 * Carries a request over a stream and its answer back, bodies streaming both ways. The client's credentials
 * stay here.
 *
 * @throws StatusError 502 when nothing answers
 */
export async function forwardHttp(
  request: IncomingMessage,
  response: ServerResponse,
  target: ForwardTarget,
): Promise<void> {
  const stream = await openStream(target);
  const headers: OutgoingHttpHeaders = { host: target.host };
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NOT_FORWARDED.has(name) && !name.startsWith('impersonate-')) headers[name] = value;
  }
  const upstream = httpRequest({
    createConnection: () => stream,
    method: request.method,
    path: target.path,
    headers,
  });
  response.on('close', () => upstream.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve);
    upstream.once('error', reject);
  });
  // Fails with the answer, or not at all: a peer may answer before it has read everything.
  pipeline(request, upstream).catch(() => {});
  let answer: IncomingMessage;
  try {
    answer = await answered;
  } catch (error) {
    throw badGateway(`error trying to reach ${target.what}: ${messageOf(error)}`);
  }
  const forwarded = Object.entries(answer.headers).filter(([name]) => !NOT_FORWARDED.has(name));
  response.writeHead(answer.statusCode ?? 502, Object.fromEntries(forwarded));
  response.flushHeaders();
  await copy(answer, response).catch(() => response.destroy());
}

/**
 * Opens the stream to a target.
 *
 * @throws StatusError 502
 */
export async function openStream({
  connect,
  what,
}: Pick<ForwardTarget, 'connect' | 'what'>): Promise<Duplex> {
  try {
    return await connect();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badGateway(`error trying to reach ${what}: ${messageOf(error)}`);
  }
}

/** Writes chunk by chunk, each when the one before has left (see `endWith`). */
async function copy(from: IncomingMessage, to: ServerResponse): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) {
    await new Promise<void>((resolve, reject) => {
      to.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  to.end();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
