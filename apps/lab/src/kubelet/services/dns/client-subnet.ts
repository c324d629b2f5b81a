import { decode, encode } from 'dns-packet';
import type { Packet } from 'dns-packet';

const ECS_OPTION = 8;
const UDP_PAYLOAD_BYTES = 1232;

/** A query with the client's own address in it (RFC 7871 §6, IPv4, /32), in place of any that it came with. */
export function withClientSubnet(query: Buffer, clientAddress: string): Buffer {
  const packet = decode(query);
  const others = (packet.additionals ?? []).filter(({ type }) => type !== 'OPT');
  const data = Buffer.from([0, 1, 32, 0, ...clientAddress.split('.').map(Number)]);
  const additional = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: UDP_PAYLOAD_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [{ code: ECS_OPTION, data }],
  };
  return encode({ ...packet, type: 'query', additionals: [...others, additional] } as unknown as Packet);
}
