/** A change of a device as `wg` takes it. */
import {
  formatAllowedIp,
  type DeviceConfiguration,
  type PeerConfiguration,
} from '../../core/configuration/device-configuration.ts';
import type { SecretKey } from '../../core/noise/keys.ts';
import { formatUdpEndpoint } from '../../core/peer/udp-endpoint.ts';

/** Steps of a change, in order. `text` holds keys: it goes into a private file only. */
export type WgStep =
  | { readonly kind: 'set'; readonly args: readonly string[] }
  | { readonly kind: 'addconf'; readonly text: string };

/** Public keys on one command line: far below what the kernel takes. */
const MAX_REMOVED_AT_ONCE = 500;

/**
 * Steps that make the change with `wg set` and `wg addconf`. `known` are the peers that the device has. Peers are
 * removed first, so that their prefixes are free. In a file a peer's allowed IPs replace what it had, so a change
 * that adds or takes single prefixes, or removes all peers, cannot be told: it throws.
 */
export function wgSteps(change: DeviceConfiguration, known: ReadonlySet<string>): WgStep[] {
  if (change.replacePeers === true) throw new Error('wg addconf cannot replace all peers');
  const peers = change.peers ?? [];
  const gone = peers.filter((peer) => peer.remove === true && known.has(peer.publicKey));
  const there = peers.filter(
    (peer) => peer.remove !== true && !(peer.updateOnly === true && !known.has(peer.publicKey)),
  );
  const whole = there.filter((peer) => peer.replaceAllowedIps === true);
  const text = [...interfaceLines(change), ...whole.flatMap(peerLines)].join('\n');
  return [
    ...removals(gone),
    ...(text === '' ? [] : [{ kind: 'addconf', text: `${text}\n` } as const]),
    ...there.filter((peer) => peer.replaceAllowedIps !== true).map(adjustment),
  ];
}

function removals(gone: readonly PeerConfiguration[]): WgStep[] {
  const steps: WgStep[] = [];
  for (let i = 0; i < gone.length; i += MAX_REMOVED_AT_ONCE) {
    const some = gone.slice(i, i + MAX_REMOVED_AT_ONCE);
    steps.push({ kind: 'set', args: some.flatMap((peer) => ['peer', peer.publicKey, 'remove']) });
  }
  return steps;
}

function interfaceLines({ privateKey, listenPort, fwmark }: DeviceConfiguration): string[] {
  const lines = [
    ...(privateKey === undefined ? [] : [`PrivateKey = ${secretText(privateKey)}`]),
    ...(listenPort === undefined ? [] : [`ListenPort = ${listenPort}`]),
    ...(fwmark === undefined ? [] : [`FwMark = ${fwmark}`]),
  ];
  return lines.length === 0 ? [] : ['[Interface]', ...lines];
}

function peerLines(peer: PeerConfiguration): string[] {
  if (peer.allowedIps?.some((one) => one.remove === true))
    throw new Error('wg addconf cannot take single prefixes');
  const allowedIps = (peer.allowedIps ?? []).map((one) => formatAllowedIp(one.prefix));
  return [
    '[Peer]',
    `PublicKey = ${peer.publicKey}`,
    ...(peer.presharedKey === undefined ? [] : [`PresharedKey = ${secretText(peer.presharedKey)}`]),
    ...(peer.endpoint === undefined ? [] : [`Endpoint = ${formatUdpEndpoint(peer.endpoint)}`]),
    ...(peer.persistentKeepaliveSeconds === undefined
      ? []
      : [`PersistentKeepalive = ${peer.persistentKeepaliveSeconds}`]),
    ...allowedIps.map((prefix) => `AllowedIPs = ${prefix}`),
  ];
}

function adjustment(peer: PeerConfiguration): WgStep {
  if ((peer.allowedIps ?? []).length > 0) throw new Error('wg set cannot add single prefixes');
  if (peer.presharedKey !== undefined) throw new Error('a preshared key is told with all allowed IPs');
  return {
    kind: 'set',
    args: [
      'peer',
      peer.publicKey,
      ...(peer.endpoint === undefined ? [] : ['endpoint', formatUdpEndpoint(peer.endpoint)]),
      ...(peer.persistentKeepaliveSeconds === undefined
        ? []
        : ['persistent-keepalive', String(peer.persistentKeepaliveSeconds)]),
    ],
  };
}

function secretText(key: SecretKey): string {
  return key.expose().toBase64();
}
