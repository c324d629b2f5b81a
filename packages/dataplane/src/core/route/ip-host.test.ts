import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import type { ExchangeOutcome, ExchangeRequest } from './exchange.ts';
import { DomainRouter } from './domain-router.ts';
import { IpHost } from './ip-host.ts';
import type { TcpStream } from './tcp-sockets.ts';

const PROTOCOLS = ['ICMP', 'UDP', 'TCP'] as const;

describe('IpHost', () => {
  for (const protocol of PROTOCOLS)
    for (const family of [4, 6] as const)
      it(`gets its bytes back over ${protocol} and IPv${family}`, () => {
        const net = new Net();
        const outcome = net.exchange(request(protocol, net.address('b', family)));
        expect(outcome).toMatchObject({ kind: 'echoed', from: net.address('b', family) });
      });

  for (const protocol of PROTOCOLS)
    it(`reaches itself over ${protocol}`, () => {
      const net = new Net();
      expect(net.exchange(request(protocol, net.address('a', 4)))).toMatchObject({ kind: 'echoed' });
    });

  it('is told that nobody listens, over UDP and TCP', () => {
    const net = new Net();
    for (const protocol of ['UDP', 'TCP'] as const)
      expect(net.exchange({ ...request(protocol, net.address('b', 4)), port: 99 })).toMatchObject({
        kind: 'refused',
      });
  });

  it('is told by the router that there is no way', () => {
    const net = new Net();
    for (const protocol of PROTOCOLS)
      expect(net.exchange(request(protocol, '10.81.0.99' as IpAddress))).toEqual({
        kind: 'unreachable',
        detail: 'host-unreachable from 10.81.0.1',
      });
  });

  it('sends nothing where no interface leads', () => {
    const net = new Net();
    const outcome = net.exchange(request('UDP', '192.0.2.1' as IpAddress));
    expect(outcome).toEqual({ kind: 'unreachable', detail: 'no interface leads to 192.0.2.1' });
    expect(net.nCarried).toBe(0);
  });

  it('says that an address is not its own', () => {
    const net = new Net();
    const outcome = net.exchange({ ...request('UDP', net.address('b', 4)), from: net.address('b', 4) });
    expect(outcome).toMatchObject({ kind: 'impossible' });
  });

  it('waits no longer than it is told', () => {
    const net = new Net();
    net.loss = () => true;
    for (const protocol of PROTOCOLS)
      expect(net.exchange(request(protocol, net.address('b', 4)))).toEqual({ kind: 'timeout' });
  });

  it('does not take other bytes for an echo', () => {
    const net = new Net();
    net.hosts.b.closeUdp('any', 7);
    net.hosts.b.listenUdp('any', 7, () => Uint8Array.of(1, 2, 3));
    const outcome = net.exchange(request('UDP', net.address('b', 4)));
    expect(outcome).toMatchObject({ kind: 'answered', detail: '3 other bytes came back' });
  });

  it('does not take a connection that says nothing for an echo', () => {
    const net = new Net();
    net.hosts.b.listenTcp('any', 8, (stream) => stream.end());
    const outcome = net.exchange({ ...request('TCP', net.address('b', 4)), port: 8 });
    expect(outcome).toMatchObject({ kind: 'answered' });
  });

  it('carries a long stream over TCP, in order, through loss and duplicates', () => {
    const net = new Net();
    let n = 0;
    net.loss = () => ++n % 5 === 0;
    net.duplicate = () => n % 7 === 0;
    const payload = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) & 255);
    const outcome = net.exchange({ ...request('TCP', net.address('b', 4)), payload, timeoutMs: 600_000 });
    expect(outcome).toMatchObject({ kind: 'echoed' });
  });

  it('sends smaller segments where the router says that its way is narrower', () => {
    const net = new Net();
    net.setRouterMtu(900);
    const payload = new Uint8Array(5_000).fill(5);
    const started = net.nowMs;
    expect(net.exchange({ ...request('TCP', net.address('b', 4)), payload })).toMatchObject({
      kind: 'echoed',
    });
    expect(net.nowMs).toBe(started);
  });

  it('is told that a datagram does not fit', () => {
    const net = new Net();
    net.setRouterMtu(900);
    const outcome = net.exchange({ ...request('UDP', net.address('b', 4)), payload: new Uint8Array(1_000) });
    expect(outcome).toEqual({ kind: 'unreachable', detail: 'too-big from 10.81.0.1' });
  });

  it('writes to a stream outside of its listeners', () => {
    const net = new Net();
    let accepted: TcpStream | undefined;
    net.hosts.b.listenTcp('any', 8, (stream) => (accepted = stream));
    const payload = Uint8Array.of(1, 2, 3);
    const id = net.hosts.a.exchange({ ...request('TCP', net.address('b', 4)), port: 8, payload }, net.nowMs);
    net.carry();
    net.nowMs += 5;
    net.hosts.b.run(net.nowMs, () => accepted!.write(payload));
    net.carry();
    expect(net.hosts.a.pollOutcome()).toMatchObject({ id, outcome: { kind: 'echoed', rttMs: 5 } });
  });

  it('drops packets that are not for it', () => {
    const net = new Net();
    net.hosts.b.setInterfaces([]);
    expect(net.exchange(request('UDP', net.address('b', 4)))).toEqual({ kind: 'timeout' });
    expect(net.hosts.b.drops()).toEqual({ 'no-route': 1 });
  });
});

function request(protocol: ExchangeRequest['protocol'], to: IpAddress): ExchangeRequest {
  return {
    protocol,
    to,
    port: 7,
    payload: Uint8Array.from({ length: 32 }, (_, i) => i * 3),
    timeoutMs: 2_000,
  };
}

/** Two hosts at one router; both answer on port 7. */
class Net {
  nowMs = 1_000;
  nCarried = 0;
  loss = () => false;
  duplicate = () => false;
  readonly router = new DomainRouter();
  readonly hosts = { a: this.#host('a', 2), b: this.#host('b', 3) };

  constructor() {
    this.setRouterMtu(1_420);
  }

  setRouterMtu(mtuBytes: number): void {
    this.router.configure({
      routerAddresses: ['10.81.0.1' as IpAddress, 'fd00::1' as IpAddress],
      mtuBytes,
      members: (['a', 'b'] as const).map((id) => ({
        id,
        addresses: [this.address(id, 4), this.address(id, 6)],
      })),
      routes: [],
    });
  }

  address(host: 'a' | 'b', family: 4 | 6): IpAddress {
    const n = host === 'a' ? 2 : 3;
    return (family === 4 ? `10.81.0.${n}` : `fd00::${n}`) as IpAddress;
  }

  exchange(one: ExchangeRequest): ExchangeOutcome {
    this.hosts.a.exchange(one, this.nowMs);
    for (;;) {
      this.carry();
      const found = this.hosts.a.pollOutcome();
      if (found !== undefined) return found.outcome;
      const deadlines = [this.hosts.a.pollTimeout(), this.hosts.b.pollTimeout()];
      this.nowMs = Math.min(...deadlines.map((deadline) => deadline ?? Infinity));
      if (this.nowMs === Infinity) throw new Error('nothing is going to happen');
      for (const host of Object.values(this.hosts)) host.handleTimeout(this.nowMs);
    }
  }

  /** Moves packets until none is left. */
  carry(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const id of ['a', 'b'] as const)
        for (let out = this.hosts[id].pollPacket(); out !== undefined; out = this.hosts[id].pollPacket()) {
          moved = true;
          this.nCarried++;
          if (this.loss()) continue;
          for (let i = 0; i < (this.duplicate() ? 2 : 1); i++)
            this.router.handlePacket({ from: 'member', id }, out.packet.slice());
        }
      for (let out = this.router.pollOutput(); out !== undefined; out = this.router.pollOutput()) {
        moved = true;
        if (out.to === 'member') this.hosts[out.id as 'a' | 'b'].handlePacket('eth', out.packet, this.nowMs);
      }
    }
  }

  #host(id: 'a' | 'b', n: number): IpHost {
    const host = new IpHost((nBytes) => new Uint8Array(nBytes).fill(n));
    host.setInterfaces([
      {
        name: 'eth',
        addresses: [this.address(id, 4), this.address(id, 6)],
        prefixes: ['10.81.0.0/16' as Cidr, 'fd00::/64' as Cidr],
        mtuBytes: 1_420,
      },
    ]);
    host.listenUdp('any', 7, ({ bytes }) => bytes);
    host.listenTcp('any', 7, (stream) => stream.onData((bytes) => stream.write(bytes)));
    return host;
  }
}
