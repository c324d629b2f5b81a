import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { udpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { Libc } from '../linux/tun-libc.ts';
import { SegmentedSender } from './segmented-sender.ts';

const FD = 7;
const ENDPOINTS = [
  udpEndpoint('192.0.2.1' as IpAddress, 5_000),
  udpEndpoint('192.0.2.1' as IpAddress, 5_001),
  udpEndpoint('192.0.2.9' as IpAddress, 5_000),
];

interface Sent {
  readonly port: number;
  readonly lastByteOfAddress: number;
  readonly bytes: Uint8Array;
}

/** A socket as Linux has it: `UDP_SEGMENT` cuts what is longer, and at most 64 pieces go at once. */
class Socket {
  readonly sent: Sent[] = [];
  nCalls = 0;
  #cutsInto = 0;
  readonly #takesOption: boolean;
  readonly #takesMany: (nth: number) => boolean;

  constructor(takesOption = true, takesMany: (nth: number) => boolean = () => true) {
    this.#takesOption = takesOption;
    this.#takesMany = takesMany;
  }

  readonly libc = {
    setsockopt: (_fd: number, level: number, option: number, value: Uint8Array) => {
      expect([level, option]).toEqual([17, 103]);
      if (!this.#takesOption) return -1;
      this.#cutsInto = new DataView(value.buffer).getInt32(0, true);
      return 0;
    },
    sendto: (fd: number, src: Uint8Array, length: number, _flags: number, address: Uint8Array) => {
      expect([fd, src.length]).toEqual([FD, length]);
      if (this.#cut(src).length > 64) throw new Error('EINVAL');
      if (!this.#takesMany(this.nCalls++)) return -1;
      for (const piece of this.#cut(src)) this.sent.push(sent(address, piece));
      return length;
    },
  } as unknown as Libc;

  /** What others send through the same socket is cut as well. */
  sendAlone(to: UdpEndpoint, bytes: Uint8Array): void {
    for (const piece of this.#cut(bytes)) this.sent.push(asSent(to, piece));
  }

  #cut(bytes: Uint8Array): Uint8Array[] {
    const pieceBytes = this.#cutsInto === 0 ? bytes.length : this.#cutsInto;
    const n = Math.ceil(bytes.length / pieceBytes);
    return Array.from({ length: n }, (_, i) => bytes.slice(i * pieceBytes, (i + 1) * pieceBytes));
  }
}

function sent(address: Uint8Array, bytes: Uint8Array): Sent {
  return { port: new DataView(address.buffer).getUint16(2), lastByteOfAddress: address[7]!, bytes };
}

function asSent(to: UdpEndpoint, bytes: Uint8Array): Sent {
  return { port: to.port, lastByteOfAddress: Number(to.address.split('.')[3]), bytes };
}

const datagrams = fc.array(
  fc.record({
    to: fc.constantFrom(...ENDPOINTS),
    isOthers: fc.boolean(),
    length: fc.oneof(
      fc.constant(1_452),
      fc.constantFrom(96, 1_451, 1_453),
      fc.integer({ min: 1, max: 40_000 }),
    ),
  }),
  { maxLength: 200 },
);

describe('datagrams that leave many at a time', () => {
  it('arrive as they were given, in order, whatever their lengths and endpoints, also where the kernel refuses some', () => {
    fc.assert(
      fc.property(datagrams, fc.boolean(), fc.func(fc.boolean()), (given, takesOption, takesMany) => {
        const socket = new Socket(takesOption, takesMany);
        const sender = new SegmentedSender(socket.libc, FD, 4, (to, alone) => {
          for (const bytes of alone) socket.sendAlone(to, bytes);
        });
        const expected = given.map(({ to, length }, n) => asSent(to, new Uint8Array(length).fill(n)));
        for (const [n, { to, length, isOthers }] of given.entries()) {
          const bytes = new Uint8Array(length).fill(n);
          if (isOthers) {
            sender.release();
            socket.sendAlone(to, bytes);
          } else sender.send(to, bytes);
          bytes.fill(255);
        }
        sender.flush();
        expect(socket.sent).toEqual(expected);
      }),
    );
  });

  it('need one call for as many of one length as fit into 64 KiB, and a shorter one after them', () => {
    const socket = new Socket();
    const sender = new SegmentedSender(socket.libc, FD, 4, () => expect.fail('sent alone'));
    for (let n = 0; n < 44; n++) sender.send(ENDPOINTS[0]!, new Uint8Array(1_452).fill(n));
    sender.send(ENDPOINTS[0]!, new Uint8Array(96));
    sender.flush();
    expect([socket.nCalls, socket.sent.length]).toEqual([1, 45]);
  });

  it('leave by themselves when the turn ends', async () => {
    const socket = new Socket();
    const sender = new SegmentedSender(socket.libc, FD, 4, () => expect.fail('sent alone'));
    sender.send(ENDPOINTS[0]!, Uint8Array.of(1));
    sender.send(ENDPOINTS[0]!, Uint8Array.of(2));
    expect(socket.sent).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.sent.map(({ bytes }) => bytes[0])).toEqual([1, 2]);
  });
});
