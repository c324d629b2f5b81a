/** What goes through the tunnel is not to be seen on the underlay, at either end. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { exchangePattern, newPattern, startPatternServer } from './support/pattern.ts';
import { settle, Sniffer, udpPortsOf } from './support/sniffer.ts';
import { openTunnel, useOuterFamily, type Tunnel } from './support/tunnel.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;

describeOnEachPath('the underlay', ['tcpdump'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
    await startPatternServer(sandbox, 'n2');
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** Sends a pattern to an address of `n2` and gives what both ends of the cable saw meanwhile. */
  async function sniffed(to: string, pattern: Buffer): Promise<readonly Buffer[][]> {
    const sniffers = await Promise.all([
      Sniffer.start(sandbox, 'n1', 'v1'),
      Sniffer.start(sandbox, 'n2', 'v2'),
    ]);
    await exchangePattern(sandbox, { netns: 'n1', to, pattern });
    await settle(sandbox, sniffers, { netns: 'n1', to: '192.168.9.2' });
    return sniffers.map((sniffer) => sniffer.packets());
  }

  it('shows the pattern where it is sent outside of the tunnel, in TCP, UDP and ICMP: this check can see', async () => {
    const pattern = newPattern();
    for (const packets of await sniffed('192.168.9.2', pattern)) {
      const showing = packets.filter((packet) => packet.includes(pattern));
      const protocols = new Set(showing.map((packet) => packet[9]!));
      expect([...protocols].toSorted((a, b) => a - b)).toEqual([ICMP, TCP, UDP]);
    }
  });

  for (const outer of [4, 6] as const)
    for (const to of ['10.9.0.2', 'fd10::2'])
      it(`shows neither the pattern nor an inner address when it is sent through the tunnel to ${to}, over IPv${outer}`, async () => {
        await useOuterFamily(tunnel, outer);
        const pattern = newPattern();
        const ports = [tunnel.one.port, tunnel.two.port];
        for (const packets of await sniffed(to, pattern)) {
          expect(packets.filter((packet) => packet.includes(pattern.subarray(0, 8)))).toEqual([]);
          expect(packets.filter((packet) => packet.includes(innerAddress(to)))).toEqual([]);
          const carried = packets
            .map(udpPortsOf)
            .filter((found) => found !== undefined && ports.includes(found.source));
          expect(carried.length).toBeGreaterThan(6);
        }
      });
});

function innerAddress(to: string): Buffer {
  if (to.includes(':')) return Buffer.from('fd10' + '0'.repeat(27) + '2', 'hex');
  return Buffer.from([10, 9, 0, 2]);
}
