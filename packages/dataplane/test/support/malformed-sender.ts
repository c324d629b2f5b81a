/**
 * A peer beside whom a stranger sends what no device may take: `node malformed-sender.ts PRIVATE-KEY PUBLIC-KEY ADDRESS PORT
 * COUNT`. The stranger changes, cuts and makes up datagrams of the peer's own session; the peer sends an echo request to
 * 10.9.0.2 after each few of them and waits for the answer, so that none is lost on the way. Prints `warm` after a
 * fifth, and at the end how many were sent and how many the stranger was answered.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { IpAddress } from '@flatland/shared/address/ip';
import { WireguardDevice } from '../../src/core/device/wireguard-device.ts';
import { publicKeyOf, SecretKey } from '../../src/core/noise/keys.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';
import { pingPacket } from '../wireguard/packets.ts';
import { allowedIp } from '../wireguard/world.ts';

const BATCH = 64;
const MAX_CAPTURED = 32;
const LONGEST_BYTES = 65_507;

const [privateKey = '', publicKey = '', address = '', port = '0', count = '0'] = process.argv.slice(2);
const nDatagrams = Number(count);
const random = seededRandom(1);
const endpoint = udpEndpoint(address as IpAddress, Number(port));
const captured: Uint8Array[] = [];
let nEchoed = 0;
let nAnswered = 0;

const device = new WireguardDevice({ crypto, random: systemRandom });
device.configure(
  {
    privateKey: new SecretKey(Uint8Array.fromBase64(privateKey)),
    peers: [
      {
        publicKey: publicKeyOf(Uint8Array.fromBase64(publicKey)),
        endpoint,
        allowedIps: [allowedIp('10.9.0.2/32')],
      },
    ],
  },
  Date.now(),
);
device.setUp(true, Date.now());

const peer = await connected((bytes) => {
  capture(bytes);
  device.handleDatagram(endpoint, Uint8Array.from(bytes), Date.now());
  flush();
});
const stranger = await connected(() => nAnswered++);

let nSent = 0;
for (let batch = 0; nSent < nDatagrams; batch++) {
  await echo(batch);
  for (let i = 0; i < BATCH && nSent < nDatagrams; i++, nSent++) stranger.send(malformed());
  if (nSent - BATCH < nDatagrams / 5 && nSent >= nDatagrams / 5) process.stdout.write('warm\n');
}
await echo(0);
process.stdout.write(`${JSON.stringify({ nSent, nAnswered })}\n`);
process.exit(0);

function connected(onMessage: (bytes: Uint8Array) => void): Promise<Socket> {
  const socket = createSocket('udp4').on('message', onMessage);
  return new Promise((resolve) => socket.connect(Number(port), address, () => resolve(socket)));
}

/** Sends echo requests until one is answered. */
async function echo(sequence: number): Promise<void> {
  const before = nEchoed;
  for (let waitedMs = 0; nEchoed === before; waitedMs++) {
    if (waitedMs % 200 === 0)
      device.handleTunPacket(pingPacket('10.9.0.1', '10.9.0.2', sequence & 0xffff), Date.now());
    device.handleTimeout(Date.now());
    flush();
    await new Promise((resolve) => (waitedMs === 0 ? setImmediate(resolve) : setTimeout(resolve, 1)));
  }
}

function flush(): void {
  for (let next = device.pollTransmit(); next !== undefined; next = device.pollTransmit()) {
    capture(next.datagram);
    peer.send(next.datagram);
  }
  while (device.pollPacket() !== undefined) nEchoed++;
  while (device.pollEvent() !== undefined);
}

function capture(bytes: Uint8Array): void {
  captured.push(Uint8Array.from(bytes));
  // The first ones are those of the handshake.
  if (captured.length > MAX_CAPTURED) captured.splice(MAX_CAPTURED / 2, 1);
}

function malformed(): Uint8Array {
  const draw = Math.floor(random.number() * 1_000);
  if (draw === 0)
    return Uint8Array.of(nSent & 7, 0, 0, 0, ...random.bytes(16), ...new Uint8Array(LONGEST_BYTES - 20));
  if (draw < 200) return Uint8Array.of(draw & 7, 0, 0, 0, ...random.bytes(Math.floor(random.number() * 200)));
  const original = captured[draw % captured.length]!;
  if (draw < 400) return original.slice(0, Math.floor(random.number() * original.length));
  const changed = original.slice();
  // Whoever repeats a handshake message with another mac2 may be asked for a cookie: mac1 does not cover it.
  const nCovered = original.length - (original[0] === 4 ? 0 : 16);
  changed[Math.floor(random.number() * nCovered)]! ^= 1 + Math.floor(random.number() * 255);
  return changed;
}
