import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';

/** Where a peer's datagrams go. */
export interface PeerEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** A device as it shall be: peers that are not named are removed, sessions of the others go on. */
export interface WireguardConfiguration {
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  readonly listenPort: number;
  /** Sorted by public key; no prefix twice. */
  readonly peers: readonly WireguardPeer[];
}

export interface WireguardPeer {
  /** Base64 of 32 bytes. */
  readonly publicKey: string;
  /** Where a peer that the device does not know yet is sent to; a known peer keeps its endpoint. */
  readonly initialEndpoint?: PeerEndpoint;
  /** 0 is off. */
  readonly persistentKeepaliveSeconds: number;
  readonly allowedIps: readonly Cidr[];
}

/** A device as it is. Never carries the private key. */
export interface WireguardState {
  readonly publicKey: string;
  readonly listenPort: number;
  readonly peers: readonly WireguardPeerState[];
}

export interface WireguardPeerState {
  readonly publicKey: string;
  readonly endpoint?: PeerEndpoint;
  /** Unix time; absent before the first handshake. */
  readonly lastHandshakeMs?: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly persistentKeepaliveSeconds: number;
  readonly allowedIps: readonly Cidr[];
}

/**
 * Drives one WireGuard device per domain, whoever carries its packets: our forwarder, the kernel, or memory.
 * The device is `wg-<domain>` in the namespace `fl-<domain>`; its UDP socket is in the node's own namespace.
 */
export interface WireguardControl {
  /** Makes the device unless it is there. Needs the domain's namespace. */
  ensureDevice(domain: DomainName, mtuBytes: number): Promise<void>;
  removeDevice(domain: DomainName): Promise<void>;
  listDevices(): Promise<readonly DomainName[]>;
  /** Makes the device equal to the configuration, changing only what differs. */
  configure(domain: DomainName, configuration: WireguardConfiguration): Promise<void>;
  /** Sends a peer's datagrams elsewhere from here on. */
  steer(domain: DomainName, publicKey: string, endpoint: PeerEndpoint): Promise<void>;
  /** `undefined` where the domain has no device. */
  read(domain: DomainName): Promise<WireguardState | undefined>;
  /** Calls when whoever carries the packets started anew, so that devices have to be made again. Returns the end of it. */
  onRestart(listener: () => void): () => void;
}
