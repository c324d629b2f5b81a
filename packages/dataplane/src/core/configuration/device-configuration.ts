/** A change to a device, and what it looks like afterwards: the meaning of WireGuard's configuration protocol. */
import { familyBits, parseIpValue } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import type { PublicKey, SecretKey } from '../noise/keys.ts';
import type { Prefix } from '../peer/allowed-ips.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import { ipBytes, ipOfBytes } from '../wire/ip-bytes.ts';
import type { IpAddress } from '@flatland/shared/address/ip';

/** What to change; whatever is not there stays. */
export interface DeviceConfiguration {
  /** All zero: no key, which silences the device. */
  readonly privateKey?: SecretKey;
  /** 0: any free port. */
  readonly listenPort?: number;
  /** Mark of the outer datagrams for policy routing; 0: none. */
  readonly fwmark?: number;
  /** Removes all peers first. */
  readonly replacePeers?: boolean;
  /** In order. */
  readonly peers?: readonly PeerConfiguration[];
}

export interface PeerConfiguration {
  readonly publicKey: PublicKey;
  readonly remove?: boolean;
  /** Changes the peer only if it is there. */
  readonly updateOnly?: boolean;
  /** All zero: none. Takes effect at the next handshake. */
  readonly presharedKey?: SecretKey;
  readonly endpoint?: UdpEndpoint;
  /** 0: none. */
  readonly persistentKeepaliveSeconds?: number;
  /** Removes all allowed IPs first. */
  readonly replaceAllowedIps?: boolean;
  /** In order. */
  readonly allowedIps?: readonly AllowedIpChange[];
}

export interface AllowedIpChange {
  readonly prefix: Prefix;
  /** Takes the prefix from this peer, if it has it. */
  readonly remove?: boolean;
}

/** A device as it is, peers sorted by public key and prefixes sorted. */
export interface DeviceSnapshot {
  readonly privateKey: SecretKey | undefined;
  readonly publicKey: PublicKey | undefined;
  readonly listenPort: number;
  readonly fwmark: number;
  readonly peers: readonly PeerSnapshot[];
}

export interface PeerSnapshot {
  readonly publicKey: PublicKey;
  readonly presharedKey: SecretKey;
  readonly endpoint: UdpEndpoint | undefined;
  readonly persistentKeepaliveSeconds: number;
  readonly lastHandshakeAtMs: number | undefined;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly allowedIps: readonly Prefix[];
}

/** Parses `10.81.0.0/16` or `fd00::1`; host bits are cleared, as `wg` leaves to the device. */
export function parseAllowedIp(text: string): Result<Prefix, string> {
  const [address = '', lengthText, rest] = text.split('/');
  const fail = err('an allowed IP is ADDRESS/LENGTH');
  const parsed = parseIpValue(address);
  if (!parsed.ok || rest !== undefined) return fail;
  const bits = familyBits(parsed.value.family);
  if (lengthText !== undefined && !/^[0-9]{1,3}$/.test(lengthText)) return fail;
  const length = lengthText === undefined ? bits : Number(lengthText);
  if (length > bits) return fail;
  return ok({ bytes: withoutHostBits(ipBytes(address as IpAddress), length), length });
}

/** The text that `parseAllowedIp` reads, always with a length. */
export function formatAllowedIp({ bytes, length }: Prefix): string {
  return `${ipOfBytes(bytes)}/${length}`;
}

function withoutHostBits(bytes: Uint8Array, length: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    const keep = Math.min(8, Math.max(0, length - 8 * i));
    bytes[i]! &= (0xff00 >> keep) & 0xff;
  }
  return bytes;
}
