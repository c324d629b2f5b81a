/** Writes the answer to `get=1` of WireGuard's cross-platform configuration protocol, and changes for `set=1`. */
import { publicKeyBytes } from '../noise/keys.ts';
import { formatUdpEndpoint } from '../peer/udp-endpoint.ts';
import {
  formatAllowedIp,
  type DeviceConfiguration,
  type DeviceSnapshot,
  type PeerConfiguration,
  type PeerSnapshot,
} from './device-configuration.ts';

/** The lines of a device, without the closing `errno=0`. Holds secrets: it goes to the socket and nowhere else. */
export function writeUapiGet(snapshot: DeviceSnapshot): string {
  const lines: string[] = [];
  if (snapshot.privateKey !== undefined) lines.push(`private_key=${snapshot.privateKey.expose().toHex()}`);
  if (snapshot.listenPort !== 0) lines.push(`listen_port=${snapshot.listenPort}`);
  if (snapshot.fwmark !== 0) lines.push(`fwmark=${snapshot.fwmark}`);
  return textOf([...lines, ...snapshot.peers.flatMap(peerLines)]);
}

/** The lines that `parseUapiSet` reads back as the same change. Holds secrets. */
export function writeUapiSet(change: DeviceConfiguration): string {
  const lines: string[] = [];
  if (change.privateKey !== undefined) lines.push(`private_key=${change.privateKey.expose().toHex()}`);
  if (change.listenPort !== undefined) lines.push(`listen_port=${change.listenPort}`);
  if (change.fwmark !== undefined) lines.push(`fwmark=${change.fwmark}`);
  if (change.replacePeers === true) lines.push('replace_peers=true');
  return textOf([...lines, ...(change.peers ?? []).flatMap(peerChangeLines)]);
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function peerLines(peer: PeerSnapshot): string[] {
  const atMs = peer.lastHandshakeAtMs ?? 0;
  const seconds = Math.floor(atMs / 1000);
  return [
    `public_key=${publicKeyBytes(peer.publicKey).toHex()}`,
    `preshared_key=${peer.presharedKey.expose().toHex()}`,
    'protocol_version=1',
    ...(peer.endpoint === undefined ? [] : [`endpoint=${formatUdpEndpoint(peer.endpoint)}`]),
    `last_handshake_time_sec=${seconds}`,
    `last_handshake_time_nsec=${Math.floor((atMs - seconds * 1000) * 1e6)}`,
    `tx_bytes=${peer.txBytes}`,
    `rx_bytes=${peer.rxBytes}`,
    `persistent_keepalive_interval=${peer.persistentKeepaliveSeconds}`,
    ...peer.allowedIps.map((prefix) => `allowed_ip=${formatAllowedIp(prefix)}`),
  ];
}

function peerChangeLines(peer: PeerConfiguration): string[] {
  const lines = [`public_key=${publicKeyBytes(peer.publicKey).toHex()}`];
  if (peer.remove === true) lines.push('remove=true');
  if (peer.updateOnly === true) lines.push('update_only=true');
  if (peer.presharedKey !== undefined) lines.push(`preshared_key=${peer.presharedKey.expose().toHex()}`);
  if (peer.endpoint !== undefined) lines.push(`endpoint=${formatUdpEndpoint(peer.endpoint)}`);
  if (peer.persistentKeepaliveSeconds !== undefined)
    lines.push(`persistent_keepalive_interval=${peer.persistentKeepaliveSeconds}`);
  if (peer.replaceAllowedIps === true) lines.push('replace_allowed_ips=true');
  for (const { prefix, remove } of peer.allowedIps ?? [])
    lines.push(`allowed_ip=${remove === true ? '-' : ''}${formatAllowedIp(prefix)}`);
  return lines;
}
