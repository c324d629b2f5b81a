/** Devices that `wg` and `ip` drive, in programs of their own or in a forwarder. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { IpAddress } from '@flatland/shared/address/ip';
import { clampPrivateKey, publicKeyOf } from '../../../src/core/noise/keys.ts';
import { nodeWireguardCrypto } from '../../../src/io/node/wireguard-crypto.ts';
import type { DeviceLoopReport } from '../../../src/wireguard/device-loop.ts';
import { until, type Sandbox } from '../../support/sandbox.ts';
import { startForwarder, wg } from '../../support/underlay.ts';
import type { PathKind } from './packet-paths.ts';
import { TestProcess } from './process.ts';

const MAIN = fileURLToPath(new URL('../../../src/wireguard/wireguard-main.ts', import.meta.url));

/** A key pair as `wg` writes it. */
export interface Keys {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function newKeys(): Keys {
  const privateKey = clampPrivateKey(randomBytes(32)).expose();
  return {
    privateKey: Buffer.from(privateKey).toString('base64'),
    publicKey: publicKeyOf(nodeWireguardCrypto.publicKey(privateKey)),
  };
}

export interface DeviceOptions {
  readonly netns: string;
  /** Name of the interface: all namespaces of a sandbox have one directory of configuration sockets. */
  readonly name: string;
  readonly path: PathKind;
  /** Offloads to do without, as `FLATLAND_WIREGUARD_OFFLOADS` has them. @default none */
  readonly withoutOffloads?: string;
  /** What else is in the environment of the program. @default nothing */
  readonly env?: NodeJS.ProcessEnv;
  /** What starts the program. @default nothing */
  readonly launcher?: readonly string[];
}

/** A running device, as `wg` shows it. */
export class TestDevice {
  readonly sandbox: Sandbox;
  readonly netns: string;
  readonly name: string;
  readonly process: TestProcess;

  constructor(sandbox: Sandbox, { netns, name }: DeviceOptions, child: ChildProcess) {
    this.sandbox = sandbox;
    this.netns = netns;
    this.name = name;
    this.process = new TestProcess(child);
  }

  /** Runs `wg set` on it; `input` is what `/dev/stdin` gives. */
  async set(args: string, input = ''): Promise<void> {
    await wg(this.sandbox, this.netns, `set ${this.name} ${args}`, input);
  }

  /** Words of each line of `wg show DEVICE WHAT`. */
  async show(what: string): Promise<string[][]> {
    const text = await wg(this.sandbox, this.netns, `show ${this.name} ${what}`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }

  /** Waits until the device has noticed that its interface is up: what is sent earlier is lost. */
  async listens(): Promise<void> {
    await this.#untilListening(true);
  }

  /** Takes the interface down, which erases the sessions, and up again, each once the device has noticed. */
  async restart(): Promise<void> {
    for (const state of ['down', 'up'] as const) {
      await this.sandbox.ip(`-n ${this.netns} link set ${this.name} ${state}`);
      await this.#untilListening(state === 'up');
    }
  }

  async #untilListening(wanted: boolean): Promise<void> {
    const [port = ''] = (await this.show('listen-port'))[0] ?? [];
    await until(`${this.name} ${wanted ? 'listens' : 'is silent'}`, async () => {
      const command = ['ss', '-H', '-l', '-u', '-n', 'sport', '=', `:${port}`];
      return ((await this.sandbox.must(command, { netns: this.netns })) !== '') === wanted;
    });
  }

  /** Endpoint of a peer, as `wg` writes it. */
  async endpointOf({ publicKey }: Keys): Promise<string | undefined> {
    return (await this.show('endpoints')).find(([key]) => key === publicKey)?.[1];
  }

  /** Bytes received from and sent to a peer. */
  async transferOf({ publicKey }: Keys): Promise<{ rxBytes: number; txBytes: number }> {
    const line = (await this.show('transfer')).find(([key]) => key === publicKey);
    return { rxBytes: Number(line?.[1]), txBytes: Number(line?.[2]) };
  }
}

/** Starts a device by itself and waits until it is there. An error where it takes another path than it should. */
export async function startDevice(sandbox: Sandbox, options: DeviceOptions): Promise<TestDevice> {
  const { netns, name, path, launcher = [] } = options;
  const env = { ...environment(options), LOG_LEVEL: 'info' };
  const child = sandbox.start([...launcher, process.execPath, MAIN, '-f', name], { netns, env });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until(`${name} is there`, () => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${log}`);
    return log.includes('"device made"');
  });
  if (!log.includes(`"path":"${path}"`)) throw new Error(`${name} is not ${path}: ${log}`);
  return new TestDevice(sandbox, options, child);
}

/** A device in a forwarder, which says what it drops and tells senders. */
export class ForwarderDevice extends TestDevice {
  readonly #read: () => Promise<DeviceLoopReport>;

  constructor(
    sandbox: Sandbox,
    options: DeviceOptions,
    made: { readonly process: ChildProcess; readonly report: () => Promise<DeviceLoopReport> },
  ) {
    super(sandbox, options, made.process);
    this.#read = made.report;
  }

  report(): Promise<DeviceLoopReport> {
    return this.#read();
  }
}

/** Starts a forwarder with one device, whose ICMP errors come from `routerAddresses`. */
export async function startForwarderDevice(
  sandbox: Sandbox,
  options: DeviceOptions,
  routerAddresses: readonly IpAddress[] = [],
): Promise<ForwarderDevice> {
  const { netns, name, path, launcher } = options;
  const { client, process: child } = await startForwarder(sandbox, netns, environment(options), launcher);
  const made = await client.ensureDevice({ name, mtuBytes: 1_420, routerAddresses });
  if (!made.ok) throw new Error(made.error.message);
  if (made.value.report.path.kind !== path) throw new Error(`${name} is not ${path}`);
  const report = async () => {
    const described = await client.device(name);
    if (!described.ok) throw new Error(described.error.message);
    return described.value.report;
  };
  return new ForwarderDevice(sandbox, options, { process: child, report });
}

function environment({ path, withoutOffloads = '', env }: DeviceOptions): NodeJS.ProcessEnv {
  return { FLATLAND_FORWARDER: path, FLATLAND_WIREGUARD_OFFLOADS: withoutOffloads, ...env };
}
