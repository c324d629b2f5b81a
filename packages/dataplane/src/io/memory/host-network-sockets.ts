import type {
  EchoOutcome,
  EchoRequest,
  Listener,
  NamespaceSockets,
  Responder,
  SocketPlace,
  StreamConnection,
} from '../../ports/namespace-sockets.ts';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { MemoryNode } from './host-network-node.ts';

/** Sockets of an in-memory node's pods and routers. The node's own network has none. */
export function memoryNamespaceSockets(node: MemoryNode): NamespaceSockets {
  return {
    async echo({ place, ...request }: EchoRequest): Promise<EchoOutcome> {
      return node.exchange(place, request);
    },

    async listenUdp(place, address, port, respond: Responder) {
      const host = hostAt(place);
      if (!host.listenUdp(address, port, respond)) throw taken('UDP', address, port);
      return closing(() => host.closeUdp(address, port));
    },

    async listenTcp(place, address, port, accept: (connection: StreamConnection) => void) {
      const host = hostAt(place);
      const isFree = host.listenTcp(address, port, (stream) =>
        accept({
          address: stream.address,
          port: stream.port,
          write: (bytes) => node.run(host, () => stream.write(bytes)),
          end: () => node.run(host, () => stream.end()),
          onData: (listener) => stream.onData(listener),
          onClose: (listener) => stream.onClose(listener),
        }),
      );
      if (!isFree) throw taken('TCP', address, port);
      return closing(() => host.closeTcp(address, port));
    },
  };

  function hostAt(place: SocketPlace) {
    const host = node.socketsAt(place);
    if (host === undefined) throw new Error('no such namespace');
    return host;
  }
}

function closing(close: () => void): Listener {
  return { close: async () => close() };
}

function taken(protocol: string, address: IpAddress, port: number): Error {
  return new Error(`cannot listen on ${protocol} ${address} port ${port}: EADDRINUSE`);
}
