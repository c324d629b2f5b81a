/** What every `TunDevice` does: one suite for TUN devices of Linux and interfaces in memory. */
import { stat } from 'node:fs/promises';
import type { IpAddress } from '@flatland/shared/address/ip';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ipPacketBytes, parseIp } from '../../src/core/wire/ip.ts';
import { PROTOCOL_UDP } from '../../src/core/wire/protocol-numbers.ts';
import { parseUdp, udpBytes } from '../../src/core/wire/udp.ts';
import { openTunDevice } from '../../src/io/linux/tun-device.ts';
import { MemoryTun } from '../../src/io/memory/memory-tun.ts';
import type { TunDevice, TunLink } from '../../src/ports/tun.ts';
import { deviceOpener } from '../../src/wireguard/open-device.ts';
import { udpSocketIn } from '../support/namespace-socket.ts';
import { nativeProblem } from '../support/packet-paths.ts';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOST = '10.7.0.1' as IpAddress;
const FAR = '10.7.0.2' as IpAddress;
const PORT = 5_000;

/** The host's side of an interface: it has 10.7.0.1/24 there, and a UDP socket on port 5000. */
interface HostSide {
  send(payload: Uint8Array): void;
  readonly received: Uint8Array[];
  setLink(link: Partial<TunLink>): Promise<void>;
  close(): Promise<void>;
}

interface Twin {
  readonly name: string;
  readonly problem: string | undefined;
  readonly open: () => Promise<{ tun: TunDevice; host: HostSide }>;
}

/** Only root may enter the sandbox's network namespace from this process; the process tests cover the rest. */
const linuxProblem =
  process.getuid?.() === 0 ? sandboxProblem() : 'entering another network namespace needs root';

const sandboxes: { current: Sandbox | undefined } = { current: undefined };
let nDevices = 0;

const twins: readonly Twin[] = [
  { name: 'memory', problem: undefined, open: openMemory },
  { name: 'Linux', problem: linuxProblem, open: () => openLinux('portable') },
  { name: 'Linux, native', problem: linuxProblem ?? nativeProblem, open: () => openLinux('native') },
];

for (const { name, problem, open } of twins)
  describe.skipIf(skips(`TUN over ${name}`, problem))(`TUN over ${name}`, () => {
    const hosts: { tun: TunDevice; host: HostSide }[] = [];
    beforeAll(async () => {
      if (name !== 'memory') sandboxes.current = await Sandbox.open();
    });
    afterEach(async () => {
      for (const { tun, host } of hosts.splice(0)) {
        await tun.remove();
        await host.close();
      }
    });
    afterAll(async () => {
      await sandboxes.current?.[Symbol.asyncDispose]();
      sandboxes.current = undefined;
    });

    async function started() {
      const { tun, host } = await open();
      hosts.push({ tun, host });
      const packets: Uint8Array[] = [];
      const links: TunLink[] = [];
      tun.start({
        onPackets: (batch) => packets.push(...batch.filter((packet) => payloadOf(packet) !== undefined)),
        onLinkChanged: (link) => links.push(link),
        onGone: () => {},
      });
      return { tun, host, packets, links };
    }

    it('delivers what the host sends, in order and unchanged', async () => {
      const { host, packets } = await started();
      const payloads = Array.from({ length: 200 }, (_, n) => new Uint8Array(n * 6).fill(n));
      for (const payload of payloads) host.send(payload);
      await until('all arrived', () => packets.length === payloads.length);
      expect(packets.map(payloadOf)).toEqual(payloads);
    });

    it('gives the host what is written, in order and unchanged', async () => {
      const { tun, host } = await started();
      const payloads = Array.from({ length: 100 }, (_, n) => new Uint8Array(1 + n * 13).fill(n));
      expect(tun.write(payloads.map(packetToHost))).toBe(payloads.length);
      await until('all arrived', () => host.received.length === payloads.length);
      expect(host.received).toEqual(payloads);
    });

    it('tells that it is up, its MTU, and each change', async () => {
      const { tun, host, links } = await started();
      expect(tun.link()).toEqual({ isUp: true, mtuBytes: 1_420 });
      await host.setLink({ mtuBytes: 1_300 });
      await until('the MTU is told', () => links.at(-1)?.mtuBytes === 1_300);
      await host.setLink({ isUp: false });
      await until('it is told down', () => links.at(-1)?.isUp === false);
      expect(tun.link()).toEqual({ isUp: false, mtuBytes: 1_300 });
      await host.setLink({ isUp: true });
      await until('it is told up', () => links.at(-1)?.isUp === true);
    });

    it('takes nothing while it is down', async () => {
      const { tun, host } = await started();
      await host.setLink({ isUp: false });
      expect(tun.write([packetToHost(Uint8Array.of(1))])).toBe(0);
    });

    it('neither delivers nor takes anything after it was closed', async () => {
      const { tun, host, packets } = await started();
      host.send(Uint8Array.of(1));
      await until('it arrived', () => packets.length === 1);
      await tun.close();
      expect(tun.write([packetToHost(Uint8Array.of(1))])).toBe(0);
      await tun.close();
      expect(packets).toHaveLength(1);
    });
  });

describe.skipIf(skips('TUN devices of Linux', linuxProblem))('TUN devices of Linux', () => {
  it('are refused with the reason: a name, a namespace, an MTU, a device of another kind, one in use', async () => {
    await using sandbox = await Sandbox.open();
    await sandbox.ip('link add d0 type veth peer name d1');
    const namespace = `/proc/${sandbox.pid}/ns/net`;
    const open = (name: string, change = {}) =>
      openTunDevice({ name, namespace, mtuBytes: 1_420, ...change });
    const errors = [
      open('a/b'),
      open('toolongforaninterface'),
      open('t0', { namespace: 'nowhere' }),
      open('t0', { namespace: '../../etc' }),
      open('t0', { mtuBytes: 20 }),
      open('d0'),
    ].map((result) => (result.ok ? 'made' : result.error));
    expect(errors).toEqual([
      'an interface name has 1 to 15 letters, digits, dots, dashes or underscores',
      'an interface name has 1 to 15 letters, digits, dots, dashes or underscores',
      'cannot open network namespace /run/netns/nowhere: ENOENT',
      'a network namespace is a name as `ip netns list` shows it, a path under /run/netns, or /proc/PID/ns/net',
      'the kernel refuses an MTU of 20 for t0',
      'interface d0 exists and is no TUN device',
    ]);
    const first = open('t1');
    if (!first.ok) throw new Error(first.error);
    expect(open('t1')).toEqual({ ok: false, error: 'interface t1 is in use by another process' });
    await first.value.close();
    const again = open('t1');
    if (!again.ok) throw new Error(again.error);
    await again.value.close();
  });

  it('leave the thread pool of Node to others, however many there are', async () => {
    await using sandbox = await Sandbox.open();
    const devices = Array.from({ length: 24 }, (_, n) => {
      const made = openTunDevice({
        name: `t${n}`,
        namespace: `/proc/${sandbox.pid}/ns/net`,
        mtuBytes: 1_420,
      });
      if (!made.ok) throw new Error(made.error);
      made.value.start({ onPackets: () => {}, onLinkChanged: () => {}, onGone: () => {} });
      return made.value;
    });
    await Promise.all(Array.from({ length: 50 }, () => stat('/')));
    for (const device of devices) await device.close();
  });

  it('that are persistent keep their addresses, and can be taken over', async () => {
    await using sandbox = await Sandbox.open();
    const options = {
      name: 't0',
      namespace: `/proc/${sandbox.pid}/ns/net`,
      mtuBytes: 1_420,
      isPersistent: true,
    };
    const first = openTunDevice(options);
    if (!first.ok) throw new Error(first.error);
    await sandbox.ip('addr add 10.7.0.1/24 dev t0\nlink set t0 up');
    await first.value.close();
    expect(await sandbox.must(['ip', 'addr', 'show', 't0'])).toContain('10.7.0.1/24');
    const second = openTunDevice(options);
    if (!second.ok) throw new Error(second.error);
    expect(second.value.link()).toEqual({ isUp: true, mtuBytes: 1_420 });
    await second.value.remove();
    expect((await sandbox.run(['ip', 'link', 'show', 't0'])).code).not.toBe(0);
  });

  it('are followed into another namespace, and under another name', async () => {
    await using sandbox = await Sandbox.open();
    const made = openTunDevice({ name: 't0', namespace: `/proc/${sandbox.pid}/ns/net`, mtuBytes: 1_420 });
    if (!made.ok) throw new Error(made.error);
    const links: TunLink[] = [];
    const packets: Uint8Array[] = [];
    made.value.start({
      onPackets: (batch) => packets.push(...batch),
      onLinkChanged: (link) => links.push(link),
      onGone: () => {},
    });
    await sandbox.ip(
      'netns add n1\nlink set t0 netns n1\n-n n1 link set t0 name t9\n-n n1 addr add 10.7.0.1/24 dev t9\n-n n1 link set t9 mtu 1300 up',
    );
    await until('it is seen up', () => links.at(-1)?.isUp === true && links.at(-1)?.mtuBytes === 1_300);
    await sandbox.run(['ping', '-c', '1', '-W', '0.2', '10.7.0.2'], { netns: 'n1' });
    expect(
      packets.some((packet) => packet[0] === 0x45 && packet.subarray(16, 20).join('.') === '10.7.0.2'),
    ).toBe(true);
    await made.value.close();
  });

  it('say when they were removed from outside', async () => {
    await using sandbox = await Sandbox.open();
    const made = openTunDevice({ name: 't0', namespace: `/proc/${sandbox.pid}/ns/net`, mtuBytes: 1_420 });
    if (!made.ok) throw new Error(made.error);
    const gone: string[] = [];
    made.value.start({
      onPackets: () => {},
      onLinkChanged: () => {},
      onGone: (message) => gone.push(message),
    });
    await sandbox.ip('link del t0');
    await until('it is told', () => gone.length === 1);
    expect(gone[0]).toMatch(/^interface t0 is gone/);
    expect(made.value.write([packetToHost(Uint8Array.of(1))])).toBe(0);
  });
});

async function openMemory(): Promise<{ tun: TunDevice; host: HostSide }> {
  const received: Uint8Array[] = [];
  const tun = new MemoryTun('t0', (packet) => received.push(payloadOf(packet)!));
  const host: HostSide = {
    received,
    send: (payload) => tun.inject(udpPacket(HOST, FAR, payload)),
    setLink: async (link) => tun.setLink(link),
    close: async () => {},
  };
  return { tun, host };
}

async function openLinux(path: 'native' | 'portable'): Promise<{ tun: TunDevice; host: HostSide }> {
  const sandbox = sandboxes.current!;
  const name = `t${nDevices++}`;
  const namespace = `/proc/${sandbox.pid}/ns/net`;
  const opener = deviceOpener({ FLATLAND_FORWARDER: path });
  if (!opener.ok) throw new Error(opener.error);
  const opened = opener.value.open({ name, namespace, mtuBytes: 1_420 });
  if (!opened.ok) throw new Error(opened.error);
  const { tun, packetPath } = opened.value;
  expect(packetPath.kind).toBe(path);
  await sandbox.ip(`link set ${name} up\naddr add ${HOST}/24 dev ${name}`);
  const socket = await udpSocketIn(namespace, PORT);
  const received: Uint8Array[] = [];
  socket.on('message', (bytes) => received.push(Uint8Array.from(bytes)));
  const host: HostSide = {
    received,
    send: (payload) => socket.send(payload, PORT, FAR),
    setLink: async ({ isUp, mtuBytes }) => {
      if (mtuBytes !== undefined) await sandbox.ip(`link set ${name} mtu ${mtuBytes}`);
      if (isUp !== undefined) await sandbox.ip(`link set ${name} ${isUp ? 'up' : 'down'}`);
    },
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
  return { tun, host };
}

function packetToHost(payload: Uint8Array): Uint8Array {
  return udpPacket(FAR, HOST, payload);
}

function udpPacket(source: IpAddress, destination: IpAddress, payload: Uint8Array): Uint8Array {
  const ends = { source, destination };
  const segment = udpBytes({ sourcePort: PORT, destinationPort: PORT, payload }, ends);
  return ipPacketBytes({
    ...ends,
    protocol: PROTOCOL_UDP,
    hopLimit: 64,
    payload: segment,
    dontFragment: true,
    isFragment: false,
  });
}

/** The payload of a packet of the test; nothing for what the kernel sends by itself. */
function payloadOf(packet: Uint8Array): Uint8Array | undefined {
  const ip = parseIp(packet);
  if (!ip.ok || ip.value.protocol !== PROTOCOL_UDP) return undefined;
  const udp = parseUdp(ip.value.payload, ip.value);
  return udp.ok && udp.value.destinationPort === PORT ? Uint8Array.from(udp.value.payload) : undefined;
}
