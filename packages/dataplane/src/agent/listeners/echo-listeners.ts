import type { IpAddress } from '@flatland/shared/address/ip';
import {
  ECHO_PORT,
  type NamespaceSockets,
  type SocketPlace,
  type StreamConnection,
} from '../../ports/namespace-sockets.ts';
import { isForPod } from '../probes/echo-message.ts';
import type { WantedListener } from './keyed-listeners.ts';

const MAX_ECHO_BYTES = 64 * 1024;

/** Returns what members are sent at `ECHO_PORT`, by UDP and TCP, so that probes work for any pod. */
export function echoListeners(
  sockets: NamespaceSockets,
  place: SocketPlace,
  addresses: readonly IpAddress[],
  generation: string,
): WantedListener[] {
  const where = place.type === 'pod' ? place.podUid : place.type === 'domain' ? place.domain : 'node';
  const podUid = place.type === 'pod' ? place.podUid : undefined;
  return addresses.flatMap((address) => [
    {
      key: `echo udp ${where} ${generation} ${address}`,
      open: () =>
        sockets.listenUdp(place, address, ECHO_PORT, ({ bytes }) =>
          isForPod(bytes, podUid) ? bytes : undefined,
        ),
    },
    {
      key: `echo tcp ${where} ${generation} ${address}`,
      open: () => sockets.listenTcp(place, address, ECHO_PORT, echoStream),
    },
  ]);
}

/** Writes back what comes, up to a limit. */
function echoStream(connection: StreamConnection): void {
  let nBytes = 0;
  connection.onData((bytes) => {
    nBytes += bytes.length;
    if (nBytes > MAX_ECHO_BYTES) connection.end();
    else connection.write(bytes);
  });
}
