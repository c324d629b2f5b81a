/** What the machine refuses, or has too little of, is done another way; nothing is changed and nothing lost for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeProblem } from '../support/packet-paths.ts';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';
import { joinTwoNamespaces, linkTwoNamespaces, transfersIntactBothWays } from '../support/underlay.ts';
import { ForwarderDevice, startForwarderDevice, type DeviceOptions } from './support/device.ts';
import { answers } from './support/echo.ts';
import { makeEnds, pair } from './support/tunnel.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SHIM = fileURLToPath(new URL('support/refusing-kernel.c', import.meta.url));
const TRANSFER_BYTES = 4 * 1024 * 1024;
/** What is asked of the machine for a socket; it doubles that for its own bookkeeping. */
const BUFFER_BYTES = 7 * 1024 * 1024;
const MEGABIT = 1_000_000;

const directory = mkdtempSync(join(tmpdir(), 'flatland-refusing-'));
const library = join(directory, 'refusing-kernel.so');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const problem = sandboxProblem('ping', 'ss', 'tc', 'wg') ?? nativeProblem;

describe.skipIf(skips('what the kernel refuses to the native path', problem))('the native path', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** A tunnel between `n1` and `n2`, whose devices tell what they count. */
  async function openTunnel(options: Partial<DeviceOptions>, twoOptions = options) {
    const start =
      (own: Partial<DeviceOptions>) =>
      (inside: Sandbox, given: DeviceOptions): Promise<ForwarderDevice> =>
        startForwarderDevice(inside, { ...given, ...own });
    const tunnel = await makeEnds(sandbox, 'native', start(options), start(twoOptions));
    await pair(tunnel);
    return [tunnel.one.device, tunnel.two.device as ForwarderDevice] as const;
  }

  async function expectIntact(): Promise<void> {
    expect(await transfersIntactBothWays(sandbox, TRANSFER_BYTES)).toBe(true);
  }

  const sendFailures = async (devices: readonly ForwarderDevice[]) => {
    const reports = await Promise.all(devices.map((device) => device.report()));
    return reports.map(({ drops }) => drops['send-failed'] ?? 0);
  };

  describe.skipIf(skips('what other kernels refuse', compiles()))('on a kernel', () => {
    async function refusing(what: string) {
      await joinTwoNamespaces(sandbox);
      return openTunnel({ env: { LD_PRELOAD: library, REFUSE: what } });
    }

    it('that makes no segments of UDP datagrams sends them singly, and says so', async () => {
      const devices = await refusing('udp-gso');
      await expectIntact();
      for (const device of devices)
        expect((await device.report()).path).toEqual({ kind: 'native', without: ['udp-gso'] });
      expect(await sendFailures(devices)).toEqual([0, 0]);
    });

    it('that takes no segments of UDP from an interface does without, and says so', async () => {
      const devices = await refusing('uso');
      for (const device of devices)
        expect((await device.report()).path).toEqual({ kind: 'native', without: ['uso'] });
      await expectIntact();
    });

    it('that has no memory for a moment tries again, and loses nothing', async () => {
      const devices = await refusing('nobufs');
      await expectIntact();
      expect(await sendFailures(devices)).toEqual([0, 0]);
      for (const device of devices) expect((await device.report()).path).toEqual({ kind: 'native' });
    });

    it('that has no memory for longer drops, and counts it', async () => {
      const devices = await refusing('starved');
      await expectIntact();
      for (const nFailed of await sendFailures(devices)) expect(nFailed).toBeGreaterThan(0);
    });
  });

  it('loses nothing to a queue of the underlay that is short, which the kernel counts and does not tell', async () => {
    await joinTwoNamespaces(sandbox);
    // Of a message of many segments the kernel counts only the loss of all.
    const devices = await openTunnel({ env: { FLATLAND_WIREGUARD_OFFLOADS: 'no-udp-gso' } });
    await limitUnderlay({ rateBits: 40 * MEGABIT, queueBytes: 8_000 });
    await expectIntact();
    const text = await sandbox.must(['tc', '-s', '-j', 'qdisc', 'show', 'dev', 'v1'], { netns: 'n1' });
    const [queue] = JSON.parse(text) as { drops: number }[];
    expect(queue!.drops).toBeGreaterThan(0);
    expect(await sendBufferErrors('n1')).toBeGreaterThan(0);
    expect((await sendFailures(devices))[0]).toBe(0);
  });

  it.each([
    [
      'is told of its interface’s end',
      (one: ForwarderDevice): Promise<void> => one.sandbox.ip('-n n1 link del wg1'),
    ],
    ['can be ended', endProcess],
  ] as const)('waits where the underlay holds all that a socket may give it, and %s', async (_, end) => {
    await joinTwoNamespaces(sandbox);
    const [one] = await openTunnel({});
    expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
    // A full message of it takes eight seconds.
    await limitUnderlay({ rateBits: 64_000, queueBytes: 100 * BUFFER_BYTES });
    const sender = `const s = require('dgram').createSocket('udp4'); const b = Buffer.alloc(1300);
      const more = () => { for (let i = 0; i < 64; i++) s.send(b); setImmediate(more); };
      s.on('error', () => {}).connect(9, '10.9.0.2', more);`;
    sandbox.start([process.execPath, '-e', sender], { netns: 'n1' });
    await until('the socket is full', async () => {
      const { queuedBytes, sendBufferBytes } = await bufferOf('n1', 5_001);
      return queuedBytes >= sendBufferBytes;
    });
    expect((await one.report()).isUp).toBe(true);
    await end(one);
    await until(
      'the device is gone',
      () => !readdirSync(sandbox.path('/run/wireguard')).includes('wg1.sock'),
    );
  });

  it('makes do with the buffers that a process without rights over the machine gets', async () => {
    // A user namespace of its own: rights over the network namespace, and none over the machine's limits.
    await sandbox.ip('netns add n1');
    const holder = await sandbox.must([
      'sh',
      '-c',
      `unshare --user --map-root-user --net sleep infinity >/dev/null 2>&1 & pid=$!
       until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ] &&
         grep -q 0 /proc/$pid/uid_map; do sleep 0.02; done
       ip netns attach n2 $pid && echo $pid`,
    ]);
    await linkTwoNamespaces(sandbox);
    const launcher = ['nsenter', '--user', '--preserve-credentials', '--target', holder.trim(), '--'];
    const devices = await openTunnel({}, { launcher });
    await expectIntact();
    expect(await sendFailures(devices)).toEqual([0, 0]);
    const { receiveBufferBytes, sendBufferBytes } = await bufferOf('n2', 5_002);
    expect([receiveBufferBytes, sendBufferBytes]).toEqual([
      2 * Math.min(BUFFER_BYTES, machineLimit('rmem_max')),
      2 * Math.min(BUFFER_BYTES, machineLimit('wmem_max')),
    ]);
    if (process.getuid?.() === 0)
      expect((await bufferOf('n1', 5_001)).receiveBufferBytes).toBe(2 * BUFFER_BYTES);
  });

  /** Lets the cable of `n1` carry no more, and hold no more. */
  async function limitUnderlay(limit: { rateBits: number; queueBytes: number }): Promise<void> {
    const shape = `rate ${limit.rateBits}bit burst 16000 limit ${limit.queueBytes}`.split(' ');
    await sandbox.must(['tc', 'qdisc', 'add', 'dev', 'v1', 'root', 'tbf', ...shape], { netns: 'n1' });
  }

  /** Datagrams that a namespace's kernel has dropped on the way out, by its own count. */
  async function sendBufferErrors(netns: string): Promise<number> {
    const text = await sandbox.must(['cat', '/proc/self/net/snmp'], { netns });
    const [names, values] = text.split('\n').filter((line) => line.startsWith('Udp:'));
    return Number(values!.split(' ')[names!.split(' ').indexOf('SndbufErrors')]);
  }

  /** Limits and use of the IPv4 socket on a port. */
  async function bufferOf(netns: string, port: number) {
    const command = ['ss', '-H', '-4', '-u', '-a', '-n', '-m', 'sport', '=', `:${port}`];
    const text = await sandbox.must(command, { netns });
    const found = /skmem:\(r\d+,rb(\d+),t(\d+),tb(\d+)/.exec(text);
    if (found === null) throw new Error(`no socket on ${port}: ${text}`);
    const [receiveBufferBytes = 0, queuedBytes = 0, sendBufferBytes = 0] = found.slice(1).map(Number);
    return { receiveBufferBytes, queuedBytes, sendBufferBytes };
  }
});

/** Ends a forwarder as its service manager does, and waits until its process is gone. */
async function endProcess({ process: running }: ForwarderDevice): Promise<void> {
  process.kill(running.pid(), 'SIGTERM');
  await until('the process is gone', () => running.child.exitCode !== null);
  expect(running.child.exitCode).toBe(0);
}

function machineLimit(name: 'rmem_max' | 'wmem_max'): number {
  return Number(readFileSync(`/proc/sys/net/core/${name}`, 'utf8'));
}

/** Why the library that refuses cannot be made; nothing where it was. */
function compiles(): string | undefined {
  const args = ['-std=gnu11', '-O1', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-o', library, SHIM];
  const { error, status, stderr } = spawnSync('cc', [...args, '-ldl'], { encoding: 'utf8' });
  if (error !== undefined) return 'there is no C compiler';
  if (status !== 0) throw new Error(stderr);
  return undefined;
}
