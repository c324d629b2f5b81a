/** What every `UdpPort` does: one suite for the machine's sockets and the simulated network. */
import { afterEach, describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { MESSAGE_TRANSPORT_TYPE } from '../../src/core/noise/constants.ts';
import { formatUdpEndpoint, udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { SimulatedNetwork } from '../../src/io/memory/simulated-network.ts';
import { VirtualClock } from '../../src/io/memory/virtual-clock.ts';
import { nodeUdpOf } from '../../src/io/node/udp.ts';
import type { ReceivedDatagram, UdpPort, UdpSendError, UdpSocket } from '../../src/ports/udp.ts';
import { until } from '../support/sandbox.ts';

interface Twin {
  readonly name: string;
  /** Two ports that reach each other, and their addresses. */
  readonly make: () => {
    a: UdpPort;
    b: UdpPort;
    ipv4: readonly [string, string];
    ipv6: readonly [string, string];
    step: () => void;
  };
}

const twins: readonly Twin[] = [
  {
    name: 'sockets of the machine',
    make: () => ({
      a: nodeUdpOf({ segments: true }),
      b: nodeUdpOf({ segments: true }),
      ipv4: ['127.0.0.1', '127.0.0.1'],
      ipv6: ['::1', '::1'],
      step: () => {},
    }),
  },
  {
    name: 'the simulated network',
    make: () => {
      const clock = new VirtualClock();
      const network = new SimulatedNetwork({ clock, random: () => 0.5 });
      const host = (n: number) =>
        network.addHost(`h${n}`, [`192.0.2.${n}` as IpAddress, `2001:db8::${n}` as IpAddress]);
      return {
        a: host(1),
        b: host(2),
        ipv4: ['192.0.2.1', '192.0.2.2'],
        ipv6: ['2001:db8::1', '2001:db8::2'],
        step: () => clock.advance(1),
      };
    },
  },
];

for (const { name, make } of twins)
  describe(`UDP over ${name}`, () => {
    const open: UdpSocket[] = [];
    afterEach(async () => {
      for (const socket of open.splice(0)) await socket.close();
    });

    async function bind(port: UdpPort, number = 0) {
      const received: ReceivedDatagram[] = [];
      const errors: { error: UdpSendError; datagramBytes: number }[] = [];
      const bound = await port.bind(number, {
        onDatagrams: (batch) => received.push(...batch),
        onSendError: (_to, error, datagramBytes) => errors.push({ error, datagramBytes }),
      });
      if (!bound.ok) throw new Error(bound.error);
      open.push(bound.value);
      return { socket: bound.value, received, errors };
    }

    it('binds to a free port when asked for any', async () => {
      const { a } = make();
      const [one, two] = [await bind(a), await bind(a)];
      expect(one.socket.localPort).toBeGreaterThan(0);
      expect(one.socket.localPort).not.toBe(two.socket.localPort);
    });

    it('says which port is taken, and takes it when it is free again', async () => {
      const { a } = make();
      const { socket } = await bind(a);
      const handlers = { onDatagrams: () => {}, onSendError: () => {} };
      expect(await a.bind(socket.localPort, handlers)).toEqual({
        ok: false,
        error: `UDP port ${socket.localPort} is in use; choose another one`,
      });
      await socket.close();
      await bind(a, socket.localPort);
    });

    for (const family of ['ipv4', 'ipv6'] as const)
      it(`fact 15: carries datagrams over ${family} and tells the source right, many at once`, async () => {
        const net = make();
        const [one, two] = [await bind(net.a), await bind(net.b)];
        const [from, to] = net[family];
        for (let n = 0; n < 20; n++)
          one.socket.send(udpEndpoint(to as IpAddress, two.socket.localPort), Uint8Array.of(n, 1, 2));
        await until('all arrived', () => (net.step(), two.received.length === 20));
        expect(two.received.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 20 }, (_, n) => n));
        const source = formatUdpEndpoint(udpEndpoint(from as IpAddress, one.socket.localPort));
        expect(new Set(two.received.map((datagram) => formatUdpEndpoint(datagram.from)))).toEqual(
          new Set([source]),
        );
      });

    it('fact 16: sends all of a burst', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      for (let n = 0; n < 500; n++) one.socket.send(to, new Uint8Array(1_400).fill(n));
      await until('all arrived', () => (net.step(), two.received.length === 500));
      expect(one.errors).toEqual([]);
    });

    it('keeps the order and the lengths of data that leaves together', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      const lengths = [...Array<number>(100).fill(1_452), 96, 1_452, 32, 32, 32, 9_000, 9_000, 1_452, 1_453];
      for (const [n, length] of lengths.entries()) {
        const data = new Uint8Array(length).fill(n);
        data[0] = MESSAGE_TRANSPORT_TYPE;
        one.socket.send(to, data);
      }
      await until('all arrived', () => (net.step(), two.received.length === lengths.length));
      expect(two.received.map(({ bytes }) => bytes.length)).toEqual(lengths);
      expect(two.received.map(({ bytes }) => bytes[1])).toEqual(lengths.map((_, n) => n));
      expect(one.errors).toEqual([]);
    });

    it('sends a handshake whole after short data that left together', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      for (let n = 0; n < 2; n++) one.socket.send(to, new Uint8Array(32).fill(MESSAGE_TRANSPORT_TYPE));
      one.socket.send(to, new Uint8Array(148).fill(1));
      await until('all arrived', () => (net.step(), two.received.length >= 3));
      expect(two.received.map(({ bytes }) => bytes.length)).toEqual([32, 32, 148]);
    });

    it('fact 14: takes the longest datagram there is, and goes on', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      one.socket.send(to, new Uint8Array(65_507));
      one.socket.send(to, Uint8Array.of(1));
      await until('both arrived', () => (net.step(), two.received.length === 2));
      expect(two.received.map(({ bytes }) => bytes.length)).toEqual([65_507, 1]);
    });

    it('reports a datagram that is too long, with its length, and goes on', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      one.socket.send(to, new Uint8Array(65_508));
      await until('it is refused', () => one.errors.length === 1);
      expect(one.errors).toEqual([{ error: 'too-long', datagramBytes: 65_508 }]);
      one.socket.send(to, Uint8Array.of(1));
      await until('the next arrived', () => (net.step(), two.received.length === 1));
    });

    it('carries an empty datagram', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      one.socket.send(udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort), new Uint8Array(0));
      await until('it arrived', () => (net.step(), two.received.length === 1));
      expect(two.received[0]!.bytes).toHaveLength(0);
    });

    it('sends and receives nothing after it was closed', async () => {
      const net = make();
      const [one, two] = [await bind(net.a), await bind(net.b)];
      const to = udpEndpoint(net.ipv4[1] as IpAddress, two.socket.localPort);
      one.socket.send(to, Uint8Array.of(1));
      await until('it arrived', () => (net.step(), two.received.length === 1));
      await two.socket.close();
      two.socket.send(to, Uint8Array.of(1));
      await until('it is refused', () => two.errors.length === 1);
      expect(two.errors[0]!.error).toBe('closed');
      one.socket.send(to, Uint8Array.of(2));
      net.step();
      await new Promise((resolve) => setImmediate(resolve));
      expect(two.received).toHaveLength(1);
      await two.socket.close();
    });
  });
