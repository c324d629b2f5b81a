import { describe, expect, it } from 'vitest';
import { REJECT_AFTER_MESSAGES } from './constants.ts';
import { Keypair, KeypairSet } from './keypairs.ts';

let nextIndex = 1;

function newKeypair(isInitiator: boolean): Keypair {
  const keys = {
    localIndex: nextIndex++,
    remoteIndex: 0,
    sendKey: new Uint8Array(32).fill(1),
    receiveKey: new Uint8Array(32).fill(2),
  };
  return new Keypair(keys, isInitiator, 0);
}

describe('KeypairSet', () => {
  it('makes a session that we asked for the current one, and keeps the last as previous', () => {
    const removed: Keypair[] = [];
    const set = new KeypairSet({ onRemoved: (keypair) => removed.push(keypair) });
    const [a, b, c] = [newKeypair(true), newKeypair(true), newKeypair(true)];
    set.installInitiated(a);
    set.installInitiated(b);
    expect([set.current, set.previous, removed]).toEqual([b, a, []]);
    set.installInitiated(c);
    expect([set.current, set.previous, removed]).toEqual([c, b, [a]]);
  });

  it('uses a session that we answered only after its first message', () => {
    const set = new KeypairSet({ onRemoved: () => {} });
    const [a, b] = [newKeypair(true), newKeypair(false)];
    set.installInitiated(a);
    set.installResponded(b);
    expect([set.current, set.next]).toEqual([a, b]);
    expect(set.confirm(a)).toBe(false);
    expect(set.confirm(b)).toBe(true);
    expect([set.current, set.previous, set.next]).toEqual([b, a, undefined]);
    expect(set.confirm(b)).toBe(false);
  });

  it('keeps an unconfirmed answer readable when our own handshake completes', () => {
    const removed: Keypair[] = [];
    const set = new KeypairSet({ onRemoved: (keypair) => removed.push(keypair) });
    const [old, answered, asked] = [newKeypair(true), newKeypair(false), newKeypair(true)];
    set.installInitiated(old);
    set.installResponded(answered);
    set.installInitiated(asked);
    expect([set.current, set.previous, set.next, removed]).toEqual([asked, answered, undefined, [old]]);
  });

  it('overwrites the keys of sessions that it lets go', () => {
    const set = new KeypairSet({ onRemoved: () => {} });
    const keypairs = [newKeypair(true), newKeypair(true), newKeypair(false)];
    set.installInitiated(keypairs[0]!);
    set.installInitiated(keypairs[1]!);
    set.installResponded(keypairs[2]!);
    set.eraseAll();
    for (const { sendKey, receiveKey } of keypairs)
      expect([...sendKey, ...receiveKey].every((byte) => byte === 0)).toBe(true);
    expect([set.current, set.previous, set.next]).toEqual([undefined, undefined, undefined]);
  });
});

describe('Keypair', () => {
  it('may be used for less than 180 s', () => {
    const keypair = newKeypair(true);
    expect([keypair.mayReceive(179_999), keypair.maySend(179_999)]).toEqual([true, true]);
    expect([keypair.mayReceive(180_000), keypair.maySend(180_000)]).toEqual([false, false]);
  });

  it('gives out each counter once, and never goes back', () => {
    const keypair = newKeypair(true);
    expect([keypair.takeCounter(), keypair.takeCounter()]).toEqual([0n, 1n]);
    keypair.skipTo(10n);
    keypair.skipTo(5n);
    expect(keypair.takeCounter()).toBe(10n);
    keypair.skipTo(REJECT_AFTER_MESSAGES);
    expect(keypair.maySend(0)).toBe(false);
    expect(keypair.mayReceive(0)).toBe(true);
  });
});
