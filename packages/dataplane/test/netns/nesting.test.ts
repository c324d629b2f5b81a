/** Tunnels within tunnels, and tunnels that lead into themselves. */
import { expect, it } from 'vitest';
import type { Sandbox } from '../support/sandbox.ts';
import { newKeys, startDevice } from './support/device.ts';
import { answers } from './support/echo.ts';
import { startIperf, transfers } from './support/iperf.ts';
import { describeOnEachPath, inSandbox, type PathKind } from './support/packet-paths.ts';
import { openTunnel, type Tunnel } from './support/tunnel.ts';

const INNERMOST = { 1: '10.11.0.1', 2: '10.11.0.2' } as const;

describeOnEachPath('a tunnel', ['iperf3'], (path) => {
  it('carries another one', () =>
    inSandbox(async (sandbox) => {
      await openTunnel(sandbox, path);
      await nestTunnel(sandbox, path);
      for (const [netns, to] of [
        ['n1', INNERMOST[2]],
        ['n2', INNERMOST[1]],
      ] as const) {
        expect(await answers(sandbox, { netns, to, count: 10 })).toBe(true);
        expect(await answers(sandbox, { netns, to, packetBytes: 1_340, dontFragment: true })).toBe(true);
      }
      await startIperf(sandbox, 'n2');
      for (const protocol of ['tcp', 'udp'] as const) {
        const { receivedBytes } = await transfers(sandbox, { from: 'n1', to: INNERMOST[2], protocol });
        expect(receivedBytes).toBeGreaterThan(100_000);
      }
    }));

  it('leads to a peer of the same device that is behind another of its peers', () =>
    inSandbox(async (sandbox) => {
      const tunnel = await openTunnel(sandbox, path);
      const { behind } = await addPeerBehind(tunnel, path);
      expect(await answers(sandbox, { netns: 'n1', to: INNERMOST[2], count: 3 })).toBe(true);
      expect(await tunnel.one.device.endpointOf(behind)).toBe('10.9.0.2:5005');
    }));

  it('whose endpoint is within itself neither spins nor hangs, and works again when that is mended', () =>
    inSandbox(async (sandbox) => {
      const tunnel = await openTunnel(sandbox, path);
      const { one, two } = tunnel;
      const ping = (waitSeconds = 20) =>
        answers(sandbox, { netns: 'n1', to: '10.9.0.2', count: 10, waitSeconds, atOnce: waitSeconds === 1 });
      expect(await ping()).toBe(true);
      // The session is there: each packet might be wrapped again and again.
      await one.device.set(`peer ${two.keys.publicKey} endpoint 10.9.0.2:${two.port}`);
      await expectQuiet(tunnel, async () => expect(await ping(1)).toBe(false));
      const large = {
        netns: 'n1',
        to: '10.9.0.2',
        packetBytes: 4_000,
        count: 3,
        waitSeconds: 1,
        atOnce: true,
      };
      await expectQuiet(tunnel, async () => expect(await answers(sandbox, large)).toBe(false));
      await one.device.set(`peer ${two.keys.publicKey} endpoint 192.168.9.2:${two.port}`);
      expect(await ping()).toBe(true);
    }));

  it('whose endpoint is within itself before any handshake neither spins nor hangs', () =>
    inSandbox(async (sandbox) => {
      const tunnel = await openTunnel(sandbox, path);
      const { one, two } = tunnel;
      await one.device.set(`peer ${two.keys.publicKey} endpoint 10.9.0.2:${two.port}`);
      await expectQuiet(tunnel, async () =>
        expect(
          await answers(sandbox, { netns: 'n1', to: '10.9.0.2', count: 10, waitSeconds: 1, atOnce: true }),
        ).toBe(false),
      );
    }));

  it('to a peer that is behind itself neither spins nor hangs', () =>
    inSandbox(async (sandbox) => {
      const tunnel = await openTunnel(sandbox, path);
      const { behind, device } = await addPeerBehind(tunnel, path);
      expect(await answers(sandbox, { netns: 'n1', to: INNERMOST[2] })).toBe(true);
      await sandbox.ip(`-n n2 link del ${device}`);
      await tunnel.one.device.set(`peer ${behind.publicKey} endpoint ${INNERMOST[2]}:5005`);
      await expectQuiet(tunnel, async () =>
        expect(
          await answers(sandbox, { netns: 'n1', to: INNERMOST[2], count: 10, waitSeconds: 1, atOnce: true }),
        ).toBe(false),
      );
      expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
    }));
});

/** A tunnel between `in1` and `in2`, whose datagrams go through the one that is there. */
async function nestTunnel(sandbox: Sandbox, path: PathKind): Promise<void> {
  const keys = { 1: newKeys(), 2: newKeys() };
  for (const n of [1, 2] as const) {
    const device = await startDevice(sandbox, { netns: `n${n}`, name: `in${n}`, path });
    const far = n === 1 ? 2 : 1;
    await device.set('listen-port 5005 private-key /dev/stdin', keys[n].privateKey);
    await device.set(
      `peer ${keys[far].publicKey} allowed-ips ${INNERMOST[far]}/32 endpoint [fd10::${far}]:5005`,
    );
    await sandbox.ip(`
      -n n${n} addr add ${INNERMOST[n]}/24 dev in${n}
      -n n${n} link set in${n} mtu 1340
      -n n${n} link set in${n} up`);
    await device.listens();
  }
}

/** A second peer of the first end's device, which is reached through the first one. */
async function addPeerBehind({ sandbox, one }: Tunnel, path: PathKind) {
  const behind = newKeys();
  const inner = await startDevice(sandbox, { netns: 'n2', name: 'in2', path });
  await inner.set('listen-port 5005 private-key /dev/stdin', behind.privateKey);
  await inner.set(`peer ${one.keys.publicKey} allowed-ips ${INNERMOST[1]}/32`);
  await one.device.set(`peer ${behind.publicKey} allowed-ips ${INNERMOST[2]}/32 endpoint 10.9.0.2:5005`);
  await sandbox.ip(`
    -n n2 addr add ${INNERMOST[2]}/24 dev in2
    -n n2 link set in2 up
    -n n1 addr add ${INNERMOST[1]}/24 dev wg1`);
  await inner.listens();
  return { behind, device: inner.name };
}

/** Little is sent and little computed, during something and in the seconds after it; the device answers `wg show`. */
async function expectQuiet({ one }: Tunnel, during: () => Promise<void>): Promise<void> {
  const sentBytes = async () =>
    (await one.device.show('transfer')).reduce((sum, [, , txBytes]) => sum + Number(txBytes), 0);
  const [sentBefore, cpuBefore] = [await sentBytes(), one.device.process.cpuSeconds()];
  await during();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await sentBytes()) - sentBefore).toBeLessThan(70_000);
  expect(one.device.process.cpuSeconds() - cpuBefore).toBeLessThan(1);
}
