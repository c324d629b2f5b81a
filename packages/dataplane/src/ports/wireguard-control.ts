import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { Carrier } from '@flatland/shared/report/report';
import type { PublicKey, SecretKey } from '../core/noise/keys.ts';

/** Where a peer's datagrams go. */
export interface PeerEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** A device to make. */
export interface WireguardDeviceRequest {
  readonly domain: DomainName;
  readonly mtuBytes: number;
  /** Where its ICMP errors come from. */
  readonly routerAddresses: readonly IpAddress[];
  /** TAI64N timestamp, in hexadecimal, that a new device's initiations begin after. @default none */
  readonly timestampFloor?: string;
}

/** A device as it shall be: peers that are not named are removed, sessions of the others go on. */
export interface WireguardConfiguration {
  readonly privateKey: SecretKey;
  readonly listenPort: number;
  /** Sorted by public key; no prefix twice. */
  readonly peers: readonly WireguardPeer[];
}

export interface WireguardPeer {
  readonly publicKey: PublicKey;
  /** Where a peer that the device does not know yet is sent to; a known peer keeps its endpoint. */
  readonly initialEndpoint?: PeerEndpoint;
  /** 0 is off. */
  readonly persistentKeepaliveSeconds: number;
  readonly allowedIps: readonly Cidr[];
}

/** A device as it is. Never carries the private key. */
export interface WireguardState {
  readonly carrier: Carrier;
  /** Absent before the first configuration. */
  readonly publicKey?: PublicKey;
  readonly listenPort: number;
  /** Newest TAI64N timestamp that was sent, in hexadecimal; absent before the first. */
  readonly newestTimestamp?: string;
  readonly peers: readonly WireguardPeerState[];
  /** Dropped packets by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface WireguardPeerState {
  readonly publicKey: PublicKey;
  readonly endpoint?: PeerEndpoint;
  /** Unix time; absent before the first handshake. */
  readonly lastHandshakeMs?: number;
  /** The longest packet that the path takes in one piece, as far as the device knows. */
  readonly mtuBytes: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Dropped packets from and to the peer by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

/**
 * Drives one WireGuard device per domain, whoever carries its packets: our forwarder, the kernel, or memory.
 * The device is `wg-<domain>` in the namespace `fl-<domain>`; its UDP socket is in the node's own namespace.
 */
export interface WireguardControl {
  /** Makes the device unless it is there. Needs the domain's namespace. */
  ensureDevice(request: WireguardDeviceRequest): Promise<void>;
  removeDevice(domain: DomainName): Promise<void>;
  listDevices(): Promise<readonly DomainName[]>;
  /** Makes the device equal to the configuration, changing only what differs. */
  configure(domain: DomainName, configuration: WireguardConfiguration): Promise<void>;
  /** Sends a peer's datagrams elsewhere from here on. */
  steer(domain: DomainName, publicKey: PublicKey, endpoint: PeerEndpoint): Promise<void>;
  /** `undefined` where the domain has no device. */
  read(domain: DomainName): Promise<WireguardState | undefined>;
  /** Calls when whoever carries the packets started anew, so that devices have to be made again. Returns the end of it. */
  onRestart(listener: () => void): () => void;
}
