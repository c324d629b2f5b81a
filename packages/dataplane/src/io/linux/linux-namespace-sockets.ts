import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import type {
  EchoOutcome,
  EchoRequest,
  Listener,
  NamespaceSockets,
  Responder,
  SocketPlace,
  StreamConnection,
} from '../../ports/namespace-sockets.ts';
import type { PodRuntime } from '../../ports/pod-runtime.ts';
import { EchoSocket } from './echo-datagram.ts';
import { echoStream } from './echo-stream.ts';
import { KeptEchoSockets } from './kept-echo-sockets.ts';
import { routerNamespacePath } from './router-namespace.ts';
import { openSocketFd, type SocketRequest } from './socket-fd.ts';
import { loadLibc } from './tun-libc.ts';

/** A connection without traffic for this long is closed. */
const IDLE_TIMEOUT_MS = 30_000;

/** Sockets of the kernel, opened inside namespaces and served by this process's event loop. */
export function linuxNamespaceSockets({ pods }: { readonly pods: PodRuntime }): NamespaceSockets {
  const kept = new KeptEchoSockets();
  return {
    async echo(request: EchoRequest): Promise<EchoOutcome> {
      if (request.protocol === 'TCP') {
        const fd = await openFor(request);
        return fd.ok ? echoStream(fd.value, request) : { kind: 'impossible', detail: fd.error };
      }
      const socket = await kept.take(request, () => openDatagram(request));
      if (!socket.ok) return { kind: 'impossible', detail: socket.error };
      const outcome = await socket.value.echo(request);
      kept.giveBack(socket.value, outcome);
      return outcome;
    },

    async listenUdp(place, address, port, respond) {
      const fd = await open(place, { protocol: 'UDP', family: address.includes(':') ? 6 : 4, address, port });
      if (!fd.ok) throw new Error(`cannot listen on UDP ${address} port ${port}: ${fd.error}`);
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      // Adopting a descriptor takes effect at once.
      socket.bind({ fd: fd.value });
      serveDatagrams(socket, respond);
      return { close: () => closeDatagrams(socket) };
    },

    async listenTcp(place, address, port, accept) {
      const fd = await open(place, { protocol: 'TCP', family: address.includes(':') ? 6 : 4, address, port });
      if (!fd.ok) throw new Error(`cannot listen on TCP ${address} port ${port}: ${fd.error}`);
      return serveStreams(fd.value, accept);
    },
  };

  async function openDatagram(request: EchoRequest): Promise<Result<EchoSocket, string>> {
    const fd = await openFor(request);
    const libc = loadLibc();
    if (!libc.ok) return libc;
    return fd.ok ? ok(new EchoSocket(libc.value, fd.value, request)) : fd;
  }

  function openFor({
    place,
    protocol,
    from,
    to,
    dontFragment,
  }: EchoRequest): Promise<Result<number, string>> {
    return open(place, {
      protocol,
      family: to.includes(':') ? 6 : 4,
      port: 0,
      reportsErrors: protocol !== 'TCP',
      ...(from !== undefined && { address: from }),
      ...(dontFragment === true && { dontFragment }),
    });
  }

  async function open(place: SocketPlace, request: SocketRequest): Promise<Result<number, string>> {
    const libc = loadLibc();
    if (!libc.ok) return libc;
    if (place.type === 'node') return openSocketFd(libc.value, request);
    const namespacePath =
      place.type === 'domain' ? routerNamespacePath(place.domain) : await pods.networkNamespace(place.podUid);
    if (namespacePath === undefined) return err('the pod has no sandbox');
    return openSocketFd(libc.value, { ...request, namespacePath });
  }
}

function serveDatagrams(socket: DatagramSocket, respond: Responder): void {
  // An error that a client's network answers with is no reason to stop.
  socket.on('error', () => {});
  socket.on('message', (bytes, { address, port }) => {
    const from = parseIpAddress(address);
    if (!from.ok) return;
    const answer = respond({ bytes, address: from.value, port });
    if (answer !== undefined) socket.send(answer, port, address, () => {});
  });
}

async function closeDatagrams(socket: DatagramSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

async function serveStreams(fd: number, accept: (connection: StreamConnection) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const address = parseIpAddress(socket.remoteAddress ?? '');
    if (address.ok) accept(streamConnection(socket, address.value));
    else socket.destroy();
  });
  server.listen({ fd });
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function streamConnection(socket: Socket, address: IpAddress): StreamConnection {
  return {
    address,
    port: socket.remotePort ?? 0,
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    onData: (listener) => void socket.on('data', listener),
    onClose: (listener) => void socket.on('close', listener),
  };
}
