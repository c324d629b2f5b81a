/** Crypto-key routing: whose addresses a peer may send from. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { newKeys, startForwarderDevice, type ForwarderDevice } from './support/device.ts';
import { answers, echo } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { outerEndpoint, openTunnelFrom, type Tunnel } from './support/tunnel.ts';

describeOnEachPath('allowed IPs', [], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel<ForwarderDevice>;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnelFrom(sandbox, path, startForwarderDevice);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** What the first end let in from the second, and what not. */
  async function seen() {
    const { peers } = await tunnel.one.device.report();
    const { counters, drops } = peers.find(({ publicKey }) => publicKey === tunnel.two.keys.publicKey)!;
    return { nDelivered: counters.rxPackets, nRefused: drops['source-not-allowed'] ?? 0 };
  }

  it('let in what comes from an allowed source', async () => {
    const before = await seen();
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: 3 })).toBe(true);
    const after = await seen();
    expect(after).toEqual({ ...before, nDelivered: before.nDelivered + 3 });
  });

  for (const [source, to] of [
    ['10.9.0.77/32', '10.9.0.1'],
    ['fd10::77/128', 'fd10::1'],
  ] as const)
    it(`drop and count packets of the peer from ${source}, which is not its own`, async () => {
      await sandbox.ip(`-n n2 addr add ${source} dev wg2${to.includes(':') ? ' nodad' : ''}`);
      const before = await seen();
      const spoofed = {
        netns: 'n2',
        to,
        count: 3,
        from: source.split('/')[0]!,
        waitSeconds: 1,
        atOnce: true,
      };
      expect(await answers(sandbox, spoofed)).toBe(false);
      expect(await seen()).toEqual({ ...before, nRefused: before.nRefused + 3 });
      await sandbox.ip(`-n n2 addr del ${source} dev wg2`);
    });

  it('belong to the peer with the most specific prefix, also where another peer has a wider one', async () => {
    const { one, two } = tunnel;
    const rest = newKeys();
    await one.device.set(`peer ${two.keys.publicKey} allowed-ips 10.9.0.0/24,fd10::/64`);
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1' })).toBe(true);
    await one.device.set(`peer ${rest.publicKey} allowed-ips 10.9.0.2/32,fd10::2/128`);
    const before = await seen();
    await two.device.set('listen-port 9997');
    for (const to of ['10.9.0.1', 'fd10::1'])
      expect(
        (await echo(sandbox, { netns: 'n2', to, count: 2, waitSeconds: 1, atOnce: true })).isAnswered,
      ).toBe(false);
    expect(await seen()).toEqual({ ...before, nRefused: before.nRefused + 4 });
    // It is authentic all the same, and so followed.
    expect(await one.device.endpointOf(two.keys)).toBe(outerEndpoint({ ...two, port: 9_997 }));

    await one.device.set(`peer ${rest.publicKey} remove`);
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1' })).toBe(true);
    await two.device.set(`listen-port ${two.port}`);
  });

  it('move to the peer that was given them last', async () => {
    const { one, two } = tunnel;
    const other = newKeys();
    await one.device.set(`peer ${other.publicKey} allowed-ips 10.9.0.0/24`);
    expect(await one.device.show('allowed-ips')).toContainEqual([other.publicKey, '10.9.0.0/24']);
    expect(await one.device.show('allowed-ips')).toContainEqual([two.keys.publicKey, 'fd10::/64']);
    const before = await seen();
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', waitSeconds: 1 })).toBe(false);
    expect(await seen()).toEqual({ ...before, nRefused: before.nRefused + 1 });
    await one.device.set(`peer ${other.publicKey} remove`);
  });
});
