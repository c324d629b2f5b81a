/** The constants of the WireGuard paper and of its implementations: one test for each, with its value written out. */
import { describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import * as constants from '../../src/core/noise/constants.ts';
import { CookieChecker } from '../../src/core/noise/cookie-checker.ts';
import { publicKeyBytes } from '../../src/core/noise/keys.ts';
import { messageKind } from '../../src/core/noise/messages.ts';
import { LoadMeter } from '../../src/core/peer/load-meter.ts';
import { rekeyJitterMs } from '../../src/core/peer/peer-timers.ts';
import { SourceLimiter } from '../../src/core/peer/source-limiter.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { udpPacket } from './packets.ts';
import { World } from './world.ts';

/** What the other tests measure by name, written out once. */
const VALUES: readonly (readonly [string, unknown, unknown])[] = [
  ['construction', constants.CONSTRUCTION, 'Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s'],
  ['identifier', constants.IDENTIFIER, 'WireGuard v1 zx2c4 Jason@zx2c4.com'],
  ['label of mac1', constants.LABEL_MAC1, 'mac1----'],
  ['label of cookies', constants.LABEL_COOKIE, 'cookie--'],
  ['REKEY_AFTER_MESSAGES', constants.REKEY_AFTER_MESSAGES, 1_152_921_504_606_846_976n],
  ['REJECT_AFTER_MESSAGES', constants.REJECT_AFTER_MESSAGES, 18_446_744_073_709_543_423n],
  ['REKEY_AFTER_TIME', constants.REKEY_AFTER_TIME_MS, 120_000],
  ['REJECT_AFTER_TIME', constants.REJECT_AFTER_TIME_MS, 180_000],
  ['REKEY_TIMEOUT', constants.REKEY_TIMEOUT_MS, 5_000],
  ['REKEY_ATTEMPT_TIME', constants.MAX_TIMER_HANDSHAKES * constants.REKEY_TIMEOUT_MS, 90_000],
  ['MAX_TIMER_HANDSHAKES', constants.MAX_TIMER_HANDSHAKES, 18],
  ['KEEPALIVE_TIMEOUT', constants.KEEPALIVE_TIMEOUT_MS, 10_000],
  ['key erase, 3 x REJECT_AFTER_TIME', 3 * constants.REJECT_AFTER_TIME_MS, 540_000],
  ['age of a cookie secret', constants.COOKIE_REFRESH_TIME_MS, 120_000],
  ['latency that a cookie is given', constants.COOKIE_LATENCY_MS, 5_000],
  ['time between initiations accepted of a peer', constants.HANDSHAKE_INITIATION_INTERVAL_MS, 20],
  ['replay window', constants.REPLAY_WINDOW, 8_128n],
  ['padding', constants.PADDING_MULTIPLE, 16],
  ['most peers', constants.MAX_PEERS, 65_536],
];

describe('constants of the paper (2.6)', () => {
  for (const [name, value, expected] of VALUES)
    it(`${name}: ${String(expected)}`, () => {
      expect(value).toBe(expected);
    });

  it('message sizes: initiation 148 (type 1), response 92 (2), data 16 + n + 16 (4), keepalive 32', async () => {
    const world = new World();
    const { a } = await world.pair();
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 100 - 28));
    world.clock.advance(100);
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', 64 - 28));
    world.clock.advance(15_000);
    const sizes = world.takeSniffed().map(({ bytes }) => [...bytes.subarray(0, 4), bytes.length]);
    expect(sizes).toEqual([
      [1, 0, 0, 0, 148],
      [2, 0, 0, 0, 92],
      // Padded to 112.
      [4, 0, 0, 0, 16 + 112 + 16],
      [4, 0, 0, 0, 16 + 64 + 16],
      [4, 0, 0, 0, 32],
    ]);
  });

  it('message sizes: cookie reply 64 (3)', async () => {
    const world = new World();
    const b = await world.station('b', '198.51.100.2');
    const checker = new CookieChecker(
      { crypto: nodeWireguardCrypto, random: world.random.bytes },
      publicKeyBytes(b.publicKey),
    );
    const reply = checker.createReply(new Uint8Array(148).fill(1), b.endpoint, 0);
    expect([...reply.subarray(0, 4), reply.length]).toEqual([3, 0, 0, 0, 64]);
  });

  it('message types: a u8 and three bytes of zero, of exactly these lengths', () => {
    const lengths = [148, 92, 64, 32];
    for (let type = 0; type < 256; type++)
      for (const length of [31, 32, 63, 64, 65, 91, 92, 93, 147, 148, 149]) {
        const bytes = new Uint8Array(length);
        bytes[0] = type;
        const isMessage = type === 4 ? length >= 32 : lengths[type - 1] === length;
        expect([type, length, messageKind(bytes) !== undefined]).toEqual([type, length, isMessage]);
        for (const reserved of [1, 2, 3]) {
          bytes[reserved] = 1;
          expect(messageKind(bytes)).toBeUndefined();
          bytes[reserved] = 0;
        }
      }
  });

  it('jitter of REKEY_TIMEOUT: 0 to 334 ms', () => {
    const extreme = (high: number, low: number) => rekeyJitterMs(() => Uint8Array.of(high, low));
    expect([extreme(0, 0), extreme(1, 78), extreme(1, 79)]).toEqual([0, 334, 0]);
  });

  it('under load: an eighth of the queue, 128 handshakes, for 1 s after', () => {
    const meter = new LoadMeter();
    const isLoaded = Array.from({ length: 128 }, () => meter.arrive(0));
    expect(isLoaded.indexOf(true)).toBe(127);
    expect([meter.arrive(999), new LoadMeter().arrive(999)]).toEqual([true, false]);
    expect(meter.arrive(2_000)).toBe(false);
  });

  it('limiter under load: 20 in a second and 5 at once, for each IPv4 address and each /64 of IPv6', () => {
    const limiter = new SourceLimiter();
    const nAllowed = (address: string, atMs: number, nTries: number) => {
      const from = udpEndpoint(address as IpAddress, 1_000);
      return Array.from({ length: nTries }, () => limiter.allow(from, atMs)).filter(Boolean).length;
    };
    expect(nAllowed('192.0.2.1', 0, 50)).toBe(5);
    expect(nAllowed('192.0.2.2', 0, 50)).toBe(5);
    let inOneSecond = 0;
    for (let ms = 1; ms <= 1_000; ms++) inOneSecond += nAllowed('192.0.2.1', ms, 1);
    expect(inOneSecond).toBe(20);
    expect(nAllowed('2001:db8::1', 1_000, 50)).toBe(5);
    expect(nAllowed('2001:db8::ffff:2', 1_000, 50)).toBe(0);
    expect(nAllowed('2001:db8:0:1::1', 1_000, 50)).toBe(5);
  });
});
