import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { HostNetwork, MemberProgram, RouterProgram } from '../../src/ports/host-network.ts';

/** A node with pods, in which an adapter is put to the test. */
export interface HostNetworkWorld {
  readonly network: HostNetwork;
  /** A second adapter on the same node, as after a restart of the agent. */
  restarted(): HostNetwork;
  addPod(podUid: string): Promise<void>;
  removePod(podUid: string): Promise<void>;
  /** The domain's WireGuard device, without anybody behind it. */
  addDevice(domain: DomainName): Promise<void>;
  /** One echo request from a pod's own network. */
  ping(podUid: string, to: string, options?: { from?: string; bytes?: number }): Promise<PingOutcome>;
  /** Pretends another source address. Nobody waits for an answer. */
  sendForged(podUid: string, forged: { domain: DomainName; from: string; to: string }): Promise<void>;
  close(): Promise<void>;
}

export type PingOutcome = 'echoed' | 'unreachable' | 'timeout';

/** What every adapter of `HostNetwork` does. */
export function hostNetworkCompliance(makeWorld: () => Promise<HostNetworkWorld>): void {
  describe('a host network', () => {
    let world: HostNetworkWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(() => world.close());

    it('lets members of a domain on one node reach each other and the router, in both families', async () => {
      await world.addPod('a');
      await world.addPod('b');
      const { members, failedDomains } = await apply(router('red', [member('a', 1), member('b', 2)]));
      expect(members).toEqual([joined('red', 'a'), joined('red', 'b')]);
      expect(failedDomains).toEqual([]);
      for (const to of ['10.81.0.2', 'fd00:81::2', '10.81.0.0', 'fd00:81::'])
        expect([to, await world.ping('a', to)]).toEqual([to, 'echoed']);
      expect(await world.ping('b', '10.81.0.1')).toBe('echoed');
    });

    it('lets a member reach itself', async () => {
      await world.addPod('a');
      await apply(router('red', [member('a', 1)]));
      expect(await world.ping('a', '10.81.0.1')).toBe('echoed');
    });

    it('answers unreachable for addresses of the domain that nobody has, and counts it', async () => {
      await world.addPod('a');
      await apply(router('red', [member('a', 1)]));
      const before = await drops('no-route');
      expect(await world.ping('a', '10.81.0.0')).toBe('echoed');
      expect(await world.ping('a', '10.81.7.7')).toBe('unreachable');
      expect(await drops('no-route')).toBe(before + 1);
      expect(await world.ping('a', 'fd00:81::7')).toBe('unreachable');
      expect(await drops('no-route')).toBe(before + 2);
    });

    it('keeps two domains apart, also with equal prefixes', async () => {
      for (const uid of ['a', 'b', 'c', 'd']) await world.addPod(uid);
      await apply(
        router('red', [member('a', 1), member('b', 2)]),
        router('sandbox', [member('c', 1), member('d', 3)]),
      );
      expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
      expect(await world.ping('c', '10.81.0.3')).toBe('echoed');
      expect(await world.ping('a', '10.81.0.3')).toBe('unreachable');
      expect(await world.ping('c', '10.81.0.2')).toBe('unreachable');
    });

    it('joins no domain to another through a pod that is in both', async () => {
      for (const uid of ['a', 'both', 'c']) await world.addPod(uid);
      await apply(
        router('green', [member('both', 1, '10.82'), member('c', 2, '10.82')], { prefix: '10.82' }),
        router('red', [member('a', 1), member('both', 2)]),
      );
      expect(await world.ping('both', '10.81.0.1')).toBe('echoed');
      expect(await world.ping('both', '10.82.0.2')).toBe('echoed');
      expect(await world.ping('a', '10.82.0.2')).not.toBe('echoed');
      expect(await world.ping('c', '10.81.0.1')).not.toBe('echoed');
    });

    it('drops what pretends another member’s address, in both families, and counts it', async () => {
      for (const uid of ['a', 'b', 'c']) await world.addPod(uid);
      await apply(router('red', [member('a', 1), member('b', 2), member('c', 3)]));
      const before = await drops();
      await world.sendForged('a', { domain: 'red' as DomainName, from: '10.81.0.3', to: '10.81.0.2' });
      await world.sendForged('a', { domain: 'red' as DomainName, from: 'fd00:81::3', to: 'fd00:81::2' });
      await world.sendForged('a', { domain: 'red' as DomainName, from: '192.0.2.77', to: '10.81.0.2' });
      expect((await drops()) - before).toBe(3);
      expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
    });

    it('leaves the prefix unreachable in a pod that left, and brings it back', async () => {
      await world.addPod('a');
      await world.addPod('b');
      await apply(router('red', [member('a', 1), member('b', 2)]));
      await apply(router('red', [member('b', 2)]));
      for (const to of ['10.81.0.2', 'fd00:81::2', '10.81.200.1'])
        expect([to, await world.ping('a', to)]).toEqual([to, 'unreachable']);
      expect(await world.ping('b', '10.81.0.1')).toBe('unreachable');
      await apply(router('red', [member('a', 1), member('b', 2)]));
      expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
      expect(await world.ping('a', 'fd00:81::2')).toBe('echoed');
    });

    it('lets a pod change from one domain to another with the same prefix', async () => {
      for (const uid of ['a', 'b', 'c']) await world.addPod(uid);
      await apply(router('red', [member('a', 1), member('b', 2)]), router('sandbox', [member('c', 9)]));
      await apply(router('red', [member('b', 2)]), router('sandbox', [member('a', 8), member('c', 9)]));
      expect(await world.ping('a', '10.81.0.9')).toBe('echoed');
      expect(await world.ping('a', '10.81.0.2')).toBe('unreachable');
    });

    it('changes nothing when told the same again, nor after a restart', async () => {
      await world.addPod('a');
      const program = { routers: [router('red', [member('a', 1)], { routes: ['10.81.16.0/28'] })] };
      await world.network.ensureDomains(['red' as DomainName]);
      await world.addDevice('red' as DomainName);
      expect((await world.network.apply(program)).nChanges).toBeGreaterThan(0);
      expect((await world.network.apply(program)).nChanges).toBe(0);
      const restarted = world.restarted();
      expect(await restarted.observe()).toEqual(await world.network.observe());
      expect(await restarted.apply(program)).toMatchObject({ nChanges: 0, members: [joined('red', 'a')] });
    });

    it('observes what it programmed', async () => {
      await world.addPod('a');
      const red = router('red', [member('a', 1)], { routes: ['10.81.16.0/28', 'fd00:81:1::/124'] });
      await world.network.ensureDomains([red.domain]);
      await world.addDevice(red.domain);
      await apply(red);
      expect(await world.network.observe()).toEqual([
        {
          domain: 'red',
          routerAddresses: red.routerAddresses,
          members: red.members,
          routes: red.routes,
        },
      ]);
    });

    it('says so while a domain’s device or a pod’s sandbox is missing, and programs the rest', async () => {
      await world.addPod('a');
      const red = router('red', [member('a', 1), member('late', 2)], { routes: ['10.81.16.0/28'] });
      const first = await apply(red);
      expect(first.failedDomains).toMatchObject([{ domain: 'red' }]);
      expect(first.members).toMatchObject([
        joined('red', 'a'),
        { domain: 'red', podUid: 'late', ok: false, reason: 'no-sandbox' },
      ]);
      expect(await world.ping('a', '10.81.0.0')).toBe('echoed');
      await world.addPod('late');
      await world.addDevice(red.domain);
      const second = await apply(red);
      expect(second).toMatchObject({
        failedDomains: [],
        members: [joined('red', 'a'), joined('red', 'late')],
      });
      expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
    });

    it('attaches a pod anew whose sandbox was replaced', async () => {
      await world.addPod('a');
      await world.addPod('b');
      const red = router('red', [member('a', 1), member('b', 2)]);
      await apply(red);
      await world.removePod('a');
      expect((await apply(red)).members).toMatchObject([{ podUid: 'a', ok: false }, joined('red', 'b')]);
      await world.addPod('a');
      expect((await apply(red)).members).toEqual([joined('red', 'a'), joined('red', 'b')]);
      expect(await world.ping('b', '10.81.0.1')).toBe('echoed');
    });

    it('takes routers away that are not wanted any more', async () => {
      await world.addPod('a');
      await apply(router('red', [member('a', 1)]));
      await apply();
      expect(await world.network.observe()).toEqual([]);
      expect(await world.ping('a', '10.81.0.0')).toBe('unreachable');
    });

    it('moves members to another router address and MTU without taking them off', async () => {
      await world.addPod('a');
      await world.addPod('b');
      const red = router('red', [member('a', 1), member('b', 2)]);
      await apply(red);
      await apply({ ...red, mtuBytes: 1300, routerAddresses: addresses(15) });
      expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
      expect(await world.ping('a', '10.81.0.15')).toBe('echoed');
      expect(await world.ping('a', '10.81.0.0')).toBe('unreachable');
    });

    it('counts conversations at the member that speaks', async () => {
      await world.addPod('a');
      await world.addPod('b');
      await apply(router('red', [member('a', 1), member('b', 2)]));
      await world.ping('a', '10.81.0.2');
      await world.ping('a', 'fd00:81::2');
      const [counters] = await world.network.counters();
      expect(counters?.flows.map(({ from, to, packets }) => [from, to, packets])).toEqual([
        ['10.81.0.1', '10.81.0.2', 1],
        ['10.81.0.2', '10.81.0.1', 1],
        ['fd00:81::1', 'fd00:81::2', 1],
        ['fd00:81::2', 'fd00:81::1', 1],
      ]);
    });

    async function apply(...routers: RouterProgram[]) {
      return world.network.apply({ routers });
    }

    async function drops(reason = 'source-not-allowed'): Promise<number> {
      const [red] = await world.network.counters();
      return red?.drops[reason] ?? 0;
    }
  });
}

/** A router of 10.81.0.0/16 and fd00:81::/48, or of a prefix like it. */
export function router(
  domain: string,
  members: MemberProgram[],
  options: { prefix?: string; routes?: string[]; mtuBytes?: number } = {},
): RouterProgram {
  const prefix = options.prefix ?? '10.81';
  return {
    domain: domain as DomainName,
    prefixes: [`${prefix}.0.0/16`, `fd00:${prefix.split('.')[1]}::/48`] as Cidr[],
    routerAddresses: addresses(0, prefix),
    mtuBytes: options.mtuBytes ?? 1420,
    members,
    routes: (options.routes ?? []).map((route) => ({ prefix: route as Cidr, mtuBytes: 1420 })),
  };
}

/** A member with the n-th address of each family. */
export function member(podUid: string, n: number, prefix = '10.81'): MemberProgram {
  return { podUid, addresses: addresses(n, prefix) };
}

function addresses(n: number, prefix = '10.81'): IpAddress[] {
  const six = `fd00:${prefix.split('.')[1]}::${n === 0 ? '' : n.toString(16)}`;
  return [`${prefix}.0.${n}`, six] as IpAddress[];
}

function joined(domain: string, podUid: string) {
  return { domain, podUid, ok: true };
}
