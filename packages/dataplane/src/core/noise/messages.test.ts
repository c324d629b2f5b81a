import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  messageKind,
  parseMessageCookieReply,
  parseMessageInitiation,
  parseMessageResponse,
  parseMessageTransport,
  writeMessageCookieReply,
  writeMessageInitiation,
  writeMessageResponse,
  writeTransportHeader,
} from './messages.ts';

const index = fc.nat(0xffff_ffff);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('messages', () => {
  it.each([
    { name: 'an initiation', type: 1, length: 148, kind: 'initiation' },
    { name: 'an initiation that is too short', type: 1, length: 147, kind: undefined },
    { name: 'an initiation that is too long', type: 1, length: 149, kind: undefined },
    { name: 'a response', type: 2, length: 92, kind: 'response' },
    { name: 'a response that is too long', type: 2, length: 93, kind: undefined },
    { name: 'a cookie reply', type: 3, length: 64, kind: 'cookie-reply' },
    { name: 'a cookie reply that is too short', type: 3, length: 63, kind: undefined },
    { name: 'a keepalive', type: 4, length: 32, kind: 'transport' },
    { name: 'data that is too short for its tag', type: 4, length: 31, kind: undefined },
    { name: 'the longest data', type: 4, length: 65_507, kind: 'transport' },
    { name: 'type 0', type: 0, length: 148, kind: undefined },
    { name: 'type 5', type: 5, length: 148, kind: undefined },
  ])('tells $name by type and length', ({ type, length, kind }) => {
    const datagram = new Uint8Array(length);
    datagram[0] = type;
    expect(messageKind(datagram)).toBe(kind);
    datagram[3] = 1;
    expect(messageKind(datagram)).toBeUndefined();
  });

  it('reads back what it wrote', () => {
    const initiation = fc.record({
      sender: index,
      ephemeral: bytes(32),
      encryptedStatic: bytes(48),
      encryptedTimestamp: bytes(28),
    });
    const response = fc.record({
      sender: index,
      receiver: index,
      ephemeral: bytes(32),
      encryptedNothing: bytes(16),
    });
    const reply = fc.record({ receiver: index, nonce: bytes(24), encryptedCookie: bytes(32) });
    fc.assert(
      fc.property(initiation, response, reply, fc.bigInt(0n, 2n ** 64n - 1n), (i, r, c, counter) => {
        const dst = new Uint8Array(148);
        expect(parseMessageInitiation(dst.subarray(0, writeMessageInitiation(i, dst)))).toEqual(i);
        expect(parseMessageResponse(dst.subarray(0, writeMessageResponse(r, dst)))).toEqual(r);
        expect(parseMessageCookieReply(dst.subarray(0, writeMessageCookieReply(c, dst)))).toEqual(c);
        expect(writeTransportHeader(r.receiver, counter, dst)).toBe(16);
        expect(parseMessageTransport(dst.subarray(0, 40))).toMatchObject({ receiver: r.receiver, counter });
      }),
    );
  });

  it('throws on no bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (datagram) => {
        messageKind(datagram);
        parseMessageInitiation(datagram);
        parseMessageResponse(datagram);
        parseMessageCookieReply(datagram);
        parseMessageTransport(datagram);
      }),
      { numRuns: 5_000 },
    );
  });
});
