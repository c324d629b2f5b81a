/** What a device looks like from outside. */
import type { Carrier } from '@flatland/shared/report/report';
import type { DeviceSnapshot, PeerSnapshot } from '../configuration/device-configuration.ts';
import type { DropReason } from '../drop-reason.ts';
import { publicKeyOf, type PublicKey } from '../noise/keys.ts';
import type { Peer } from '../peer/peer.ts';
import type { PeerCounters } from '../peer/peer-counters.ts';
import { formatUdpEndpoint } from '../peer/udp-endpoint.ts';
import type { DeviceState } from './device-state.ts';
import { absorbCounts } from './absorb.ts';
import { peerMtuBytes } from './send.ts';

/** Counters and state without any secret, for reports. */
export interface DeviceReport {
  /** Who carries the packets: the core itself (portable), a path beside it (native), or the kernel. */
  readonly carrier: Carrier;
  readonly publicKey: PublicKey | undefined;
  readonly listenPort: number;
  readonly mtuBytes: number;
  readonly isUp: boolean;
  /** Newest TAI64N timestamp sent with the key, or the floor, in hexadecimal; absent where there is neither. */
  readonly newestTimestamp?: string;
  readonly drops: Partial<Record<DropReason, number>>;
  readonly peers: readonly PeerReport[];
}

export interface PeerReport {
  readonly publicKey: PublicKey;
  readonly endpoint: string | undefined;
  readonly lastHandshakeAtMs: number | undefined;
  readonly mtuBytes: number;
  readonly counters: Readonly<PeerCounters>;
  readonly drops: Partial<Record<DropReason, number>>;
}

/** The configuration as it is, secrets included. */
export function snapshotDevice(device: DeviceState): DeviceSnapshot {
  absorbCounts(device);
  return {
    privateKey: device.staticKeys?.privateKey,
    publicKey: ownPublicKey(device),
    listenPort: device.listenPort,
    fwmark: device.fwmark,
    peers: sortedPeers(device).map((peer) => snapshotPeer(device, peer)),
  };
}

/** The counters as they are. */
export function reportDevice(device: DeviceState): DeviceReport {
  absorbCounts(device);
  return {
    carrier: device.path === undefined ? 'portable' : 'native',
    publicKey: ownPublicKey(device),
    listenPort: device.listenPort,
    mtuBytes: device.mtuBytes,
    isUp: device.isUp,
    ...newestTimestamp(device),
    drops: device.drops.toRecord(),
    peers: sortedPeers(device).map((peer) => ({
      publicKey: peer.publicKey,
      endpoint: peer.endpoint === undefined ? undefined : formatUdpEndpoint(peer.endpoint),
      lastHandshakeAtMs: peer.handshakeAtMs,
      mtuBytes: peerMtuBytes(device, peer),
      counters: { ...peer.counters },
      drops: peer.drops.toRecord(),
    })),
  };
}

function snapshotPeer(device: DeviceState, peer: Peer): PeerSnapshot {
  return {
    publicKey: peer.publicKey,
    presharedKey: peer.presharedKey,
    endpoint: peer.endpoint,
    persistentKeepaliveSeconds: peer.timers.persistentKeepaliveMs / 1000,
    lastHandshakeAtMs: peer.handshakeAtMs,
    rxBytes: peer.counters.rxBytes,
    txBytes: peer.counters.txBytes,
    allowedIps: device.allowedIps.prefixesOf(peer),
  };
}

function newestTimestamp({ timestamps }: DeviceState): Pick<DeviceReport, 'newestTimestamp'> {
  const newest = timestamps.newest();
  return newest.every((byte) => byte === 0) ? {} : { newestTimestamp: newest.toHex() };
}

function ownPublicKey(device: DeviceState): PublicKey | undefined {
  return device.staticKeys === undefined ? undefined : publicKeyOf(device.staticKeys.publicKey);
}

function sortedPeers(device: DeviceState): Peer[] {
  return [...device.peers.values()].sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
}
