/** Two devices whose peers, sessions, allowed IPs, and now and then themselves, come and go while packets pass. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { IpAddress } from '@flatland/shared/address/ip';
import { clampPrivateKey, publicKeyOf, type PublicKey, type SecretKey } from '../../src/core/noise/keys.ts';
import type { PeerConfiguration } from '../../src/core/configuration/device-configuration.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { ownSymbols } from '../../src/io/node/own-symbols.ts';
import { systemClock } from '../../src/io/node/system-clock.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import type { LogPort } from '../../src/ports/log.ts';
import { createWireguardDevice } from '../../src/wireguard/create-wireguard-device.ts';
import type { DeviceLoop } from '../../src/wireguard/device-loop.ts';
import { deviceOpener, type DeviceOpener } from '../../src/wireguard/open-device.ts';
import { allowedIp } from '../wireguard/world.ts';
import { namespaceSocket } from './namespace-socket.ts';
import { Sandbox, until } from './sandbox.ts';

const LOOPBACK = '127.0.0.1' as IpAddress;
const PORT = 7_300;
const BURST = 16;
/** Peers of each device that nobody is. */
const N_STRANGERS = 4;
const N_ALLOWED_IPS = 8;
const REOPENS_EVERY = 100;
const SAMPLES_EVERY = 10;
const RESENDS_AFTER_MS = 1_000;

/** What the process has in use after so many rounds, garbage collected. */
export interface ChurnSample {
  readonly round: number;
  /** Of JavaScript. */
  readonly heapBytes: number;
  /** Of the C library's allocator. */
  readonly nativeBytes: number;
  readonly residentBytes: number;
}

export interface ChurnOptions {
  readonly path: 'native' | 'portable';
  /** Whether to go on after so many rounds. */
  readonly goesOn: (round: number) => boolean;
  readonly onSample?: (sample: ChurnSample) => void;
}

/** Churns; both devices have their sockets on this process's loopback, and their interfaces in namespaces of a sandbox. */
export async function churn({ path, goesOn, onSample }: ChurnOptions): Promise<ChurnSample[]> {
  const opener = deviceOpener({ FLATLAND_FORWARDER: path });
  if (!opener.ok) throw new Error(opener.error);
  await using sandbox = await Sandbox.open();
  await sandbox.ip('netns add n1\nnetns add n2');
  const ends = [new End(sandbox, opener.value, 1), new End(sandbox, opener.value, 2)] as const;
  const samples: ChurnSample[] = [];
  await using near = await namespaceSocket(sandbox, 'n1', PORT);
  await using far = await namespaceSocket(sandbox, 'n2', PORT);
  far.socket.on('message', (bytes, { port, address }) => far.socket.send(bytes, port, address));
  let onAnswer = (_bytes: Buffer) => {};
  near.socket.on('message', (bytes) => onAnswer(bytes));
  for (let round = 0; goesOn(round); round++) {
    if (round % REOPENS_EVERY === 0) for (const end of ends) await end.reopen();
    for (const end of ends) await end.changeKey();
    await ends[0].meet(ends[1]);
    await ends[1].meet(ends[0]);
    await new Promise<void>((resolve) => {
      const send = () => {
        for (let i = 0; i < BURST; i++) near.socket.send(`round ${round}`, PORT, '10.9.0.2');
      };
      const again = setInterval(send, RESENDS_AFTER_MS);
      let nAnswers = 0;
      onAnswer = (bytes) => {
        if (bytes.toString() !== `round ${round}` || ++nAnswers < BURST) return;
        clearInterval(again);
        resolve();
      };
      send();
    });
    if (round % SAMPLES_EVERY !== SAMPLES_EVERY - 1) continue;
    for (const end of ends) await end.forgetPeers();
    const sample = await measure(round);
    samples.push(sample);
    onSample?.(sample);
  }
  for (const end of ends) await end.close();
  return samples;
}

/** Samples of which all pairs are looked at; of a longer run every so-many-eth. */
const MAX_SLOPED = 1_000;

/** Growth in bytes for each round: the median of the slopes between all pairs (Theil and Sen), which a few outliers do not move. */
export function slope(samples: readonly ChurnSample[], of: Exclude<keyof ChurnSample, 'round'>): number {
  const every = Math.ceil(samples.length / MAX_SLOPED);
  const some = samples.filter((_, i) => i % every === 0);
  const slopes = some.flatMap((a, i) => some.slice(i + 1).map((b) => (b[of] - a[of]) / (b.round - a.round)));
  return slopes.toSorted((a, b) => a - b)[slopes.length >> 1] ?? Number.NaN;
}

class End {
  readonly #sandbox: Sandbox;
  readonly #opener: DeviceOpener;
  readonly #n: 1 | 2;
  #namespace: string | undefined;
  #loop: DeviceLoop | undefined;
  #publicKey: PublicKey | undefined;

  constructor(sandbox: Sandbox, opener: DeviceOpener, n: 1 | 2) {
    this.#sandbox = sandbox;
    this.#opener = opener;
    this.#n = n;
  }

  async reopen(): Promise<void> {
    await this.close();
    const [name, netns] = [`wg${this.#n}`, `n${this.#n}`];
    this.#namespace ??= await this.#sandbox.netnsPath(netns);
    const ports = this.#opener.open({ name, namespace: this.#namespace, mtuBytes: 1_420 });
    if (!ports.ok) throw new Error(ports.error);
    const { crypto } = this.#opener;
    const deps = { ...ports.value, crypto, random: systemRandom, clock: systemClock, log: SILENT };
    const made = await createWireguardDevice(deps);
    if (!made.ok) throw new Error(made.error);
    this.#loop = made.value;
    await this.#sandbox.ip(`-n ${netns} addr add 10.9.0.${this.#n}/24 dev ${name}
      -n ${netns} link set ${name} up`);
    // It has no port before.
    await until(
      'the device is up',
      () => made.value.report().isUp && made.value.configuration().listenPort !== 0,
    );
  }

  async close(): Promise<void> {
    await this.#loop?.close({ removeInterface: true });
    this.#loop = undefined;
  }

  /** Takes a new key; all peers go. */
  async changeKey(): Promise<void> {
    const { key, publicKey } = this.#newKey();
    this.#publicKey = publicKey;
    await this.#configure({ privateKey: key, replacePeers: true, peers: [] });
  }

  /** Takes another end as a peer, and some strangers. */
  async meet(other: End): Promise<void> {
    const { listenPort } = other.#loop!.configuration();
    const strangers = Array.from({ length: N_STRANGERS }, (_, i) => ({
      publicKey: this.#newKey().publicKey,
      allowedIps: Array.from({ length: N_ALLOWED_IPS }, (__, j) => allowedIp(`10.${20 + i}.${j}.0/24`)),
    }));
    const friend = {
      publicKey: other.#publicKey!,
      endpoint: udpEndpoint(LOOPBACK, listenPort),
      allowedIps: [allowedIp(`10.9.0.${other.#n}`)],
    };
    await this.#configure({ peers: [friend, ...strangers] });
  }

  async forgetPeers(): Promise<void> {
    await this.#configure({ replacePeers: true, peers: [] });
  }

  async #configure(change: {
    privateKey?: SecretKey;
    replacePeers?: boolean;
    peers: readonly PeerConfiguration[];
  }): Promise<void> {
    const done = await this.#loop!.configure(change);
    if (!done.ok) throw new Error(done.error);
  }

  #newKey() {
    const key = clampPrivateKey(systemRandom(32));
    return { key, publicKey: publicKeyOf(this.#opener.crypto.publicKey(key.expose())) };
  }
}

const quiet = () => {};
const SILENT: LogPort = { debug: quiet, info: quiet, warn: quiet, error: quiet };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function measure(round: number): Promise<ChurnSample> {
  // What was collected may let go of more once the event loop has turned.
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { round, heapBytes: heapUsed, nativeBytes: allocatedBytes(), residentBytes: rss };
}

const FIELDS = [
  'arena',
  'ordblks',
  'smblks',
  'hblks',
  'hblkhd',
  'usmblks',
  'fsmblks',
  'uordblks',
  'fordblks',
];
let mallinfo: (() => Record<string, number>) | undefined;

/** Bytes that the C library has given out and not got back, in all its arenas. */
function allocatedBytes(): number {
  if (mallinfo === undefined) {
    const { koffi, library } = ownSymbols();
    const info = koffi.struct(Object.fromEntries([...FIELDS, 'keepcost'].map((name) => [name, 'size_t'])));
    mallinfo = library.func('mallinfo2', info, []) as () => Record<string, number>;
  }
  const { uordblks = 0, hblkhd = 0 } = mallinfo();
  return Number(uordblks) + Number(hblkhd);
}
