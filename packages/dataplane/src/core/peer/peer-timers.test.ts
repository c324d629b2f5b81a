import { describe, expect, it } from 'vitest';
import { PeerTimers, rekeyJitterMs, type TimerName } from './peer-timers.ts';

/** When each timer fires after an event at time 0, with a jitter of 100 ms. */
const table: readonly { name: string; event: (timers: PeerTimers) => void; fires: [TimerName, number][] }[] =
  [
    {
      name: 'an initiation was sent',
      event: (timers) => timers.handshakeInitiated(0),
      fires: [['retransmit-handshake', 5_100]],
    },
    {
      name: 'data was received',
      event: (timers) => timers.dataReceived(0),
      fires: [['send-keepalive', 10_000]],
    },
    { name: 'data was sent', event: (timers) => timers.dataSent(0), fires: [['new-handshake', 15_100]] },
    {
      name: 'a session was derived',
      event: (timers) => timers.sessionDerived(0),
      fires: [['zero-key-material', 540_000]],
    },
    {
      name: 'a handshake was given up',
      event: (timers) => timers.handshakeAbandoned(0),
      fires: [['zero-key-material', 540_000]],
    },
    {
      name: 'anything was sent, with a persistent keepalive of 25 s',
      event: (timers) => {
        timers.persistentKeepaliveMs = 25_000;
        timers.anyAuthenticatedPacketSent(0);
      },
      fires: [['persistent-keepalive', 25_000]],
    },
    {
      name: 'anything was received, with a persistent keepalive of 25 s',
      event: (timers) => {
        timers.persistentKeepaliveMs = 25_000;
        timers.anyAuthenticatedPacketReceived(0);
      },
      fires: [['persistent-keepalive', 25_000]],
    },
    {
      name: 'anything was sent, without one',
      event: (timers) => timers.anyAuthenticatedPacketSent(0),
      fires: [],
    },
  ];

/** Which events disarm which timers. */
const disarming: readonly { name: string; arm: (t: PeerTimers) => void; event: (t: PeerTimers) => void }[] = [
  {
    name: 'sending disarms the passive keepalive',
    arm: (t) => t.dataReceived(0),
    event: (t) => t.anyAuthenticatedPacketSent(1),
  },
  {
    name: 'receiving disarms the new handshake',
    arm: (t) => t.dataSent(0),
    event: (t) => t.anyAuthenticatedPacketReceived(1),
  },
  {
    name: 'completing disarms the retransmission',
    arm: (t) => t.handshakeInitiated(0),
    event: (t) => t.handshakeComplete(),
  },
  {
    name: 'giving up disarms the passive keepalive',
    arm: (t) => t.dataReceived(0),
    event: (t) => t.handshakeAbandoned(0),
  },
];

describe('D-05: PeerTimers', () => {
  for (const { name, event, fires } of table)
    it(`after ${name}: ${fires.map(([timer, ms]) => `${timer} at ${ms} ms`).join(', ') || 'nothing'}`, () => {
      const timers = new PeerTimers(() => 100);
      event(timers);
      const fired: [TimerName, number][] = [];
      for (let deadline = timers.pollTimeout(); deadline !== undefined; deadline = timers.pollTimeout()) {
        expect(timers.takeExpired(deadline - 1)).toEqual([]);
        fired.push(...timers.takeExpired(deadline).map((timer): [TimerName, number] => [timer, deadline!]));
      }
      expect(fired).toEqual(fires);
    });

  for (const { name, arm, event } of disarming)
    it(name, () => {
      const timers = new PeerTimers(() => 0);
      arm(timers);
      expect(timers.pollTimeout()).toBeDefined();
      event(timers);
      expect(timers.takeExpired(20_000)).toEqual([]);
    });

  it('sendKeepalive: does not put it off with more data, and sends another one instead (needAnotherKeepalive)', () => {
    const timers = new PeerTimers(() => 0);
    timers.dataReceived(0);
    timers.dataReceived(9_000);
    expect(timers.takeExpired(10_000)).toEqual(['send-keepalive']);
    timers.keepaliveSent(10_000);
    expect(timers.takeExpired(20_000)).toEqual(['send-keepalive']);
    timers.keepaliveSent(20_000);
    expect(timers.pollTimeout()).toBeUndefined();
  });

  it('newHandshake: does not put it off with more data', () => {
    const timers = new PeerTimers(() => 0);
    timers.dataSent(0);
    timers.dataSent(14_000);
    expect(timers.pollTimeout()).toBe(15_000);
  });

  it('has a jitter from 0 to 334 ms', () => {
    const jitters = Array.from({ length: 65_536 }, (_, n) =>
      rekeyJitterMs(() => Uint8Array.of(n >> 8, n & 255)),
    );
    expect([Math.min(...jitters), Math.max(...jitters)]).toEqual([0, 334]);
  });
});
