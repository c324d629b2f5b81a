/** UDP sockets of the machine, both families on one port. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { MESSAGE_TRANSPORT_TYPE } from '../../core/noise/constants.ts';
import { udpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type {
  ReceivedDatagram,
  UdpPort,
  UdpSendError,
  UdpSocket,
  UdpSocketHandlers,
} from '../../ports/udp.ts';
import { loadLibc } from '../linux/tun-libc.ts';
import { markUdpFd, openUdpFd, setTrafficClass } from './linux-udp-fd.ts';
import { SegmentedSender } from './segmented-sender.ts';

/** Bytes of socket buffer to ask for; the machine gives what it allows. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** DSCP of handshakes, as the kernel's WireGuard marks them: AF41 (RFC 2597). */
const HANDSHAKE_TRAFFIC_CLASS = 0x88;
/** Attempts to find a port that is free in both families. */
const MAX_ATTEMPTS = 16;

/**
 * Sockets in the network namespace of the process. `segments`: what follows one another to one endpoint may leave by one
 * call (`UDP_SEGMENT`).
 */
export function nodeUdpOf({ segments }: { readonly segments: boolean }): UdpPort {
  return {
    async bind(port, handlers) {
      for (let attempt = 0; attempt < (port === 0 ? MAX_ATTEMPTS : 1); attempt++) {
        const bound = await bindBoth(port, { handlers, segments });
        if (bound !== undefined) return ok(bound);
      }
      return err(
        port === 0
          ? 'no UDP port is free in both address families'
          : `UDP port ${port} is in use; choose another one`,
      );
    },
  };
}

interface Use {
  readonly handlers: UdpSocketHandlers;
  readonly segments: boolean;
}

/** A bound socket; the descriptor is known where we opened it ourselves. */
interface BoundSocket {
  readonly family: 4 | 6;
  readonly socket: Socket;
  readonly fd: number | undefined;
}

/** Binds IPv4 and, where the machine has it, IPv6 to one port; nothing where one of them is taken. */
async function bindBoth(port: number, use: Use): Promise<NodeUdpSocket | undefined> {
  const v4 = await bindOne(4, port);
  if (!v4.ok) return undefined;
  const localPort = v4.value.socket.address().port;
  const v6 = await bindOne(6, localPort);
  if (!v6.ok && v6.error === 'EADDRINUSE') {
    v4.value.socket.close();
    return undefined;
  }
  return new NodeUdpSocket(localPort, v6.ok ? [v4.value, v6.value] : [v4.value], use);
}

async function bindOne(family: 4 | 6, port: number): Promise<Result<BoundSocket, string>> {
  const libc = loadLibc();
  const opened = libc.ok ? openUdpFd(libc.value, family, port) : undefined;
  if (opened?.ok === false) return opened;
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: true,
    ...(opened === undefined ? { recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES } : {}),
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(err(error.code ?? error.message));
    });
    socket.bind(opened === undefined ? { port, exclusive: true } : { fd: opened.value }, () => {
      socket.removeAllListeners('error');
      resolve(ok({ family, socket, fd: opened?.value }));
    });
  });
}

class NodeUdpSocket implements UdpSocket {
  readonly localPort: number;
  readonly #bound: readonly (BoundSocket & { readonly sender: SegmentedSender | undefined })[];
  readonly #handlers: UdpSocketHandlers;
  #batch: ReceivedDatagram[] = [];
  #isClosed = false;

  /** `bound`: IPv4 first, then IPv6 if there is one. */
  constructor(localPort: number, bound: readonly BoundSocket[], { handlers, segments }: Use) {
    this.localPort = localPort;
    this.#bound = bound.map((one) => ({ ...one, sender: segments ? this.#senderOf(one) : undefined }));
    this.#handlers = handlers;
    for (const { socket } of bound) {
      socket.on('message', (bytes, from) => this.#receive(bytes, from));
      // An error that belongs to no datagram of ours; the socket goes on.
      socket.on('error', () => {});
    }
  }

  send(to: UdpEndpoint, datagram: Uint8Array): void {
    const family = to.address.includes(':') ? 6 : 4;
    const bound = this.#bound[family === 4 ? 0 : 1];
    if (this.#isClosed) return this.#handlers.onSendError(to, 'closed', datagram.length);
    if (bound === undefined) return this.#handlers.onSendError(to, 'unreachable', datagram.length);
    const { sender } = bound;
    if (datagram[0] !== MESSAGE_TRANSPORT_TYPE) {
      sender?.release();
      sendMarked(bound.fd, family, () => this.#sendAlone(bound.socket, to, datagram));
    } else if (sender === undefined) this.#sendAlone(bound.socket, to, datagram);
    else sender.send(to, datagram);
  }

  /** For data, where the system has it. */
  #senderOf({ family, fd, socket }: BoundSocket): SegmentedSender | undefined {
    const libc = loadLibc();
    if (!libc.ok || fd === undefined) return undefined;
    return new SegmentedSender(libc.value, fd, family, (to, datagrams) => {
      for (const datagram of datagrams) this.#sendAlone(socket, to, datagram);
    });
  }

  #sendAlone(socket: Socket, to: UdpEndpoint, datagram: Uint8Array): void {
    const address = to.zone === '' ? to.address : `${to.address}%${to.zone}`;
    socket.send(datagram, to.port, address, (error) => {
      if (error !== null) this.#handlers.onSendError(to, sendErrorOf(error), datagram.length);
    });
  }

  setMark(mark: number): Result<undefined, string> {
    const libc = loadLibc();
    if (!libc.ok) return libc;
    for (const { fd } of this.#bound) {
      const marked = fd === undefined ? err('cannot mark this socket') : markUdpFd(libc.value, fd, mark);
      if (!marked.ok) return marked;
    }
    return ok(undefined);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { sender } of this.#bound) sender?.flush();
    await Promise.all(
      this.#bound.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    );
  }

  /** Gathers what arrives in one turn of the event loop into one batch. */
  #receive(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#batch.length === 0) setImmediate(() => this.#flush());
    this.#batch.push({ from: endpointOf(from), bytes });
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    if (!this.#isClosed) this.#handlers.onDatagrams(batch);
  }
}

/**
 * Sends with the mark of handshakes. A datagram that has to wait for room in the socket goes without. Data is never
 * marked: marks of congestion cannot be read here, so none may be asked for (RFC 6040, section 4.3).
 */
function sendMarked(fd: number | undefined, family: 4 | 6, send: () => void): void {
  const libc = loadLibc();
  if (!libc.ok || fd === undefined) return send();
  setTrafficClass(libc.value, fd, family, HANDSHAKE_TRAFFIC_CLASS);
  send();
  setTrafficClass(libc.value, fd, family, 0);
}

const recent = new Map<string, IpAddress>();
const MAX_RECENT = 4_096;

/** The endpoint that the system calls so, such as `fe80::1%eth0`. */
export function endpointOf({ address, port }: Pick<RemoteInfo, 'address' | 'port'>): UdpEndpoint {
  const [bare = '', zone = ''] = address.split('%');
  let canonical = recent.get(bare);
  if (canonical === undefined) {
    const parsed = parseIpAddress(bare);
    if (!parsed.ok) throw new Error(`the kernel gave a source address that is none: ${bare}`);
    canonical = udpEndpoint(parsed.value, port).address;
    if (recent.size >= MAX_RECENT) recent.clear();
    recent.set(bare, canonical);
  }
  return { address: canonical, zone, port };
}

function sendErrorOf(error: NodeJS.ErrnoException): UdpSendError {
  if (error.code === 'EMSGSIZE') return 'too-long';
  return error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING' ? 'closed' : 'unreachable';
}
