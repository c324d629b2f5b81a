import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { CasesWorld, Exchange } from './cases-world.ts';
import { BLUE, MEMBERS, MTU_BYTES, RED, Setting } from './setting.ts';

const HEADER_BYTES = { 4: { UDP: 28, TCP: 40 }, 6: { UDP: 48, TCP: 60 } } as const;
const SIZES = [64, MTU_BYTES - 1, MTU_BYTES, 3000];
/** The longest that UDP carries over IPv4. */
const LONGEST_BYTES = 65_535;

export function reachabilitySuite(makeWorld: () => Promise<CasesWorld>): void {
  describe('reachability', () => {
    let world: CasesWorld;
    let setting: Setting;
    beforeAll(async () => {
      world = await makeWorld();
      setting = await Setting.make(world);
    });
    afterAll(() => world.close());

    it('all ordered member pairs x TCP, UDP x 64 B, MTU-1, MTU, 3000 B, 64 KiB: the same bytes, from the source itself (no NAT)', async () => {
      const members = Object.values(MEMBERS);
      for (const { node, uid } of members) await world.during(world.listen(node, uid));
      for (const from of members) {
        const exchanges = members
          .filter((to) => to !== from)
          .flatMap((to) => [
            ...exchangesWith(setting.addressOf(to, 4)),
            ...exchangesWith(setting.addressOf(to, 6)),
          ]);
        const expected = exchanges.map(({ to }) => ({
          isSame: true,
          seenFrom: setting.addressOf(from, to.includes(':') ? 6 : 4),
        }));
        expect(await world.during(world.exchange(from.node, from.uid, exchanges))).toEqual(expected);
      }
    });

    it('all ordered member pairs x ICMP x 64 B, MTU-1, MTU, and not one more where nothing may be fragmented', async () => {
      const members = Object.values(MEMBERS);
      for (const from of members)
        for (const to of members)
          for (const family of [4, 6] as const) {
            if (from === to) continue;
            const results: Record<number, string> = {};
            for (const bytes of [64, MTU_BYTES - 1, MTU_BYTES, MTU_BYTES + 1])
              results[bytes] = await setting.ping(from, setting.addressOf(to, family), bytes);
            const { [MTU_BYTES + 1]: tooLong, ...others } = results;
            expect([...new Set(Object.values(others))]).toEqual(['echoed']);
            expect(tooLong).not.toBe('echoed');
          }
    });

    it('two domains joined by one workload, which reaches both, and joins neither to the other', async () => {
      await world.addPods('west', podObjects('shop', 'ledger', 'west-1'));
      world.putEverywhere(
        domainObject(BLUE, {
          prefixes: ['10.82.0.0/16'],
          clusters: { east: ['10.82.0.0/20'], west: ['10.82.16.0/20'] },
        }),
      );
      world.api('east').put(membershipObject('shop', BLUE, 'cart'));
      world.api('west').put(membershipObject('shop', BLUE, 'ledger'));
      const ledger = { cluster: 'west', node: 'west-1', uid: 'shop-ledger-0' };
      const inBlue = () => setting.addressOf(ledger, 4, BLUE);
      await setting.until(async () => (await setting.ping(MEMBERS.cart, inBlue())) === 'echoed');
      expect(await setting.reaches(MEMBERS.cart, MEMBERS.catalog)).toBe(true);
      expect(await setting.ping(MEMBERS.frontend, inBlue())).not.toBe('echoed');
      expect(await setting.ping(ledger, setting.addressOf(MEMBERS.frontend))).not.toBe('echoed');
      // Not through the workload, either: it forwards nothing.
      await setting.until(async () => (await setting.drops('east-1', 'no-route')) >= 0);
      const before = await setting.drops('east-1', 'no-route');
      await world.during(world.sendUnrouted('east-1', MEMBERS.frontend.uid, { domain: RED, to: inBlue() }));
      expect((await setting.drops('east-1', 'no-route')) - before).toBe(1);
    });

    it('250 members of one node, as far as the world takes as many, all of which are reached from another', async () => {
      const count = world.nMembers;
      await world.during(world.addPods('east', podObjects('shop', 'many', 'east-1', { count })));
      world.api('east').put(membershipObject('shop', RED, 'many'));
      const members = Array.from({ length: count }, (_, n) => ({
        cluster: 'east',
        node: 'east-1',
        uid: `shop-many-${n}`,
      }));
      for (const member of members)
        await setting.until(() => setting.reaches(MEMBERS.catalog, member), 120_000);
      expect(new Set(members.map((member) => setting.addressOf(member))).size).toBe(count);
    });

    function exchangesWith(to: string): Exchange[] {
      const sizes = world.fragments && !to.includes(':') ? [...SIZES, LONGEST_BYTES] : SIZES;
      return (['UDP', 'TCP'] as const).flatMap((protocol) =>
        sizes
          .filter((bytes) => world.fragments || protocol === 'TCP' || bytes <= MTU_BYTES)
          .map((bytes) => ({
            protocol,
            to,
            payloadBytes: bytes - HEADER_BYTES[to.includes(':') ? 6 : 4][protocol],
          })),
      );
    }
  });
}
