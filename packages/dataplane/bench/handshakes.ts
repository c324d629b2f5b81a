/**
 * What handshakes cost the device that answers, on one core: `node bench/handshakes.ts [HANDSHAKES]`, and
 * `FLATLAND_FORWARDER=portable` before it for the portable path. Prints how many
 * initiations a second it answers, and how many of a flood it turns away with a cookie. Times are virtual, so that no
 * limit of the device gets in the way: what is counted is its work. Budgets: 3,000/s, and a flood of 50,000/s below one
 * core.
 */
import type { IpAddress } from '@flatland/shared/address/ip';
import { WireguardDevice } from '../src/core/device/wireguard-device.ts';
import { clampPrivateKey, publicKeyBytes, publicKeyOf, SecretKey } from '../src/core/noise/keys.ts';
import { udpEndpoint } from '../src/core/peer/udp-endpoint.ts';
import { systemRandom } from '../src/io/node/system-random.ts';
import { deviceOpener } from '../src/wireguard/open-device.ts';
import { initiationOf, strangerInitiation } from '../test/support/stranger.ts';

const opener = deviceOpener(process.env);
if (!opener.ok) throw new Error(opener.error);
const { crypto, packetPath } = opener.value;
const N_HANDSHAKES = Number(process.argv[2] ?? 6_000);
const N_FLOOD = 60_000;
const N_SOURCES = 1_000;
const ANSWERED_PER_SECOND = 3_000;
const FLOOD_PER_SECOND = 50_000;
const START_MS = 1_700_000_000_000;
/** Apart enough not to be load. */
const PAUSE_MS = 100;

const privateKey = clampPrivateKey(systemRandom(32));
const responderKey = publicKeyOf(crypto.publicKey(privateKey.expose()));
const toBytes = publicKeyBytes(responderKey);
const sources = Array.from({ length: N_SOURCES }, (_, n) =>
  udpEndpoint(`192.0.${n >> 8}.${n & 255}` as IpAddress, 51_820),
);
const initiators = Array.from({ length: N_HANDSHAKES }, () => clampPrivateKey(systemRandom(32)));
const device = new WireguardDevice({ crypto, random: systemRandom });
const configured = device.configure(
  {
    privateKey: new SecretKey(new Uint8Array(privateKey.expose())),
    peers: initiators.map((key) => ({ publicKey: publicKeyOf(crypto.publicKey(key.expose())) })),
  },
  START_MS,
);
if (!configured.ok) throw new Error(configured.error);
device.setUp(true, START_MS);

const messages = initiators.map((key) => initiationOf(key, toBytes, START_MS));
let nAnswered = 0;
const answeredPerSecond = perSecond(N_HANDSHAKES, (n) => {
  device.handleDatagram(sources[n % N_SOURCES]!, messages[n]!, START_MS + n * PAUSE_MS);
  while (device.pollEvent() !== undefined);
  while (device.pollTransmit() !== undefined) nAnswered++;
});
if (nAnswered < N_HANDSHAKES) throw new Error(`only ${nAnswered} of ${N_HANDSHAKES} were answered`);
print('handshakes answered', answeredPerSecond, ANSWERED_PER_SECOND);

const floodAtMs = START_MS + (N_HANDSHAKES + 1) * PAUSE_MS;
const stranger = strangerInitiation(toBytes, START_MS);
const floodedPerSecond = perSecond(N_FLOOD, (n) => {
  device.handleDatagram(sources[n % N_SOURCES]!, stranger, floodAtMs + n / (FLOOD_PER_SECOND / 1_000));
  while (device.pollTransmit() !== undefined);
});
const { 'under-load': nTurnedAway = 0 } = device.report().drops;
if (nTurnedAway < 0.9 * N_FLOOD) throw new Error(`only ${nTurnedAway} of ${N_FLOOD} were turned away`);
print('initiations of a flood turned away with a cookie', floodedPerSecond, FLOOD_PER_SECOND);

/** How often a core does it in a second: what counts is CPU time, since others use the cores as well. */
function perSecond(n: number, work: (n: number) => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < n; i++) work(i);
  const { user, system } = process.cpuUsage(before);
  return n / ((user + system) / 1_000_000);
}

function print(what: string, rate: number, budget: number): void {
  const verdict = rate >= budget ? 'met' : 'MISSED';
  process.stdout.write(
    `${what}, ${packetPath.kind}: ${rate.toFixed(0)}/s of one core (budget >= ${budget.toLocaleString('en')}/s: ${verdict})\n`,
  );
}
