/** Cookies of both sides, and how long they live. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { CookieChecker } from '../../src/core/noise/cookie-checker.ts';
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { parseMessageCookieReply } from '../../src/core/noise/messages.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';

const from = udpEndpoint('192.0.2.1' as IpAddress, 4_000);
const publicKey = crypto.publicKey(new Uint8Array(32).fill(9));

function newPair() {
  const checker = new CookieChecker({ crypto, random: seededRandom(3).bytes }, publicKey);
  const generator = new CookieGenerator(crypto, publicKey);
  const message = new Uint8Array(148).fill(1);
  const send = (nowMs: number) => {
    message.fill(0, 116);
    generator.writeMacs(message, nowMs);
    return message;
  };
  const reply = (nowMs: number, to = from) =>
    parseMessageCookieReply(checker.createReply(message, to, nowMs))!;
  return { checker, generator, send, reply };
}

describe('cookies', () => {
  it('make mac1 right from the first message on, and mac2 after a cookie reply', () => {
    const { checker, generator, send, reply } = newPair();
    expect(checker.checkMac1(send(0))).toBe(true);
    expect(checker.checkMac2(send(0), from, 0)).toBe(false);
    expect(generator.acceptReply(reply(0), 0)).toBe(true);
    expect(checker.checkMac1(send(0))).toBe(true);
    expect(checker.checkMac2(send(0), from, 0)).toBe(true);
  });

  it('are used for 115 s, so that none arrives that is no longer honoured', () => {
    const { generator, send, reply } = newPair();
    send(0);
    generator.acceptReply(reply(0), 0);
    const hasMac2 = (nowMs: number) =>
      send(nowMs)
        .subarray(132)
        .some((byte) => byte !== 0);
    expect([hasMac2(114_999), hasMac2(115_000)]).toEqual([true, false]);
  });

  it('are honoured for 120 s, then another secret is drawn', () => {
    const { checker, generator, send, reply } = newPair();
    send(0);
    generator.acceptReply(reply(0), 0);
    const message = new Uint8Array(send(0));
    expect(checker.checkMac2(message, from, 119_999)).toBe(true);
    expect(checker.checkMac2(message, from, 120_000)).toBe(false);
    reply(120_000);
    expect(checker.checkMac2(message, from, 120_000)).toBe(false);
  });

  it('are taken only as an answer to the last message, and once', () => {
    const { generator, send, reply } = newPair();
    expect(generator.acceptReply(reply(0), 0)).toBe(false);
    send(0);
    const first = reply(0);
    const forged = { ...first, encryptedCookie: first.encryptedCookie.map((byte) => byte ^ 1) };
    expect(generator.acceptReply(forged, 0)).toBe(false);
    expect(generator.acceptReply(first, 0)).toBe(true);
    expect(generator.acceptReply(first, 0)).toBe(false);
  });

  it('change with every reply on the wire, and are smaller than what they answer', () => {
    const { checker, send } = newPair();
    const message = send(0);
    const [a, b] = [checker.createReply(message, from, 0), checker.createReply(message, from, 0)];
    expect(a).not.toEqual(b);
    expect(a.length).toBeLessThan(92);
  });
});
