/** A tunnel through network address translation that forgets after two seconds. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { startDevice } from './support/device.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { joinThroughRouter, loadRules, ROUTED, setSysctls } from './support/routed.ts';
import { makeEnds, pair, type Tunnel } from './support/tunnel.ts';

const FORGETS_AFTER_SECONDS = 2;
const NAT = `
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "r2" masquerade
  }
}`;

describeOnEachPath('a peer behind address translation', ['nft', 'sysctl'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    await joinThroughRouter(sandbox);
    await loadRules(sandbox, 'r', NAT);
    await setSysctls(sandbox, 'r', {
      'net.netfilter.nf_conntrack_udp_timeout': FORGETS_AFTER_SECONDS,
      'net.netfilter.nf_conntrack_udp_timeout_stream': FORGETS_AFTER_SECONDS,
    });
    tunnel = await makeEnds(sandbox, path, startDevice);
    await pair(tunnel, ({ n, port }) => (n === 2 ? `${ROUTED.two[4]}:${port}` : undefined));
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  const ping = (netns: 'n1' | 'n2', waitSeconds = 20) =>
    answers(sandbox, { netns, to: netns === 'n1' ? '10.9.0.2' : '10.9.0.1', waitSeconds });

  /** Waits until the translator has forgotten the binding; the tunnel is idle meanwhile. */
  const untilForgotten = () =>
    new Promise((resolve) => setTimeout(resolve, (FORGETS_AFTER_SECONDS + 1.5) * 1_000));

  it('is seen at the address of the translator, and answered there', async () => {
    const { one, two } = tunnel;
    expect(await ping('n1')).toBe(true);
    expect(await two.device.endpointOf(one.keys)).toMatch(/^10\.0\.0\.1:\d+$/);
    expect(await ping('n2')).toBe(true);
  });

  it('stays within reach while it sends keepalives every second', async () => {
    const { one, two } = tunnel;
    await one.device.set(`peer ${two.keys.publicKey} persistent-keepalive 1`);
    expect(await ping('n1')).toBe(true);
    const before = await two.device.transferOf(one.keys);
    await untilForgotten();
    expect(await ping('n2')).toBe(true);
    const after = await two.device.transferOf(one.keys);
    expect(after.rxBytes - before.rxBytes).toBeGreaterThan(2 * 32);
  });

  it('is lost without keepalives, until it speaks itself', async () => {
    const { one, two } = tunnel;
    await one.device.set(`peer ${two.keys.publicKey} persistent-keepalive 0`);
    expect(await ping('n1')).toBe(true);
    await untilForgotten();
    expect(await ping('n2', 1)).toBe(false);
    expect(await ping('n1')).toBe(true);
    expect(await ping('n2')).toBe(true);
  });

  it('is followed when the translator gives it another port', async () => {
    const { one, two } = tunnel;
    expect(await ping('n1')).toBe(true);
    const before = await two.device.endpointOf(one.keys);
    await loadRules(
      sandbox,
      'r',
      'flush chain ip nat postrouting\nadd rule ip nat postrouting oifname "r2" udp sport 1-65535 masquerade to :40000-40999',
    );
    await untilForgotten();
    expect(await ping('n1')).toBe(true);
    const after = await two.device.endpointOf(one.keys);
    expect(after).toMatch(/^10\.0\.0\.1:40\d{3}$/);
    expect(after).not.toBe(before);
    expect(await ping('n2')).toBe(true);
  });
});
