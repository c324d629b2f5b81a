/** Handshakes are marked AF41 for the network between, as the kernel's are; what members send is not told. */
import { expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { settle, Sniffer, udpPortsOf } from './support/sniffer.ts';
import { openTunnel, useOuterFamily } from './support/tunnel.ts';

const AF41 = 0x88;
const EF = 0xb8;
const UDP_HEADER_BYTES = 8;
const TRANSPORT = 4;

describeOnEachPath('a marked handshake', ['tcpdump'], (path) => {
  for (const family of [4, 6] as const)
    it(`is AF41 over IPv${family}, and data carries no mark of what is inside`, async () => {
      await using sandbox = await Sandbox.open();
      const tunnel = await openTunnel(sandbox, path);
      const sniffer = await Sniffer.start(sandbox, 'n1', 'v1');
      await useOuterFamily(tunnel, family);
      await sandbox.must(['ping', '-c', '3', '-i', '0.1', '-W', '10', '-Q', String(EF), '10.9.0.2'], {
        netns: 'n1',
      });
      await settle(sandbox, [sniffer], { netns: 'n1', to: '192.168.9.2' });
      const ports = [tunnel.one.port, tunnel.two.port];
      const seen = sniffer.packets().filter((packet) => {
        const found = udpPortsOf(packet);
        return found !== undefined && ports.includes(found.source) && packet[0]! >> 4 === family;
      });
      const classes = (isData: boolean) => [
        ...new Set(seen.filter((packet) => (messageType(packet) === TRANSPORT) === isData).map(trafficClass)),
      ];
      expect(classes(true)).toEqual([0]);
      expect(classes(false)).toEqual([AF41]);
    });
});

function messageType(packet: Buffer): number {
  const header = packet[0]! >> 4 === 4 ? (packet[0]! & 15) * 4 : 40;
  return packet[header + UDP_HEADER_BYTES]!;
}

function trafficClass(packet: Buffer): number {
  return packet[0]! >> 4 === 4 ? packet[1]! : ((packet[0]! & 15) << 4) | (packet[1]! >> 4);
}
