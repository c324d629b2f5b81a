/** Nothing longer than the underlay takes, padding included: nothing is fragmented outside of the tunnel. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { peerMtuBytes } from '../../src/agent/compile/domain-mtu.ts';
import type { NodeDomain } from '../../src/agent/compile/node-domains.ts';
import { Sandbox } from '../support/sandbox.ts';
import { startDevice } from './support/device.ts';
import { answers, echo } from './support/echo.ts';
import { startIperf, transfers } from './support/iperf.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { isFragment, lengthOf, settle, Sniffer } from './support/sniffer.ts';
import {
  openTunnelFrom,
  setDeviceMtu,
  setUnderlayMtu,
  useOuterFamily,
  type Tunnel,
} from './support/tunnel.ts';

/** IP, UDP, header and tag of a transport message. */
const OVERHEAD_BYTES = { 4: 60, 6: 80 } as const;
const UNDERLAY_MTU_BYTES = 1_500;

describeOnEachPath('the underlay', ['tcpdump', 'iperf3'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    // One datagram, one packet: what the kernel segments later or has merged already is longer.
    const start: typeof startDevice = (own, options) =>
      startDevice(own, { ...options, withoutOffloads: 'no-udp-gso,no-udp-gro' });
    tunnel = await openTunnelFrom(sandbox, path, start, start);
    await startIperf(sandbox, 'n2');
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** Lengths of packets that passed the cable during something, in both directions; pieces are an error. */
  async function passed(during: () => Promise<void>): Promise<number[]> {
    const sniffer = await Sniffer.start(sandbox, 'n1', 'v1');
    await during();
    await settle(sandbox, [sniffer], { netns: 'n1', to: '192.168.9.2' });
    const packets = sniffer.packets();
    expect(packets.filter(isFragment)).toEqual([]);
    return packets.map(lengthOf);
  }

  for (const outer of [4, 6] as const) {
    it(`takes full-sized packets over IPv${outer}, whatever their padding`, async () => {
      const mtuBytes = 1_300;
      await useOuterFamily(tunnel, outer);
      await setDeviceMtu(tunnel, mtuBytes);
      await setUnderlayMtu(tunnel, mtuBytes + OVERHEAD_BYTES[outer]);
      const lengths = await passed(() => echoes(mtuBytes));
      expect(Math.max(...lengths)).toBe(mtuBytes + OVERHEAD_BYTES[outer]);
    });

    it(`takes full-sized packets of a route with a smaller MTU than the device over IPv${outer}`, async () => {
      await useOuterFamily(tunnel, outer);
      await setUnderlayMtu(tunnel, UNDERLAY_MTU_BYTES);
      await setDeviceMtu(tunnel, 8_920);
      const mtuBytes = routeMtuBytes();
      for (const [n, far] of [
        [1, 2],
        [2, 1],
      ])
        await sandbox.ip(`
          -n n${n} route replace 10.9.0.${far}/32 dev wg${n} mtu ${mtuBytes}
          -n n${n} -6 route replace fd10::${far}/128 dev wg${n} mtu ${mtuBytes}`);
      const lengths = await passed(async () => {
        await echoes(mtuBytes);
        await transfers(sandbox, { from: 'n1', to: 'fd10::2', protocol: 'tcp' });
      });
      expect(Math.max(...lengths)).toBeGreaterThan(UNDERLAY_MTU_BYTES - 40);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(UNDERLAY_MTU_BYTES);
      for (const n of [1, 2])
        await sandbox.ip(`
          -n n${n} route del 10.9.0.${3 - n}/32 dev wg${n}
          -n n${n} -6 route del fd10::${3 - n}/128 dev wg${n}`);
    });
  }

  it('sees longer packets cut inside of the tunnel', async () => {
    await useOuterFamily(tunnel, 4);
    await setDeviceMtu(tunnel, 1_420);
    await setUnderlayMtu(tunnel, 1_480);
    const lengths = await passed(async () => {
      for (const to of ['10.9.0.2', 'fd10::2'])
        expect(await echo(sandbox, { netns: 'n1', to, packetBytes: 5_000, count: 3 })).toMatchObject({
          isAnswered: true,
        });
      const { isAnswered, text } = await echo(sandbox, {
        netns: 'n1',
        to: '10.9.0.2',
        packetBytes: 1_421,
        dontFragment: true,
      });
      expect(isAnswered).toBe(false);
      expect(text).toContain('message too long, mtu=1420');
    });
    expect(Math.max(...lengths)).toBe(1_480);
  });

  it('fragments what is longer than it takes, where the device’s MTU is too large, and loses nothing', async () => {
    await useOuterFamily(tunnel, 4);
    await setDeviceMtu(tunnel, 1_420);
    await setUnderlayMtu(tunnel, 1_400);
    expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2', packetBytes: 1_420, count: 3 })).toBe(true);
    await setUnderlayMtu(tunnel, UNDERLAY_MTU_BYTES);
  });

  /** Echo requests of both families, with every padding there is, up to full size. */
  async function echoes(mtuBytes: number): Promise<void> {
    const lengths = Array.from({ length: 17 }, (_, i) => mtuBytes - i);
    const ways = lengths.flatMap((packetBytes) =>
      ['10.9.0.2', 'fd10::2'].map((to) => ({ netns: 'n1', to, packetBytes, dontFragment: true })),
    );
    for (let i = 0; i < ways.length; i += 6) {
      const answered = await Promise.all(ways.slice(i, i + 6).map((way) => answers(sandbox, way)));
      expect(answered.every(Boolean)).toBe(true);
    }
  }
});

/** MTU of the route from a node with jumbo frames to one without, as agents set it. */
function routeMtuBytes(): number {
  const domain = { prefixes: ['10.9.0.0/24', 'fd10::/64'], domain: { spec: {} } } as unknown as NodeDomain;
  const underlay = [{ interfaceName: 'v1', address: '192.168.9.1' as IpAddress, mtuBytes: 9_000 }];
  return peerMtuBytes(domain, underlay, UNDERLAY_MTU_BYTES);
}
