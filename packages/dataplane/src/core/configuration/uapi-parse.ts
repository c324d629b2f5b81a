/** Reads the `set=1` body of WireGuard's cross-platform configuration protocol (wireguard.com/xplatform). */
import { err, ok, type Result } from '@flatland/shared/result';
import { publicKeyOf, SecretKey } from '../noise/keys.ts';
import { parseUdpEndpoint } from '../peer/udp-endpoint.ts';
import {
  parseAllowedIp,
  type AllowedIpChange,
  type DeviceConfiguration,
  type PeerConfiguration,
} from './device-configuration.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type PeerDraft = Mutable<PeerConfiguration> & { allowedIps?: AllowedIpChange[] };
interface Draft {
  readonly device: Mutable<DeviceConfiguration>;
  readonly peers: PeerDraft[];
}

/**
 * Parses the lines that follow `set=1`. All or nothing: an error leaves no half of a change. Errors name the key,
 * never the value, which may be a secret.
 */
export function parseUapiSet(lines: Iterable<string>): Result<DeviceConfiguration, string> {
  const draft: Draft = { device: {}, peers: [] };
  for (const line of lines) {
    const equals = line.indexOf('=');
    if (equals < 1) return err('each line must be key=value');
    const key = line.slice(0, equals);
    const value = line.slice(equals + 1);
    const peer = draft.peers.at(-1);
    const accepted =
      key === 'public_key'
        ? startPeer(draft, value)
        : peer === undefined
          ? setDeviceKey(draft.device, key, value)
          : setPeerKey(peer, key, value);
    if (!accepted)
      return err(`${/^[a-z_]{1,40}$/.test(key) ? key : 'a key'} is unknown or has an invalid value`);
  }
  return ok({ ...draft.device, peers: draft.peers });
}

function startPeer(draft: Draft, value: string): boolean {
  const bytes = hexKey(value);
  if (bytes === undefined) return false;
  draft.peers.push({ publicKey: publicKeyOf(bytes) });
  return true;
}

function setDeviceKey(device: Mutable<DeviceConfiguration>, key: string, value: string): boolean {
  switch (key) {
    case 'private_key': {
      const bytes = hexKey(value);
      if (bytes !== undefined) device.privateKey = new SecretKey(bytes);
      return bytes !== undefined;
    }
    case 'listen_port': {
      const port = unsigned(value, 65_535);
      if (port !== undefined) device.listenPort = port;
      return port !== undefined;
    }
    case 'fwmark': {
      const mark = unsigned(value === '' ? '0' : value, 0xffff_ffff);
      if (mark !== undefined) device.fwmark = mark;
      return mark !== undefined;
    }
    case 'replace_peers':
      device.replacePeers = true;
      return value === 'true';
    default:
      return false;
  }
}

function setPeerKey(peer: PeerDraft, key: string, value: string): boolean {
  switch (key) {
    case 'remove':
      peer.remove = true;
      return value === 'true';
    case 'update_only':
      peer.updateOnly = true;
      return value === 'true';
    case 'preshared_key': {
      const bytes = hexKey(value);
      if (bytes !== undefined) peer.presharedKey = new SecretKey(bytes);
      return bytes !== undefined;
    }
    case 'endpoint': {
      const endpoint = parseUdpEndpoint(value);
      if (endpoint.ok) peer.endpoint = endpoint.value;
      return endpoint.ok;
    }
    case 'persistent_keepalive_interval': {
      const seconds = unsigned(value, 65_535);
      if (seconds !== undefined) peer.persistentKeepaliveSeconds = seconds;
      return seconds !== undefined;
    }
    case 'replace_allowed_ips':
      peer.replaceAllowedIps = true;
      peer.allowedIps = [];
      return value === 'true';
    case 'allowed_ip':
      return addAllowedIp(peer, value);
    case 'protocol_version':
      return value === '1';
    default:
      return false;
  }
}

function addAllowedIp(peer: PeerDraft, value: string): boolean {
  const remove = value.startsWith('-');
  const prefix = parseAllowedIp(remove ? value.slice(1) : value);
  if (!prefix.ok) return false;
  (peer.allowedIps ??= []).push({ prefix: prefix.value, remove });
  return true;
}

function hexKey(text: string): Uint8Array | undefined {
  return /^[0-9a-fA-F]{64}$/.test(text) ? Uint8Array.fromHex(text) : undefined;
}

function unsigned(text: string, max: number): number | undefined {
  if (!/^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
