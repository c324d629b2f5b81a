import { WebSocket } from 'ws';
import { z } from 'zod';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { strictAddressPolicy } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { authorization } from './authorization.ts';
import { dialTls } from './connection.ts';
import type { Connection } from './connection.ts';
import { resourcePath } from './resource.ts';
import { Pod } from './resources.ts';

/** One command in one container. */
export interface PodExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly command: readonly string[];
}

/** Where the command's output goes, what cuts it off, and which addresses may be dialled. */
export interface PodExecOptions {
  readonly stdout: (chunk: Uint8Array) => void;
  readonly stderr: (chunk: Uint8Array) => void;
  readonly signal?: AbortSignal;
  /** @default strictAddressPolicy */
  readonly addressPolicy?: AddressPolicy;
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
  streams: PodExecOptions,
): Promise<PodExecResult> {
  const opened = await openSocket(connection, request, streams.addressPolicy ?? strictAddressPolicy);
  if (!opened.ok) return { ok: false, message: opened.error };
  const socket = opened.value;
  return new Promise((resolve) => {
    let result: PodExecResult = { ok: false, message: 'the connection ended before the command did' };
    const abort = () => socket.terminate();
    if (streams.signal?.aborted) abort();
    streams.signal?.addEventListener('abort', abort, { once: true });
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
    socket.on('close', () => {
      streams.signal?.removeEventListener('abort', abort);
      resolve(result);
    });
  });
}

async function openSocket(
  connection: Connection,
  request: PodExecRequest,
  addressPolicy: AddressPolicy,
): Promise<Result<WebSocket, string>> {
  const path = resourcePath(Pod, { namespace: request.namespace, name: request.pod, subresource: 'exec' });
  if (!path.ok) return path;
  const url = new URL(connection.server.replace(/^https:/, 'wss:') + path.value);
  for (const word of request.command) url.searchParams.append('command', word);
  if (request.container !== undefined) url.searchParams.append('container', request.container);
  url.searchParams.append('stdout', 'true');
  url.searchParams.append('stderr', 'true');
  try {
    return ok(
      new WebSocket(url, PROTOCOL, {
        followRedirects: false,
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        createConnection: () => dialTls(connection, addressPolicy),
        headers: await authorization(connection),
      }),
    );
  } catch (error) {
    return err(error instanceof Error ? error.message : 'the API server could not be dialled');
  }
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
