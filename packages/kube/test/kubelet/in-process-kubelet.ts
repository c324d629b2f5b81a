import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { KubeletPort, PodTarget } from '../../src/server/kubelet-port.ts';

/** A program inside a pod: gets its command line and standard input, gives its output and exit code. */
export type Program = (
  command: readonly string[],
  stdin: AsyncIterable<Buffer>,
  write: Write,
) => Promise<number>;
export type Write = (stream: 'stdout' | 'stderr', text: string) => void;

export interface InProcessKubeletOptions {
  /** What `/containerLogs` answers; a generator that goes on is followed. */
  readonly log: (
    target: { namespace: string; pod: string; container: string },
    query: URLSearchParams,
  ) => AsyncIterable<string>;
  readonly program: Program;
  /** What answers on the pods' ports. */
  readonly podHandler: (request: IncomingMessage, response: ServerResponse, target: PodTarget) => void;
  /** Nodes that are there; others cannot be reached. */
  readonly nodes: readonly string[];
}

const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** A kubelet in this process, reached over a pair of streams: real HTTP and WebSocket, no network. */
export function inProcessKubelets(options: InProcessKubeletOptions): KubeletPort {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  });
  const kubelet = createServer((request, response) => void serveLog(options, request, response));
  kubelet.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => void runProgram(options, request, webSocket));
  });
  return {
    connectKubelet: (nodeName) => {
      if (!options.nodes.includes(nodeName))
        return Promise.reject(new Error(`node ${nodeName} is not running`));
      return Promise.resolve(connectTo(kubelet));
    },
    connectPod: (target) => {
      if (target.port === 1) return Promise.reject(new Error('connection refused'));
      return Promise.resolve(
        connectTo(createServer((request, response) => options.podHandler(request, response, target))),
      );
    },
  };
}

function connectTo(server: ReturnType<typeof createServer>): Duplex {
  const [near, far] = duplexPair();
  server.emit('connection', far);
  return near;
}

async function serveLog(
  options: InProcessKubeletOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://kubelet');
  const [, root, namespace = '', pod = '', container = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (root !== 'containerLogs') {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  for await (const text of options.log({ namespace, pod, container }, url.searchParams)) {
    if (response.destroyed) return;
    response.write(text);
  }
  response.end();
}

/** Speaks v5.channel.k8s.io: each message begins with the number of its channel. */
async function runProgram(
  { program }: InProcessKubeletOptions,
  request: IncomingMessage,
  webSocket: WebSocket,
): Promise<void> {
  const query = new URL(request.url ?? '/', 'http://kubelet').searchParams;
  const send = (channel: number, text: string) =>
    webSocket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
  // The client shows what it has opened the stream for.
  for (const [name, channel] of [
    ['output', CHANNELS.stdout],
    ['error', CHANNELS.stderr],
  ] as const)
    if (query.has(name)) send(channel, '');
  const write: Write = (stream, text) => send(CHANNELS[stream], text);
  const code = await program(query.getAll('command'), stdinOf(webSocket, query.has('input')), write);
  send(CHANNELS.error, JSON.stringify(exitStatus(code)));
  webSocket.close(1000);
}

async function* stdinOf(webSocket: WebSocket, isOpen: boolean): AsyncGenerator<Buffer> {
  if (!isOpen) return;
  const waiting: Buffer[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  webSocket.on('message', (data: Buffer) => {
    if (data[0] === CHANNELS.stdin) waiting.push(data.subarray(1));
    if (data[0] === CHANNELS.close && data[1] === CHANNELS.stdin) isOver = true;
    wake?.();
  });
  webSocket.on('close', () => {
    isOver = true;
    wake?.();
  });
  for (;;) {
    const chunk = waiting.shift();
    if (chunk) yield chunk;
    else if (isOver) return;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}
