import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { hostOf } from './server-url.ts';

/** One command in one container. */
export interface PodExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly command: readonly string[];
}

/** Where the command's output goes, and what cuts it off. */
export interface PodExecStreams {
  readonly stdout: (chunk: Uint8Array) => void;
  readonly stderr: (chunk: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

/** How a command ended: with an exit code, or not started at all with the server's words. */
export type PodExecResult =
  | { readonly ok: true; readonly exitCode: number }
  | { readonly ok: false; readonly message: string };

const PROTOCOL = 'v5.channel.k8s.io';
const CHANNEL = { stdout: 1, stderr: 2, error: 3 } as const;
const HANDSHAKE_TIMEOUT_MS = 10_000;

const zStatus = z.looseObject({
  status: z.enum(['Success', 'Failure']),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .looseObject({
      causes: z
        .array(z.looseObject({ reason: z.string().optional(), message: z.string().optional() }))
        .optional(),
    })
    .optional(),
});

/**
 * Runs a command in a pod through the API server's `pods/exec`, over a WebSocket of Kubernetes'
 * `v5.channel.k8s.io`: the first byte of each message is the channel. Never rejects.
 */
export async function execInPod(
  connection: Connection,
  request: PodExecRequest,
  streams: PodExecStreams,
): Promise<PodExecResult> {
  const socket = await openSocket(connection, request);
  return new Promise((resolve) => {
    let result: PodExecResult = { ok: false, message: 'the connection ended before the command did' };
    streams.signal?.addEventListener('abort', () => socket.terminate(), { once: true });
    socket.on('message', (data: Buffer) => {
      const body = data.subarray(1);
      if (data[0] === CHANNEL.stdout) streams.stdout(body);
      else if (data[0] === CHANNEL.stderr) streams.stderr(body);
      else if (data[0] === CHANNEL.error) result = readStatus(body.toString('utf8'));
    });
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        result = refused(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'));
        socket.terminate();
        resolve(result);
      });
    });
    socket.on('error', (error) => {
      if (!result.ok && result.message.startsWith('the connection ended'))
        result = { ok: false, message: error.message };
    });
    socket.on('close', () => resolve(result));
  });
}

async function openSocket(connection: Connection, request: PodExecRequest): Promise<WebSocket> {
  const { credential } = connection;
  const token =
    credential.kind === 'token'
      ? credential.token
      : credential.kind === 'token-source'
        ? await credential.read()
        : undefined;
  return new WebSocket(execUrl(connection, request), PROTOCOL, {
    followRedirects: false,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    minVersion: 'TLSv1.2',
    ...(connection.caPem !== undefined && { ca: connection.caPem }),
    ...(connection.tlsServerName !== undefined && { servername: connection.tlsServerName }),
    ...(credential.kind === 'client-certificate' && {
      cert: credential.certificatePem,
      key: credential.keyPem.reveal(),
    }),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token.reveal()}` } }),
  });
}

function execUrl(connection: Connection, request: PodExecRequest): URL {
  const url = new URL(connection.server);
  if (hostOf(connection.server) === '') throw new Error('a connection has a host');
  url.protocol = 'wss:';
  url.pathname = `/api/v1/namespaces/${encodeURIComponent(request.namespace)}/pods/${encodeURIComponent(request.pod)}/exec`;
  for (const word of request.command) url.searchParams.append('command', word);
  if (request.container !== undefined) url.searchParams.append('container', request.container);
  url.searchParams.append('stdout', 'true');
  url.searchParams.append('stderr', 'true');
  return url;
}

function readStatus(text: string): PodExecResult {
  const status = parseStatus(text);
  if (status?.status === 'Success') return { ok: true, exitCode: 0 };
  const exitCode = status?.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  return exitCode !== undefined
    ? { ok: true, exitCode: Number(exitCode) }
    : { ok: false, message: status?.message ?? text };
}

function refused(statusCode: number, body: string): PodExecResult {
  return { ok: false, message: parseStatus(body)?.message ?? `the API server answered ${statusCode}` };
}

function parseStatus(text: string): z.infer<typeof zStatus> | undefined {
  try {
    return zStatus.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
