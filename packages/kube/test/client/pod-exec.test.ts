import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import type { Connection } from '../../src/client/connection.ts';
import { execInPod } from '../../src/client/pod-exec.ts';
import type { PodExecOptions } from '../../src/client/pod-exec.ts';
import { sensitive } from '../../src/client/sensitive.ts';
import { parseServerUrl } from '../../src/client/server-url.ts';
import { makeCertificates } from '../../src/testing/certificates.ts';

type ExecServer = AsyncDisposable & { readonly connection: Connection; readonly seen: IncomingMessage[] };

/** An API server that takes exec calls and does with them what the test says. */
async function startExecServer(
  serve: (socket: WebSocket) => void,
  options: { socketPath?: string; path?: string; refuse?: string } = {},
): Promise<ExecServer> {
  const { caPem, certificatePem, keyPem } = await makeCertificates();
  const https = createServer({ cert: certificatePem, key: keyPem });
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v5.channel.k8s.io' });
  const seen: IncomingMessage[] = [];
  https.on('upgrade', (request, socket, head) => {
    seen.push(request);
    if (options.refuse !== undefined) {
      const body = options.refuse;
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, serve);
  });
  await new Promise<void>((resolve) =>
    options.socketPath === undefined
      ? https.listen(0, '127.0.0.1', resolve)
      : https.listen(options.socketPath, resolve),
  );
  const port = options.socketPath === undefined ? (https.address() as AddressInfo).port : 6443;
  const server = parseServerUrl(`https://127.0.0.1:${port}${options.path ?? ''}`);
  if (!server.ok) throw new Error(server.error);
  return {
    seen,
    connection: {
      cluster: 'test',
      server: server.value,
      caPem,
      credential: { kind: 'token', token: sensitive('exec-token') },
      ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
    },
    async [Symbol.asyncDispose]() {
      for (const client of webSockets.clients) client.terminate();
      https.closeAllConnections();
      await new Promise((resolve) => https.close(resolve));
    },
  };
}

const request = { namespace: 'shop', pod: 'cart-1', command: ['echo', 'a b', '$(x)'] };

function collect(overrides: Partial<PodExecOptions> = {}): PodExecOptions & { out: string; err: string } {
  const options = {
    out: '',
    err: '',
    addressPolicy: localAddressPolicy,
    stdout: (chunk: Uint8Array) => (options.out += Buffer.from(chunk).toString()),
    stderr: (chunk: Uint8Array) => (options.err += Buffer.from(chunk).toString()),
    ...overrides,
  };
  return options;
}

function say(socket: WebSocket, channel: number, text: string): void {
  socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
}

test('a command’s output comes through, and its exit code', async () => {
  await using server = await startExecServer((socket) => {
    say(socket, 1, 'to stdout');
    say(socket, 2, 'to stderr');
    const causes = [{ reason: 'ExitCode', message: '7' }];
    say(socket, 3, JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes } }));
    socket.close();
  });
  const options = collect();
  expect(await execInPod(server.connection, request, options)).toEqual({ ok: true, exitCode: 7 });
  expect(options).toMatchObject({ out: 'to stdout', err: 'to stderr' });
  expect(server.seen[0]?.headers.authorization).toBe('Bearer exec-token');
  const url = new URL(server.seen[0]?.url ?? '', 'https://test');
  expect(url.pathname).toBe('/api/v1/namespaces/shop/pods/cart-1/exec');
  expect(url.searchParams.getAll('command')).toEqual(request.command);
});

test('a command that succeeds ends with zero, below the server’s own path too', async () => {
  await using server = await startExecServer(
    (socket) => {
      say(socket, 3, '{"status":"Success"}');
      socket.close();
    },
    { path: '/k8s/clusters/c-1' },
  );
  expect(await execInPod(server.connection, request, collect())).toEqual({ ok: true, exitCode: 0 });
  expect(server.seen[0]?.url).toMatch(/^\/k8s\/clusters\/c-1\/api\/v1\//);
});

test('a refusal is told in the server’s words', async () => {
  const refuse = JSON.stringify({ kind: 'Status', status: 'Failure', message: 'pods "cart-1" is forbidden' });
  await using server = await startExecServer(() => {}, { refuse });
  expect(await execInPod(server.connection, request, collect())).toEqual({
    ok: false,
    message: 'pods "cart-1" is forbidden',
  });
});

test('a connection that breaks is no success', async () => {
  await using server = await startExecServer((socket) => socket.terminate());
  expect(await execInPod(server.connection, request, collect())).toMatchObject({ ok: false });
});

test('a loopback server is not dialled under the strict policy, nor a path that a name would change', async () => {
  await using server = await startExecServer(() => {});
  const { addressPolicy: _, ...strict } = collect();
  expect(await execInPod(server.connection, request, strict)).toMatchObject({ ok: false });
  expect(await execInPod(server.connection, { ...request, pod: '../x' }, collect())).toMatchObject({
    ok: false,
  });
  expect(server.seen).toEqual([]);
});

test('a command is cut off by its signal', async () => {
  await using server = await startExecServer(() => {});
  const controller = new AbortController();
  const result = execInPod(server.connection, request, collect({ signal: controller.signal }));
  setTimeout(() => controller.abort(), 50);
  expect(await result).toMatchObject({ ok: false });
});

test('the server is reached over a unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flatland-exec-'));
  try {
    await using server = await startExecServer(
      (socket) => {
        say(socket, 3, '{"status":"Success"}');
        socket.close();
      },
      { socketPath: join(folder, 'api.sock') },
    );
    expect(await execInPod(server.connection, request, collect())).toEqual({ ok: true, exitCode: 0 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
