/** Tunnels within tunnels, and tunnels that lead into themselves. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { newKeys, startDevice, type TestDevice } from './support/device.ts';
import { answers } from './support/echo.ts';
import { startIperf, transfers } from './support/iperf.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { openTunnel, type Tunnel } from './support/tunnel.ts';

const INNERMOST = { 1: '10.11.0.1', 2: '10.11.0.2' } as const;
const INNER_PORT = 5_005;

describeOnEachPath('a tunnel', ['iperf3'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;
  /** Devices `in1` and `in2`, beside those of the tunnel. */
  let inner: Readonly<Record<1 | 2, TestDevice>>;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
    const [first, second] = await Promise.all(
      ['1', '2'].map((n) => startDevice(sandbox, { netns: `n${n}`, name: `in${n}`, path })),
    );
    inner = { 1: first!, 2: second! };
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  const ping = (to: string, count = 10) => answers(sandbox, { netns: 'n1', to, count });
  const expectNoAnswer = async (to: string, packetBytes = 84) => {
    const burst = { netns: 'n1', to, packetBytes, count: 10, waitSeconds: 1, atOnce: true };
    expect(await answers(sandbox, burst)).toBe(false);
  };

  it('whose endpoint is within itself neither spins nor hangs, without a session', async () => {
    const { one, two } = tunnel;
    await one.device.set(`peer ${two.keys.publicKey} endpoint 10.9.0.2:${two.port}`);
    await expectQuiet(tunnel, () => expectNoAnswer('10.9.0.2'));
    await one.device.set(`peer ${two.keys.publicKey} endpoint 192.168.9.2:${two.port}`);
    expect(await ping('10.9.0.2')).toBe(true);
  });

  it('whose endpoint is within itself neither spins nor hangs with a session, and works when that is mended', async () => {
    const { one, two } = tunnel;
    expect(await ping('10.9.0.2')).toBe(true);
    // Each packet might be wrapped again and again.
    for (const inside of ['10.9.0.2', '[fd10::2]']) {
      await one.device.set(`peer ${two.keys.publicKey} endpoint ${inside}:${two.port}`);
      await expectQuiet(tunnel, async () => {
        await expectNoAnswer('10.9.0.2');
        await expectNoAnswer('fd10::2', 4_000);
      });
    }
    await one.device.set(`peer ${two.keys.publicKey} endpoint 192.168.9.2:${two.port}`);
    expect(await ping('10.9.0.2')).toBe(true);
  });

  it('carries another one', async () => {
    const keys = { 1: newKeys(), 2: newKeys() };
    for (const [n, far] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const peer = `peer ${keys[far].publicKey} allowed-ips ${INNERMOST[far]}/32 endpoint [fd10::${far}]:${INNER_PORT}`;
      await inner[n].set(`listen-port ${INNER_PORT} private-key /dev/stdin ${peer}`, keys[n].privateKey);
      await sandbox.ip(`
        -n n${n} addr add ${INNERMOST[n]}/24 dev in${n}
        -n n${n} link set in${n} mtu 1340
        -n n${n} link set in${n} up`);
      await inner[n].listens();
    }
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
  });

  // What comes back through another device looks like anybody's, so that it goes round until this is mended or the
  // session ends.
  it('does not hang when the one that it carries leads back into it, and is itself again once that is mended', async () => {
    const { one, two } = tunnel;
    expect(await ping(INNERMOST[2])).toBe(true);
    await one.device.set(`peer ${two.keys.publicKey} endpoint ${INNERMOST[2]}:7`);
    await expectNoAnswer(INNERMOST[2]);
    const peers = await one.device.show('transfer');
    expect(peers.map(([peer]) => peer)).toContain(two.keys.publicKey);
    await one.device.set(`peer ${two.keys.publicKey} endpoint 192.168.9.2:${two.port}`);
    expect(await ping('10.9.0.2')).toBe(true);
  });

  it('leads to a peer of the same device that is behind another of its peers, and not into itself', async () => {
    await sandbox.run(['ip', '-n', 'n1', 'link', 'del', 'in1']);
    const behind = newKeys();
    const { one } = tunnel;
    await inner[2].set('private-key /dev/stdin', behind.privateKey);
    await inner[2].set(`peer ${one.keys.publicKey} allowed-ips ${INNERMOST[1]}/32`);
    await one.device.set(
      `peer ${behind.publicKey} allowed-ips ${INNERMOST[2]}/32 endpoint 10.9.0.2:${INNER_PORT}`,
    );
    await sandbox.ip(`-n n1 addr add ${INNERMOST[1]}/24 dev wg1`);
    expect(await ping(INNERMOST[2])).toBe(true);
    expect(await one.device.endpointOf(behind)).toBe(`10.9.0.2:${INNER_PORT}`);

    await sandbox.ip('-n n2 link del in2');
    await one.device.set(`peer ${behind.publicKey} endpoint ${INNERMOST[2]}:${INNER_PORT}`);
    await expectQuiet(tunnel, () => expectNoAnswer(INNERMOST[2]));
    expect(await ping('10.9.0.2')).toBe(true);
  });
});

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
