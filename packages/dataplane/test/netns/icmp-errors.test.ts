/** ICMP errors about packets of the tunnel reach whoever sent them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { Sandbox } from '../support/sandbox.ts';
import { startForwarderDevice, type DeviceOptions, type ForwarderDevice } from './support/device.ts';
import { answers, echo } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { loadRules, setSysctls } from './support/routed.ts';
import { openTunnelFrom, type Tunnel } from './support/tunnel.ts';

/** The device's own errors come from here. */
const ROUTER = { 4: '10.9.0.254', 6: 'fd10::fe' } as const;
/** Hosts behind the ends. */
const HOST = { 4: ['10.21.0.2', '10.22.0.2'], 6: ['fd21::2', 'fd22::2'] } as const;
/** Routed to the tunnel, where no peer has it. */
const NOBODY = { 4: '10.9.0.99', 6: 'fd10::99' } as const;
const SEND_UDP = `
const socket = require('dgram').createSocket(process.argv[1].includes(':') ? 'udp6' : 'udp4');
socket.on('error', (error) => { console.log(error.code); process.exit(); });
socket.on('message', () => { console.log('answered'); process.exit(); });
socket.connect(9, process.argv[1], () => {
  socket.send('anybody?');
  setInterval(() => socket.send('anybody?'), 500);
});
setTimeout(() => { console.log('silence'); process.exit(); }, 10_000);
`;

describeOnEachPath('the sender within a tunnel is told', ['nft', 'sysctl'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel<ForwarderDevice>;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    const start = (own: Sandbox, options: DeviceOptions) =>
      startForwarderDevice(own, options, Object.values(ROUTER) as IpAddress[]);
    tunnel = await openTunnelFrom(sandbox, path, start);
    await addHosts(tunnel);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  for (const family of [4, 6] as const) {
    const [, far] = HOST[family];

    it(`that nobody listens at a port of IPv${family}`, async () => {
      expect(await answers(sandbox, { netns: 'h1', to: far })).toBe(true);
      for (const [netns, to] of [
        ['h1', far],
        ['h2', HOST[family][0]],
        ['n1', family === 4 ? '10.9.0.2' : 'fd10::2'],
      ] as const)
        expect(await sandbox.must([process.execPath, '-e', SEND_UDP, to], { netns })).toBe('ECONNREFUSED\n');
    });

    it(`that a link behind the far end takes less, in IPv${family}`, async () => {
      const { isAnswered, text } = await echo(sandbox, {
        netns: 'h1',
        to: far,
        packetBytes: 1_380,
        dontFragment: true,
        waitSeconds: 5,
      });
      expect(isAnswered).toBe(false);
      expect(text).toMatch(family === 4 ? /From 10\.9\.0\.2 .*mtu = 1300/ : /From fd10::2 .*mtu[=:] ?1300/);
      expect(await answers(sandbox, { netns: 'h1', to: far, packetBytes: 1_300, dontFragment: true })).toBe(
        true,
      );
    });

    it(`that the tunnel takes less than its own link, in IPv${family}`, async () => {
      const too = { netns: 'h1', to: far, packetBytes: 1_500, dontFragment: true, waitSeconds: 5 };
      const { text } = await echo(sandbox, { ...too, to: family === 4 ? '10.9.0.2' : 'fd10::2' });
      expect(text).toMatch(family === 4 ? /From 10\.21\.0\.1 .*mtu = 1420/ : /From fd21::1 .*mtu[=:] ?1420/);
    });

    it(`that an IPv${family} packet has taken too many hops, on this side and on the other`, async () => {
      const near = await echo(sandbox, { netns: 'h1', to: far, hopLimit: 1, waitSeconds: 5 });
      const beyond = await echo(sandbox, { netns: 'h1', to: far, hopLimit: 2, waitSeconds: 5 });
      for (const [text, from] of [
        [near.text, family === 4 ? '10.21.0.1' : 'fd21::1'],
        [beyond.text, family === 4 ? '10.9.0.2' : 'fd10::2'],
      ] as const) {
        expect(text).toContain(`From ${from} `);
        expect(text).toMatch(family === 4 ? /Time to live exceeded/ : /Hop limit/);
      }
      expect(await answers(sandbox, { netns: 'h1', to: far, hopLimit: 3 })).toBe(true);
    });

    it(`by the device itself that no peer has an IPv${family} address`, async () => {
      for (const netns of ['n1', 'h1']) {
        const { text } = await echo(sandbox, { netns, to: NOBODY[family], waitSeconds: 5 });
        expect(text).toContain(`From ${ROUTER[family]} `);
        expect(text).toMatch(/Destination Host Unreachable|Address unreachable|No route/);
      }
    });
  }

  it('along the way that it came, where its address was translated before the tunnel', async () => {
    await loadRules(
      sandbox,
      'n1',
      'table ip nat {\nchain out {\ntype nat hook postrouting priority srcnat\noifname "wg1" masquerade\n}\n}',
    );
    expect(await answers(sandbox, { netns: 'h1', to: '10.9.0.2' })).toBe(true);
    const { text } = await echo(sandbox, { netns: 'h1', to: NOBODY[4], waitSeconds: 5 });
    expect(text).toContain(`From ${ROUTER[4]} `);
    expect(text).toContain('Destination Host Unreachable');
    await sandbox.must(['nft', 'delete', 'table', 'ip', 'nat'], { netns: 'n1' });
  });
});

/** Hosts `h1` and `h2` behind the ends; the cable of `h2` takes 1300 bytes. */
async function addHosts({ sandbox, one, two }: Tunnel): Promise<void> {
  for (const n of [1, 2] as const) {
    await sandbox.ip(`
      netns add h${n}
      link add c${n} netns n${n} type veth peer name h${n} netns h${n}
      -n n${n} addr add 10.2${n}.0.1/24 dev c${n}
      -n n${n} addr add fd2${n}::1/64 dev c${n} nodad
      -n h${n} addr add 10.2${n}.0.2/24 dev h${n}
      -n h${n} addr add fd2${n}::2/64 dev h${n} nodad
      -n n${n} link set c${n} up
      -n h${n} link set h${n} up
      -n h${n} route add default via 10.2${n}.0.1
      -n h${n} -6 route add default via fd2${n}::1`);
    await setSysctls(sandbox, `n${n}`, {
      'net.ipv4.ip_forward': 1,
      'net.ipv6.conf.all.forwarding': 1,
      // Errors are not to be held back because there were others a moment ago.
      'net.ipv4.icmp_ratelimit': 0,
      'net.ipv6.icmp.ratelimit': 0,
    });
  }
  await sandbox.ip('-n n2 link set c2 mtu 1300\n-n h2 link set h2 mtu 1300');
  for (const [self, peer] of [
    [one, two],
    [two, one],
  ] as const) {
    const networks = `10.2${peer.n}.0.0/24,fd2${peer.n}::/64`;
    await self.device.set(
      `peer ${peer.keys.publicKey} allowed-ips 10.9.0.${peer.n}/32,fd10::${peer.n}/128,${networks}`,
    );
    await sandbox.ip(`
      -n n${self.n} route add 10.2${peer.n}.0.0/24 dev wg${self.n}
      -n n${self.n} -6 route add fd2${peer.n}::/64 dev wg${self.n}`);
  }
}
