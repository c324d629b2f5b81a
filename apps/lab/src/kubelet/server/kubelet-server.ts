import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Kubelet } from '../kubelet.ts';
import { createServer } from '../node-http.ts';
import type { NodeRuntime } from '../node-runtime.ts';
import { parseLogOptions } from './log-options.ts';
import { serveExec } from './serve-exec.ts';
import { readLog } from '../read-log.ts';

/**
 * The kubelet's HTTP server, on the real kubelet's paths: `/containerLogs/NAMESPACE/POD/CONTAINER`,
 * `/exec/NAMESPACE/POD/CONTAINER` (upgraded to a WebSocket), and `/dial/NAMESPACE/POD/PORT`, which upgrades to the
 * bytes of a TCP connection to the pod. Whoever reaches it is the API server, which has checked the caller.
 */
export function createKubeletServer(kubelet: Kubelet, runtime: NodeRuntime): Server {
  const server = createServer((request, response) => {
    serveLogs(kubelet, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => EXEC_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that goes away in the middle of an upgrade concerns nobody else.
    socket.on('error', () => {});
    const { verb, namespace, pod, last, query } = parsePath(request);
    const found = kubelet.find(namespace, pod);
    if (found === undefined) return refuse(socket, 404, `pod ${namespace}/${pod} does not run on this node`);
    if (verb === 'exec') {
      const container = found.worker.running(last);
      if (container === undefined)
        return refuse(socket, 404, `container ${last} of ${namespace}/${pod} does not run`);
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        void serveExec(webSocket, { runtime, container, query });
      });
    } else if (verb === 'dial') {
      const { spec, metadata } = found.pod;
      const target = {
        podUid: metadata.uid!,
        hostNetwork: spec.hostNetwork === true,
        address: found.worker.address ?? '',
        port: Number(last),
      };
      runtime.connect(target).then(
        (stream) => join(socket, stream, head),
        (error: unknown) => refuse(socket, 502, error instanceof Error ? error.message : String(error)),
      );
    } else {
      refuse(socket, 404, 'no such path');
    }
  });
  return server;
}

const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

async function serveLogs(
  kubelet: Kubelet,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { verb, namespace, pod, last, query } = parsePath(request);
  if (verb === 'healthz') return void response.end('ok');
  const found = verb === 'containerLogs' ? kubelet.find(namespace, pod) : undefined;
  if (found === undefined) {
    response.writeHead(404).end(`pod ${namespace}/${pod} does not run on this node\n`);
    return;
  }
  const options = parseLogOptions(query, Date.now());
  if (!options.ok) {
    response.writeHead(400).end(`${options.error}\n`);
    return;
  }
  const previous = query.get('previous') === 'true';
  const source = found.worker.logs.source(last, previous);
  if (source === undefined) {
    const which = previous ? 'previous terminated container' : 'container';
    response.writeHead(400).end(`${which} "${last}" in pod "${pod}" not found\n`);
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  for await (const text of readLog(source, options.value, gone.signal)) {
    if (!response.write(text)) await drained(response, gone.signal);
    if (gone.signal.aborted) return;
  }
  response.end();
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type Path = { verb: string; namespace: string; pod: string; last: string; query: URLSearchParams };

function parsePath(request: IncomingMessage): Path {
  const url = new URL(request.url ?? '/', 'http://kubelet');
  const [verb = '', namespace = '', pod = '', last = ''] = url.pathname
    .split('/')
    .slice(1)
    .map(decodeURIComponent);
  return { verb, namespace, pod, last, query: url.searchParams };
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`;
  const head = `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Bad Gateway'}\r\n`;
  const length = Buffer.byteLength(body);
  socket.end(
    `${head}content-type: text/plain\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function join(socket: Duplex, stream: Duplex, head: Buffer): void {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n');
  if (head.length > 0) stream.write(head);
  socket.pipe(stream);
  stream.pipe(socket);
  const end = () => {
    socket.destroy();
    stream.destroy();
  };
  stream.on('error', end);
  socket.on('error', end);
  socket.on('close', end);
}
