import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { HostNetwork } from '../../src/ports/host-network.ts';
import type {
  EchoRequest,
  Listener,
  NamespaceSockets,
  SocketPlace,
} from '../../src/ports/namespace-sockets.ts';
import { member, router } from './host-network-compliance.ts';

const deriveKey = promisify(pbkdf2);

/** A node with pods, in which sockets are put to the test. */
export interface SocketsWorld {
  readonly network: HostNetwork;
  readonly sockets: NamespaceSockets;
  addPod(podUid: string): Promise<void>;
  removePod(podUid: string): Promise<void>;
  close(): Promise<void>;
}

const A: SocketPlace = { type: 'pod', podUid: 'a' };
const B: SocketPlace = { type: 'pod', podUid: 'b' };
const RED: SocketPlace = { type: 'domain', domain: 'red' as DomainName };
const PORT = 7403;

/** What every adapter of `NamespaceSockets` does. */
export function namespaceSocketsCompliance(makeWorld: () => Promise<SocketsWorld>): void {
  describe('sockets in namespaces', () => {
    let world: SocketsWorld;
    const listeners: Listener[] = [];
    beforeEach(async () => {
      world = await makeWorld();
      await world.addPod('a');
      await world.addPod('b');
      await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
    });
    afterEach(async () => {
      for (const listener of listeners.splice(0)) await listener.close();
      await world.close();
    });

    for (const to of ['10.81.0.2', 'fd00:81::2']) {
      it(`echo by ICMP to ${to}`, async () => {
        expect(await echo({ protocol: 'ICMP', to })).toMatchObject({ kind: 'echoed', from: to });
      });

      it(`echo by UDP and TCP to ${to}, where somebody listens`, async () => {
        await listen(B, to);
        expect(await echo({ protocol: 'UDP', to })).toMatchObject({ kind: 'echoed' });
        expect(await echo({ protocol: 'TCP', to })).toMatchObject({ kind: 'echoed' });
      });

      it(`are refused by ${to} where nobody listens`, async () => {
        expect(await echo({ protocol: 'UDP', to })).toMatchObject({ kind: 'refused' });
        expect(await echo({ protocol: 'TCP', to })).toMatchObject({ kind: 'refused' });
      });
    }

    it('learn that an address is unreachable', async () => {
      for (const to of ['10.81.9.9', 'fd00:81::9'])
        for (const protocol of ['ICMP', 'UDP'] as const)
          expect([to, await echo({ protocol, to })]).toMatchObject([to, { kind: 'unreachable' }]);
    });

    it('take an echo that was there in time, though the process had no time to look', async () => {
      const fromRouter = { protocol: 'ICMP', place: RED, to: '10.81.0.2' } as const;
      expect(await echo(fromRouter)).toMatchObject({ kind: 'echoed' });
      // Whoever waits for sockets in a thread of Node's pool finds none free.
      const busy = Array.from({ length: 8 }, () => deriveKey('password', 'salt', 400_000, 64, 'sha512'));
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(await echo({ ...fromRouter, timeoutMs: 50 })).toMatchObject({ kind: 'echoed' });
      await Promise.all(busy);
    });

    it('do not take another answer for an echo', async () => {
      listeners.push(
        await world.sockets.listenTcp(B, ip('10.81.0.2'), PORT, (connection) =>
          connection.onData(() => {
            connection.write(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'));
            connection.end();
          }),
        ),
      );
      expect(await echo({ protocol: 'TCP', to: '10.81.0.2' })).toMatchObject({ kind: 'answered' });
    });

    it('do not take an accepted connection for an echo', async () => {
      listeners.push(await world.sockets.listenTcp(B, ip('10.81.0.2'), PORT, () => {}));
      expect(await echo({ protocol: 'TCP', to: '10.81.0.2' })).toMatchObject({ kind: 'timeout' });
    });

    it('learn in the end that nobody answers a datagram', async () => {
      listeners.push(await world.sockets.listenUdp(B, ip('10.81.0.2'), PORT, () => undefined));
      expect(await echo({ protocol: 'UDP', to: '10.81.0.2' })).toMatchObject({ kind: 'timeout' });
    });

    it('say so where there is no such pod', async () => {
      expect(
        await echo({ protocol: 'ICMP', to: '10.81.0.2', place: { type: 'pod', podUid: 'nobody' } }),
      ).toMatchObject({ kind: 'impossible' });
      await expect(listen({ type: 'pod', podUid: 'nobody' }, '10.81.0.2')).rejects.toThrow();
    });

    it('have each place to themselves, and free it when closed', async () => {
      await listen(A, '10.81.0.1');
      await expect(listen(A, '10.81.0.1')).rejects.toThrow('EADDRINUSE');
      for (const listener of listeners.splice(0)) await listener.close();
      await listen(A, '10.81.0.1');
      expect(await echo({ protocol: 'UDP', to: '10.81.0.1', place: B })).toMatchObject({ kind: 'echoed' });
    });

    it('work on the domain’s router, both ways', async () => {
      await listen(RED, '10.81.0.0');
      expect(await echo({ protocol: 'UDP', to: '10.81.0.0' })).toMatchObject({ kind: 'echoed' });
      const fromRouter = { place: RED, to: '10.81.0.2' };
      expect(await echo({ protocol: 'ICMP', ...fromRouter })).toMatchObject({ kind: 'echoed' });
    });

    it('work on a router that went and came back', async () => {
      const fromRouter = { protocol: 'ICMP', place: RED, to: '10.81.0.2' } as const;
      expect(await echo(fromRouter)).toMatchObject({ kind: 'echoed' });
      await world.network.apply({ routers: [] });
      await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
      expect(await echo(fromRouter)).toMatchObject({ kind: 'echoed' });
    });

    it('leave nothing in a pod that goes', async () => {
      await listen(B, '10.81.0.2');
      await world.removePod('b');
      for (const listener of listeners.splice(0)) await listener.close();
      await world.addPod('b');
      await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
      expect(await echo({ protocol: 'ICMP', to: '10.81.0.2' })).toMatchObject({ kind: 'echoed' });
      expect(await echo({ protocol: 'UDP', to: '10.81.0.2' })).toMatchObject({ kind: 'refused' });
    });

    async function listen(place: SocketPlace, address: string): Promise<void> {
      listeners.push(
        await world.sockets.listenUdp(place, ip(address), PORT, ({ bytes }) => bytes),
        await world.sockets.listenTcp(place, ip(address), PORT, (connection) =>
          connection.onData((bytes) => connection.write(bytes)),
        ),
      );
    }

    function echo(
      request: Pick<EchoRequest, 'protocol'> & { to: string; place?: SocketPlace; timeoutMs?: number },
    ) {
      return world.sockets.echo({
        place: request.place ?? A,
        protocol: request.protocol,
        to: ip(request.to),
        port: PORT,
        payload: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
        timeoutMs: request.timeoutMs ?? 400,
      });
    }
  });
}

function ip(text: string): IpAddress {
  return text as IpAddress;
}
