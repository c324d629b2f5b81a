/** What passes an interface, byte for byte. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { until, type Sandbox } from '../../support/sandbox.ts';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_HEADER_BYTES = 14;
const LINK_ETHERNET = 1;
const IPV6_FRAGMENT_HEADER = 44;

export class Sniffer {
  #bytes: Buffer = Buffer.alloc(0);

  /** Listens from now on; ends with the sandbox. */
  static async start(sandbox: Sandbox, netns: string, device: string): Promise<Sniffer> {
    const sniffer = new Sniffer();
    const command = ['tcpdump', '-i', device, '-n', '-p', '-U', '--immediate-mode', '-w', '-'];
    const child = sandbox.start(command, { netns });
    child.stdout!.on('data', (chunk: Buffer) => (sniffer.#bytes = Buffer.concat([sniffer.#bytes, chunk])));
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('listening on')) await once(child.stderr!, 'data');
    return sniffer;
  }

  /** IP packets seen so far, in order. */
  packets(): Buffer[] {
    const packets: Buffer[] = [];
    if (this.#bytes.length < FILE_HEADER_BYTES) return packets;
    const hasEthernet = this.#bytes.readUInt32LE(20) === LINK_ETHERNET;
    for (let at = FILE_HEADER_BYTES; at + RECORD_HEADER_BYTES <= this.#bytes.length;) {
      const length = this.#bytes.readUInt32LE(at + 8);
      const start = at + RECORD_HEADER_BYTES;
      if (start + length > this.#bytes.length) break;
      packets.push(this.#bytes.subarray(start + (hasEthernet ? ETHERNET_HEADER_BYTES : 0), start + length));
      at = start + length;
    }
    return packets.filter((packet) => isIp(packet));
  }

  /** Everything seen so far, headers of the capture included. */
  bytes(): Buffer {
    return this.#bytes;
  }
}

/** Waits until sniffers have seen all that was sent before: a last echo request, in clear, passes them. */
export async function settle(
  sandbox: Sandbox,
  sniffers: readonly Sniffer[],
  last: { netns: string; to: string },
): Promise<void> {
  const mark = randomBytes(16);
  await sandbox.must(['ping', '-c', '1', '-W', '20', '-p', mark.toString('hex'), last.to], {
    netns: last.netns,
  });
  await until('the sniffers have caught up', () =>
    sniffers.every((sniffer) => sniffer.bytes().includes(mark)),
  );
}

/** Length of an IP packet as its header has it. */
export function lengthOf(packet: Buffer): number {
  return packet[0]! >> 4 === 4 ? packet.readUInt16BE(2) : packet.readUInt16BE(4) + 40;
}

/** Whether a packet is a piece of another one. */
export function isFragment(packet: Buffer): boolean {
  return packet[0]! >> 4 === 4 ? (packet.readUInt16BE(6) & 0x3fff) !== 0 : packet[6] === IPV6_FRAGMENT_HEADER;
}

/** UDP ports of a packet that is whole; nothing for another one. */
export function udpPortsOf(
  packet: Buffer,
): { readonly source: number; readonly destination: number } | undefined {
  const isIpv4 = packet[0]! >> 4 === 4;
  const offset = isIpv4 ? (packet[0]! & 15) * 4 : 40;
  if (packet[isIpv4 ? 9 : 6] !== 17 || isFragment(packet)) return undefined;
  return { source: packet.readUInt16BE(offset), destination: packet.readUInt16BE(offset + 2) };
}

function isIp(packet: Buffer): boolean {
  const version = (packet[0] ?? 0) >> 4;
  return (version === 4 && packet.length >= 20) || (version === 6 && packet.length >= 40);
}
