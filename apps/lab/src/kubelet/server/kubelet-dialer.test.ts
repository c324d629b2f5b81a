import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kubeletDialer } from './kubelet-dialer.ts';

const POD = { nodeName: 'n1', namespace: 'shop', name: 'cart', uid: 'u', podIP: '10.244.1.2', port: 8080 };

test('a pod’s port behind a kubelet serves an HTTP client', async () => {
  await using kubelet = await startKubelet((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n');
    const server = createServer((_request, response) => response.end('from the pod'));
    server.emit('connection', socket);
  });
  const stream = await kubelet.port.connectPod(POD);
  expect(await get(stream)).toBe('from the pod');
});

test('bytes that come with the upgrade’s head are not lost', async () => {
  await using kubelet = await startKubelet((socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nearly'),
  );
  const stream = await kubelet.port.connectPod(POD);
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe('early');
});

test('a refusal of the kubelet is the error’s message', async () => {
  await using kubelet = await startKubelet((socket) =>
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 8\r\n\r\nrefused\n'),
  );
  await expect(kubelet.port.connectPod(POD)).rejects.toThrow('refused');
});

test('an unknown node, and one without a kubelet, are named', async () => {
  const port = kubeletDialer((node) => (node === 'n1' ? '/nonexistent/kubelet.sock' : undefined));
  await expect(port.connectKubelet('n1')).rejects.toThrow('the kubelet of n1 does not answer');
  await expect(port.connectKubelet('n2')).rejects.toThrow('node n2 is not a node of the lab');
});

async function startKubelet(onRequest: (socket: Socket) => void) {
  const directory = await mkdtemp(join(tmpdir(), 'fl-'));
  const path = join(directory, 'kubelet.sock');
  const server = createTcpServer((socket) => socket.once('data', () => onRequest(socket)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    port: kubeletDialer(() => path),
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function get(stream: import('node:stream').Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({
      createConnection: () => stream,
      path: '/',
      headers: { host: 'pod', connection: 'close' },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(text));
    });
    call.end();
  });
}
