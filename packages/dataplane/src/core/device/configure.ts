/** Applies configuration to a device. */
import { err, ok, type Result } from '@flatland/shared/result';
import type {
  AllowedIpChange,
  DeviceConfiguration,
  PeerConfiguration,
} from '../configuration/device-configuration.ts';
import { MAX_PEERS } from '../noise/constants.ts';
import { CookieChecker } from '../noise/cookie-checker.ts';
import { publicKeyOf, type PublicKey, type SecretKey } from '../noise/keys.ts';
import { createPeer, movePeer, type Peer } from '../peer/peer.ts';
import { sameEndpoint } from '../peer/udp-endpoint.ts';
import type { DeviceState } from './device-state.ts';
import { absorbPeer } from './absorb.ts';
import { dropInitiation, sendKeepalive } from './send.ts';
import { flushStaged } from './timeouts.ts';

/** Applies a change, all of it or nothing. */
export function configureDevice(
  device: DeviceState,
  change: DeviceConfiguration,
  nowMs: number,
): Result<undefined, string> {
  const added = new Set(change.peers?.map((peer) => peer.publicKey));
  const kept = change.replacePeers === true ? [] : [...device.peers.keys()];
  if (new Set([...kept, ...added]).size > MAX_PEERS) return err(`a device has at most ${MAX_PEERS} peers`);

  if (change.privateKey !== undefined) setPrivateKey(device, change.privateKey);
  if (change.listenPort !== undefined) device.listenPort = change.listenPort;
  if (change.fwmark !== undefined) device.fwmark = change.fwmark;
  if (change.replacePeers === true) for (const peer of device.peers.values()) removePeer(device, peer);
  for (const peer of change.peers ?? []) configurePeer(device, peer, nowMs);
  return ok(undefined);
}

function setPrivateKey(device: DeviceState, privateKey: SecretKey): void {
  const isSame =
    device.staticKeys !== undefined &&
    device.staticKeys.privateKey.expose().toHex() === privateKey.expose().toHex();
  if (isSame) return;
  device.staticKeys?.privateKey.erase();
  if (privateKey.isZero()) {
    device.staticKeys = undefined;
    device.cookieChecker = undefined;
  } else {
    const publicKey = device.deps.crypto.publicKey(privateKey.expose());
    device.staticKeys = { privateKey, publicKey };
    device.cookieChecker = new CookieChecker(device.deps, publicKey, (keys) =>
      device.path?.setCookieKeys(keys),
    );
    const self = device.peers.get(publicKeyOf(publicKey));
    if (self !== undefined) removePeer(device, self);
  }
  for (const peer of device.peers.values()) {
    setStaticStatic(device, peer);
    dropInitiation(device, peer);
    peer.keypairs.expireCurrent();
    peer.handshakeSentAtMs = undefined;
  }
  device.path?.setReady(device.isUp && device.staticKeys !== undefined);
}

function configurePeer(device: DeviceState, change: PeerConfiguration, nowMs: number): void {
  const known = device.peers.get(change.publicKey);
  if (change.remove === true) {
    if (known !== undefined) removePeer(device, known);
    return;
  }
  if (known === undefined && (change.updateOnly === true || isOwnKey(device, change.publicKey))) return;
  const peer = known ?? addPeer(device, change.publicKey);

  if (change.presharedKey !== undefined) peer.presharedKey = change.presharedKey;
  if (change.endpoint !== undefined && !sameEndpoint(peer.endpoint, change.endpoint)) {
    movePeer(peer, change.endpoint);
    // An initiation that went to the old endpoint is not waited for: the new one gets its own at once.
    if (peer.initiation !== undefined) peer.handshakeSentAtMs = undefined;
  }
  for (const allowedIp of change.allowedIps ?? []) changeAllowedIp(device, peer, allowedIp);
  // Last, so that packets which pass meanwhile beside the core find what stays.
  if (change.replaceAllowedIps === true) removeOtherAllowedIps(device, peer, change.allowedIps ?? []);
  if (change.persistentKeepaliveSeconds !== undefined)
    setPersistentKeepalive(device, peer, { seconds: change.persistentKeepaliveSeconds, nowMs });
  if (device.isUp) sendWaiting(device, peer, nowMs);
}

function addPeer(device: DeviceState, publicKey: PublicKey): Peer {
  const peer = createPeer(device.deps, publicKey, {
    path: device.path?.addPeer(),
    onKeypairRemoved: (keypair) => device.indices.release(keypair.localIndex),
    onTimerArmed: (deadlineMs) => {
      device.deadlineMs = Math.min(deadlineMs, device.deadlineMs ?? deadlineMs);
    },
  });
  setStaticStatic(device, peer);
  device.peers.set(publicKey, peer);
  if (peer.path !== undefined) device.peersByPath.set(peer.path, peer);
  return peer;
}

function setStaticStatic(device: DeviceState, peer: Peer): void {
  const keys = device.staticKeys;
  peer.staticStatic?.fill(0);
  peer.staticStatic =
    keys === undefined
      ? undefined
      : device.deps.crypto.sharedSecret(keys.privateKey.expose(), peer.publicKeyBytes);
}

function changeAllowedIp(device: DeviceState, peer: Peer, { prefix, remove }: AllowedIpChange): void {
  if (remove !== true) {
    device.allowedIps.insert(prefix, peer);
    if (peer.path !== undefined) device.path?.setAllowedIp(prefix, peer.path);
  } else if (device.allowedIps.remove(prefix, peer)) device.path?.removeAllowedIp(prefix);
}

function removeOtherAllowedIps(device: DeviceState, peer: Peer, changes: readonly AllowedIpChange[]): void {
  const kept = changes.filter(({ remove }) => remove !== true).map(({ prefix }) => prefix);
  for (const prefix of device.allowedIps.removeOthers(peer, kept)) device.path?.removeAllowedIp(prefix);
}

function removeAllowedIps(device: DeviceState, peer: Peer): void {
  for (const prefix of device.allowedIps.removeOwner(peer)) device.path?.removeAllowedIp(prefix);
}

function setPersistentKeepalive(
  device: DeviceState,
  peer: Peer,
  { seconds, nowMs }: { seconds: number; nowMs: number },
): void {
  const wasOff = peer.timers.persistentKeepaliveMs === 0;
  peer.timers.persistentKeepaliveMs = seconds * 1000;
  if (wasOff && seconds > 0 && device.isUp) sendKeepalive(device, peer, nowMs);
}

function sendWaiting(device: DeviceState, peer: Peer, nowMs: number): void {
  const isRedirected = peer.initiation !== undefined && peer.handshakeSentAtMs === undefined;
  if (!peer.staged.isEmpty() || isRedirected) sendKeepalive(device, peer, nowMs);
}

function isOwnKey(device: DeviceState, publicKey: PublicKey): boolean {
  return device.staticKeys !== undefined && publicKeyOf(device.staticKeys.publicKey) === publicKey;
}

/** Removes a peer and everything that was known with it. */
function removePeer(device: DeviceState, peer: Peer): void {
  peer.timers.stop();
  dropInitiation(device, peer);
  peer.keypairs.eraseAll();
  flushStaged(device, peer, 'removed');
  removeAllowedIps(device, peer);
  device.peers.delete(peer.publicKey);
  peer.presharedKey.erase();
  if (peer.path === undefined) return;
  absorbPeer(peer, peer.path);
  device.peersByPath.delete(peer.path);
  peer.path.remove();
}
