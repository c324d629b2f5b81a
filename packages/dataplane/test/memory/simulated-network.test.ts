/** The simulated underlay and its clock do what protocol tests take for granted. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { formatUdpEndpoint, parseUdpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import type { SimulatedHost } from '../../src/io/memory/simulated-host.ts';
import { SimulatedNetwork } from '../../src/io/memory/simulated-network.ts';
import { VirtualClock } from '../../src/io/memory/virtual-clock.ts';
import type { ReceivedDatagram, UdpSendError } from '../../src/ports/udp.ts';

const ip = (text: string) => text as IpAddress;

function newNet(seed = 1) {
  const clock = new VirtualClock(0);
  return { clock, network: new SimulatedNetwork({ clock, random: seededRandom(seed).number }) };
}

function listen(host: SimulatedHost, port = 1_000) {
  const received: (ReceivedDatagram & { at?: number })[] = [];
  const errors: UdpSendError[] = [];
  const bound = host.bindNow(port, {
    onDatagrams: (batch) => received.push(...batch),
    onSendError: (_to, error) => errors.push(error),
  });
  if (!bound.ok) throw new Error(bound.error);
  const send = (to: string, byte = 1) => {
    const endpoint = parseUdpEndpoint(to);
    if (!endpoint.ok) throw new Error(endpoint.error);
    bound.value.send(endpoint.value, Uint8Array.of(byte));
  };
  return { received, errors, send, from: () => received.map((datagram) => formatUdpEndpoint(datagram.from)) };
}

describe('SimulatedNetwork', () => {
  it('delays, loses, repeats and changes datagrams as it is told', () => {
    const { clock, network } = newNet();
    const [a, b] = [network.addHost('a', [ip('192.0.2.1')]), network.addHost('b', [ip('192.0.2.2')])];
    const [from, to] = [listen(a), listen(b)];
    network.setPath(a, b, { latencyMs: 30 });
    from.send('192.0.2.2:1000');
    clock.advance(29);
    expect(to.received).toHaveLength(0);
    clock.advance(1);
    expect(to.received).toHaveLength(1);

    network.setPath(a, b, { latencyMs: 0, loss: 0.3, duplicate: 0.5 });
    for (let n = 0; n < 1_000; n++) from.send('192.0.2.2:1000');
    clock.advance(0);
    expect(to.received.length).toBeGreaterThan(900);
    expect(to.received.length).toBeLessThan(1_200);
    expect(network.nLost()).toBeGreaterThan(200);

    network.setPath(a, b, { loss: 0, duplicate: 0, corrupt: 1 });
    to.received.length = 0;
    from.send('192.0.2.2:1000', 0);
    clock.advance(0);
    expect(to.received[0]!.bytes[0]).not.toBe(0);
  });

  it('parts two hosts in both directions, or one', () => {
    const { clock, network } = newNet();
    const [a, b] = [network.addHost('a', [ip('192.0.2.1')]), network.addHost('b', [ip('192.0.2.2')])];
    const [la, lb] = [listen(a), listen(b)];
    network.setPath(a, b, { isDown: true });
    la.send('192.0.2.2:1000');
    lb.send('192.0.2.1:1000');
    clock.advance(1);
    expect([la.received.length, lb.received.length]).toEqual([1, 0]);
    network.setPartition(a, b, false);
    la.send('192.0.2.2:1000');
    clock.advance(1);
    expect(lb.received).toHaveLength(1);
  });

  it('loses datagrams that are longer than the path, and refuses those longer than the interface', () => {
    const { clock, network } = newNet();
    const [a, b] = [network.addHost('a', [ip('192.0.2.1')]), network.addHost('b', [ip('192.0.2.2')])];
    const [la, lb] = [listen(a), listen(b)];
    network.setPath(a, b, { mtuBytes: 28 });
    la.send('192.0.2.2:1000');
    clock.advance(1);
    expect([lb.received.length, la.errors]).toEqual([0, []]);
    a.mtuBytes = 28;
    la.send('192.0.2.2:1000');
    expect(la.errors).toEqual(['too-long']);
  });

  it('translates addresses at a NAT, and lets in only answers', () => {
    const { clock, network } = newNet();
    const nat = network.addNat('home', ip('203.0.113.7'), { timeoutMs: 1_000 });
    const inside = listen(network.addHost('inside', [ip('10.0.0.2')], nat.site));
    const [x, y] = [
      listen(network.addHost('x', [ip('192.0.2.1')])),
      listen(network.addHost('y', [ip('192.0.2.2')])),
    ];
    inside.send('192.0.2.1:1000');
    clock.advance(1);
    const [seen = ''] = x.from();
    expect(seen).toMatch(/^203\.0\.113\.7:/);
    x.send(seen);
    y.send(seen);
    clock.advance(1);
    expect(inside.from()).toEqual(['192.0.2.1:1000']);

    inside.send('192.0.2.2:1000');
    clock.advance(1);
    expect(y.from()).toEqual([seen]);
    clock.advance(1_001);
    x.send(seen);
    clock.advance(1);
    expect(inside.received).toHaveLength(1);
    inside.send('192.0.2.1:1000');
    clock.advance(1);
    expect(x.from().at(-1)).not.toBe(seen);
  });

  it('gives a symmetric NAT another port for each destination', () => {
    const { clock, network } = newNet();
    const nat = network.addNat('home', ip('203.0.113.7'), { mapping: 'address-and-port-dependent' });
    const inside = listen(network.addHost('inside', [ip('10.0.0.2')], nat.site));
    const [x, y] = [
      listen(network.addHost('x', [ip('192.0.2.1')])),
      listen(network.addHost('y', [ip('192.0.2.2')])),
    ];
    inside.send('192.0.2.1:1000');
    inside.send('192.0.2.2:1000');
    clock.advance(1);
    expect(x.from()).not.toEqual(y.from());
  });

  it('gives equal private addresses at two sites to two hosts', () => {
    const { clock, network } = newNet();
    const [one, two] = [network.addNat('one', ip('203.0.113.1')), network.addNat('two', ip('203.0.113.2'))];
    const a = listen(network.addHost('a', [ip('10.0.0.2')], one.site));
    const b = listen(network.addHost('b', [ip('10.0.0.2')], two.site));
    const x = listen(network.addHost('x', [ip('192.0.2.1')]));
    a.send('192.0.2.1:1000');
    b.send('192.0.2.1:1000');
    clock.advance(1);
    for (const seen of x.from()) x.send(seen);
    clock.advance(1);
    expect([a.received.length, b.received.length]).toEqual([1, 1]);
  });

  it('does the same again with the same seed', () => {
    const run = () => {
      const { clock, network } = newNet(42);
      const [a, b] = [network.addHost('a', [ip('192.0.2.1')]), network.addHost('b', [ip('192.0.2.2')])];
      const [from, to] = [listen(a), listen(b)];
      network.setConditions({ jitterMs: 100, loss: 0.2, duplicate: 0.2 });
      for (let n = 0; n < 200; n++) from.send('192.0.2.2:1000', n & 255);
      clock.advance(200);
      return to.received.map(({ bytes }) => bytes[0]);
    };
    expect(run()).toEqual(run());
  });
});

describe('VirtualClock', () => {
  it('rings alarms in the order of their deadlines, at their own moment, also those set meanwhile', () => {
    const clock = new VirtualClock(0);
    const rung: string[] = [];
    const at = (ms: number, name: string, then = () => {}) =>
      clock.at(ms, () => {
        rung.push(`${name}@${clock.nowMs()}`);
        then();
      });
    at(20, 'b');
    at(10, 'a', () => at(15, 'c'));
    at(20, 'd');
    const cancel = at(12, 'never');
    cancel();
    clock.advance(20);
    expect(rung).toEqual(['a@10', 'c@15', 'b@20', 'd@20']);
    expect(clock.nowMs()).toBe(20);
  });

  it('stops at the moment that a condition holds', () => {
    const clock = new VirtualClock(0);
    let holds = false;
    clock.at(7, () => (holds = true));
    expect(clock.advanceUntil(() => holds, 100)).toBe(true);
    expect(clock.nowMs()).toBe(7);
    expect(clock.advanceUntil(() => false, 100)).toBe(false);
    expect(clock.nowMs()).toBe(107);
  });
});
