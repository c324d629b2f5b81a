/** The tables and marks of the addon beside those of the core: whatever happens, both say the same. */
import { closeSync, openSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REJECT_AFTER_MESSAGES } from '../../src/core/noise/constants.ts';
import { Keypair } from '../../src/core/noise/keypairs.ts';
import { PeerTimers, type TimerName } from '../../src/core/peer/peer-timers.ts';
import type { PeerPath } from '../../src/core/peer/peer-path.ts';
import { loadAddon } from '../../src/native/load-addon.ts';
import type { NativeAddon, NativeHandle } from '../../src/native/native-addon.ts';
import { NativeDataPath } from '../../src/native/native-data-path.ts';
import { nativeProblem } from '../support/packet-paths.ts';
import { skips } from '../support/sandbox.ts';

const TIMERS: readonly TimerName[] = [
  'retransmit-handshake',
  'send-keepalive',
  'new-handshake',
  'zero-key-material',
  'persistent-keepalive',
];

/** What can happen to timers; the number is how many milliseconds pass first. */
const events: readonly ((timers: PeerTimers, nowMs: number) => void)[] = [
  (timers, nowMs) => timers.dataSent(nowMs),
  (timers, nowMs) => {
    timers.anyAuthenticatedPacketReceived(nowMs);
    timers.dataReceived(nowMs);
  },
  (timers, nowMs) => timers.anyAuthenticatedPacketSent(nowMs),
  (timers, nowMs) => timers.anyAuthenticatedPacketReceived(nowMs),
  (timers, nowMs) => timers.handshakeInitiated(nowMs),
  (timers) => timers.handshakeComplete(),
  (timers, nowMs) => timers.handshakeAbandoned(nowMs),
  (timers, nowMs) => timers.sessionDerived(nowMs),
  (timers) => timers.stop(),
  (timers) => (timers.persistentKeepaliveMs = 25_000),
  (timers) => (timers.persistentKeepaliveMs = 0),
];

describe.skipIf(skips('the data path of the addon', nativeProblem))('the data path of the addon', () => {
  let addon: NativeAddon;
  let handle: NativeHandle;
  let path: NativeDataPath;
  let fd = -1;
  beforeAll(() => {
    const loaded = loadAddon();
    if (!loaded.ok) throw new Error(loaded.error);
    addon = loaded.value;
    // No packet passes in these tests: any descriptor will do for the interface.
    fd = openSync('/dev/null', 'r+');
    handle = addon.open(fd, 1_420, 0, 1_000_000, () => {}).handle;
    path = new NativeDataPath(addon, handle, () => false);
  });
  afterAll(() => {
    addon.close(handle);
    closeSync(fd);
  });

  it('makes timers due when they are due over the marks of the core', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.nat(20_000), fc.constantFrom(0, 5_000, 10_000, 15_000, 25_000, 540_000)),
      event: fc.nat(events.length - 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const peer = path.addPeer();
        const twins = [
          new PeerTimers(() => 100),
          new PeerTimers(
            () => 100,
            () => {},
            peer.marks,
          ),
        ] as const;
        let nowMs = 1;
        for (const { afterMs, event } of steps) {
          nowMs += afterMs;
          const expired = twins.map((timers) => fireAll(timers, nowMs));
          expect(expired[1]).toEqual(expired[0]);
          for (const timers of twins) events[event]!(timers, nowMs);
          for (const name of TIMERS) expect(twins[1].isArmed(name), name).toBe(twins[0].isArmed(name));
        }
        peer.remove();
      }),
      // Stopped, and not kept alive any more: the marks of the addon once outlived that.
      { examples: [[[0, 9, 8].map((event) => ({ afterMs: 0, event }))]] },
    );
  });

  it('D-09: gives each counter once, to whoever asks, and none past the limit', () => {
    const peer = path.addPeer();
    const keypair = session(peer, 1);
    expect([keypair.takeCounter(), keypair.takeCounter(), keypair.nSent()]).toEqual([0n, 1n, 2n]);
    keypair.skipTo(REJECT_AFTER_MESSAGES - 1n);
    expect(keypair.maySend(0)).toBe(true);
    expect(keypair.takeCounter()).toBe(REJECT_AFTER_MESSAGES - 1n);
    expect(keypair.maySend(0)).toBe(false);
    expect(() => keypair.takeCounter()).toThrow('no counter left');
    peer.removeKeypair(keypair);
    expect(keypair.maySend(0)).toBe(false);
    peer.remove();
  });

  it('throws at what only a mistake of ours can ask for', () => {
    const peer = path.addPeer();
    session(peer, 7);
    expect(() => session(peer, 7)).toThrow('the index is in use');
    expect(() => addon.addPeer(handle, 0)).toThrow('cannot add the peer');
    expect(() => addon.setEndpoint(handle, 999, '192.0.2.1', 1)).toThrow('no such peer');
    const prefix = { bytes: Uint8Array.of(10, 0, 0, 0), length: 33 };
    expect(() => path.setAllowedIp(prefix, peer)).toThrow('cannot set the allowed IP');
    expect(() => addon.takeDrops(handle, new Float64Array(1))).toThrow('wrong arguments');
    peer.remove();
  });

  it('knows thousands of peers, sessions and prefixes, and forgets them', () => {
    const peers = Array.from({ length: 3_000 }, () => path.addPeer());
    for (const [i, peer] of peers.entries()) {
      const prefix = { bytes: Uint8Array.of(10, i >> 8, i & 255, 0), length: 24 };
      path.setAllowedIp(prefix, peer);
      session(peer, 1_000 + i);
      path.removeAllowedIp(prefix);
    }
    for (const peer of peers) peer.remove();
    expect(path.takeDrops()).toEqual({});
  });

  function session(peer: PeerPath, localIndex: number): Keypair {
    const [sendKey, receiveKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const keypair = new Keypair({ sendKey, receiveKey, localIndex, remoteIndex: 2 }, true, 0);
    keypair.shareCounter(peer.addKeypair(keypair));
    peer.setSending(keypair);
    return keypair;
  }
});

/** Lets time pass to `nowMs`, firing what is due on the way; what fired and when. */
function fireAll(timers: PeerTimers, nowMs: number): [TimerName, number][] {
  const fired: [TimerName, number][] = [];
  for (let due = timers.pollTimeout(); due !== undefined && due <= nowMs; due = timers.pollTimeout()) {
    for (const name of timers.takeExpired(due)) {
      fired.push([name, due]);
      if (name === 'send-keepalive') timers.keepaliveSent(due);
      if (name === 'persistent-keepalive') timers.persistentKeepaliveFired(due);
    }
  }
  return fired;
}
