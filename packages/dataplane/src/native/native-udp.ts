/** The sockets of a device whose packets the addon carries; the core sees handshake messages. */
import { err, ok, type Result } from '@flatland/shared/result';
import type { UdpEndpoint } from '../core/peer/udp-endpoint.ts';
import type { ReceivedDatagram, UdpPort, UdpSocket, UdpSocketHandlers } from '../ports/udp.ts';
import type { NativeAddon, NativeHandle } from './native-addon.ts';

const EMSGSIZE = 90;
const EADDRINUSE = 98;
const ENOTCONN = 107;

export interface NativeUdpDeps {
  readonly addon: NativeAddon;
  readonly handle: NativeHandle;
  readonly isClosed: () => boolean;
}

export class NativeUdp implements UdpPort {
  readonly #deps: NativeUdpDeps;
  #handlers: UdpSocketHandlers | undefined;
  #current: UdpSocket | undefined;

  constructor(deps: NativeUdpDeps) {
    this.#deps = deps;
  }

  /** Moves to other sockets; those before are closed then. */
  async bind(port: number, handlers: UdpSocketHandlers): Promise<Result<UdpSocket, string>> {
    const { addon, handle, isClosed } = this.#deps;
    if (isClosed()) return err('the device is closed');
    const bound = addon.bind(handle, port);
    if (bound.errno !== 0) return err(explain(port, bound.errno));
    this.#handlers = handlers;
    const socket: UdpSocket = {
      localPort: bound.port,
      send: (to, datagram, ecn) => this.#send(to, datagram, ecn ?? 0),
      setMark: (mark) => this.#setMark(mark),
      close: async () => this.#close(socket),
    };
    this.#current = socket;
    return ok(socket);
  }

  /** Datagrams that the core has to see to. */
  deliver(datagrams: readonly ReceivedDatagram[]): void {
    this.#handlers?.onDatagrams(datagrams);
  }

  #send(to: UdpEndpoint, datagram: Uint8Array, ecn: number): void {
    const { addon, handle, isClosed } = this.#deps;
    const address = to.zone === '' ? to.address : `${to.address}%${to.zone}`;
    const errno = isClosed() ? ENOTCONN : addon.send(handle, address, to.port, datagram, ecn);
    if (errno === 0) return;
    const error = errno === EMSGSIZE ? 'too-long' : errno === ENOTCONN ? 'closed' : 'unreachable';
    this.#handlers?.onSendError(to, error, datagram.length);
  }

  #setMark(mark: number): Result<undefined, string> {
    const { addon, handle, isClosed } = this.#deps;
    const errno = isClosed() ? ENOTCONN : addon.setMark(handle, mark);
    return errno === 0 ? ok(undefined) : err(`cannot set a firewall mark: error ${errno}`);
  }

  #close(socket: UdpSocket): void {
    if (this.#current !== socket) return;
    this.#current = this.#handlers = undefined;
    const { addon, handle, isClosed } = this.#deps;
    if (!isClosed()) addon.closeSockets(handle);
  }
}

function explain(port: number, errno: number): string {
  if (errno !== EADDRINUSE) return `cannot open UDP port ${port}: error ${errno}`;
  return port === 0
    ? 'no UDP port is free in both address families'
    : `UDP port ${port} is in use; choose another one`;
}
