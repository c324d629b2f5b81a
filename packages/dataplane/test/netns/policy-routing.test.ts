/** The default route through the tunnel, as wg-quick arranges it: what the device itself sends goes around. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { startDevice } from './support/device.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { joinThroughRouter, ROUTED } from './support/routed.ts';
import { settle, Sniffer, udpPortsOf } from './support/sniffer.ts';
import { bothWays, innerAddresses, makeEnds, type Tunnel } from './support/tunnel.ts';

const MARK = 51_820;
/** Addresses that only the far end of the tunnel has. */
const FAR = { 4: '192.168.99.7', 6: 'fd99::7' } as const;

describeOnEachPath('a default route through the tunnel', ['tcpdump', 'sysctl'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    await joinThroughRouter(sandbox);
    tunnel = await makeEnds(sandbox, path, startDevice);
    const { one, two } = tunnel;
    await one.device.set(`peer ${two.keys.publicKey} allowed-ips 0.0.0.0/0,::/0`);
    await two.device.set(`peer ${one.keys.publicKey} allowed-ips ${innerAddresses(1)}`);
    await sandbox.ip(`
      -n n2 addr add ${FAR[4]}/32 dev wg2
      -n n2 addr add ${FAR[6]}/128 dev wg2 nodad`);
    for (const family of [4, 6])
      await sandbox.ip(`
        -n n1 -${family} route add default dev wg1 table ${MARK}
        -n n1 -${family} rule add not fwmark ${MARK} table ${MARK}
        -n n1 -${family} rule add table main suppress_prefixlength 0`);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  for (const outer of [4, 6] as const)
    it(`leads all but the datagrams of the device through it, over IPv${outer}`, async () => {
      for (const [self, peer] of bothWays(tunnel)) {
        const host = (peer.n === 1 ? ROUTED.one : ROUTED.two)[outer];
        const endpoint = outer === 4 ? `${host}:${peer.port}` : `[${host}]:${peer.port}`;
        await self.device.set(`peer ${peer.keys.publicKey} endpoint ${endpoint}`);
      }
      await tunnel.one.device.set(`fwmark ${MARK}`);
      expect(await tunnel.one.device.show('fwmark')).toEqual([['0xca6c']]);
      const sniffer = await Sniffer.start(sandbox, 'r', 'r1');
      for (const to of Object.values(FAR))
        expect(await answers(sandbox, { netns: 'n1', to, count: 50 })).toBe(true);
      // From the router: a ping of `n1` would go through the tunnel.
      await settle(sandbox, [sniffer], { netns: 'r', to: '192.168.1.100' });
      const ports = sniffer.packets().flatMap((packet) => udpPortsOf(packet) ?? []);
      const { one, two } = tunnel;
      const sent = ports.filter(({ source }) => source === one.port);
      expect(sent.length).toBeGreaterThan(50);
      expect(sent.every(({ destination }) => destination === two.port)).toBe(true);
      const addresses = sniffer.packets().map((packet) => packet.toString('latin1'));
      for (const far of [Buffer.from([192, 168, 99, 7]).toString('latin1'), '\xfd\x99'])
        expect(addresses.some((packet) => packet.slice(0, 40).includes(far))).toBe(false);
    });

  it('needs the mark: without it the device’s own datagrams come back to it, and nothing arrives', async () => {
    await tunnel.one.device.set('fwmark 0');
    const before = tunnel.one.device.process.cpuSeconds();
    expect(await answers(sandbox, { netns: 'n1', to: FAR[4], count: 3, waitSeconds: 1, atOnce: true })).toBe(
      false,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(tunnel.one.device.process.cpuSeconds() - before).toBeLessThan(1);
    await tunnel.one.device.set(`fwmark ${MARK}`);
    expect(await answers(sandbox, { netns: 'n1', to: FAR[4] })).toBe(true);
  });
});
