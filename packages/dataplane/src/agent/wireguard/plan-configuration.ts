import { parseAllowedIp } from '../../core/configuration/device-configuration.ts';
import type {
  DeviceConfiguration,
  PeerConfiguration,
} from '../../core/configuration/device-configuration.ts';
import type { WireguardConfiguration, WireguardPeer } from '../../ports/wireguard-control.ts';
import { udpEndpoint } from '../../core/peer/udp-endpoint.ts';

/**
 * The change that makes a device equal to a configuration, or nothing where it is. `before` is what it
 * was told last, absent where nobody remembers; `known` are the peers that it has. A known peer keeps its
 * endpoint and session.
 */
export function planConfiguration(
  before: WireguardConfiguration | undefined,
  after: WireguardConfiguration,
  known: ReadonlySet<string>,
): DeviceConfiguration | undefined {
  const had = new Map(before?.peers.map((peer) => [peer.publicKey as string, peer]));
  const wanted = new Set<string>(after.peers.map((peer) => peer.publicKey));
  const gone = [...known].filter((publicKey) => !wanted.has(publicKey)).toSorted();
  const peers: PeerConfiguration[] = [
    // Prefixes move between peers: who loses one gives it up before another takes it.
    ...gone.map((publicKey) => ({ publicKey: publicKey as WireguardPeer['publicKey'], remove: true })),
    ...after.peers.flatMap((peer) => peerChange(had.get(peer.publicKey), peer, known.has(peer.publicKey))),
  ];
  const isSameDevice =
    before !== undefined && before.privateKey === after.privateKey && before.listenPort === after.listenPort;
  if (isSameDevice && peers.length === 0) return undefined;
  return {
    ...(!isSameDevice && { privateKey: after.privateKey, listenPort: after.listenPort }),
    peers,
  };
}

function peerChange(
  before: WireguardPeer | undefined,
  after: WireguardPeer,
  isKnown: boolean,
): PeerConfiguration[] {
  const isSame =
    isKnown &&
    before !== undefined &&
    before.persistentKeepaliveSeconds === after.persistentKeepaliveSeconds &&
    before.allowedIps.join() === after.allowedIps.join();
  if (isSame) return [];
  const { initialEndpoint } = after;
  return [
    {
      publicKey: after.publicKey,
      ...(!isKnown &&
        initialEndpoint !== undefined && {
          endpoint: udpEndpoint(initialEndpoint.address, initialEndpoint.port),
        }),
      persistentKeepaliveSeconds: after.persistentKeepaliveSeconds,
      replaceAllowedIps: true,
      allowedIps: after.allowedIps.map((cidr) => {
        const prefix = parseAllowedIp(cidr);
        if (!prefix.ok) throw new Error(`${cidr}: ${prefix.error}`);
        return { prefix: prefix.value };
      }),
    },
  ];
}
