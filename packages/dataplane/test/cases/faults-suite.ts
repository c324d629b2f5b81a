import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { CasesWorld } from './cases-world.ts';
import { BLUE, MEMBERS, Setting } from './setting.ts';

const NODES = ['east-1', 'east-2', 'west-1'] as const;
const PAYLOAD_BYTES = 400_000;

/** All in one world: each leaves it healed for the next one, but for the last two. */
export function faultsSuite(makeWorld: () => Promise<CasesWorld>): void {
  describe('faults', () => {
    let world: CasesWorld;
    let setting: Setting;
    beforeAll(async () => {
      world = await makeWorld();
      setting = await Setting.make(world);
    });
    afterAll(() => world.close());

    for (const keepsKeys of [true, false])
      it(`node reboot (${keepsKeys ? 'same keys' : 'new keys'}): members keep their addresses and are reached again`, async () => {
        const keyOf = async () =>
          (await setting.domain('west-1'))?.peers.find(({ node }) => node === 'east-1')?.publicKey;
        const key = await keyOf();
        const address = setting.addressOf(MEMBERS.frontend);
        await world.during(world.reboot('east-1', { keepsKeys }));
        await setting.untilAllReach();
        expect(setting.addressOf(MEMBERS.frontend)).toBe(address);
        expect((await keyOf()) === key).toBe(keepsKeys);
      });

    it('asymmetric partition: both ends call the path down, and up again when it is healed', async () => {
      const ends = [
        ['east-1', 'east-2'],
        ['east-2', 'east-1'],
      ] as const;
      for (const [from, to] of ends) {
        await world.cutOneWay(from, to, true);
        for (const [node, peer] of ends) await setting.until(async () => !(await setting.isUp(node, peer)));
        expect(await setting.reaches(MEMBERS.frontend, MEMBERS.cart)).toBe(false);
        expect(await setting.reaches(MEMBERS.frontend, MEMBERS.catalog)).toBe(true);
        await world.cutOneWay(from, to, false);
        await setting.untilAllReach();
      }
    });

    it('degraded peer: handshakes pass, data dropped: the path is called down, and up again when data pass', async () => {
      await world.setDegraded('east-1', 'east-2', true);
      await setting.until(async () => !(await setting.isUp('east-1', 'east-2')));
      await setting.until(async () => !(await setting.isUp('east-2', 'east-1')));
      expect(await setting.reaches(MEMBERS.frontend, MEMBERS.cart)).toBe(false);
      await world.setDegraded('east-1', 'east-2', false);
      await setting.untilAllReach();
    });

    it('forwarder process kill -9 and restart of every node in turn: flows resume', async () => {
      for (const node of NODES) {
        await world.during(world.restartForwarder(node));
        const startMs = world.nowMs();
        await setting.untilAllReach();
        process.stderr.write(`flows of ${node} resumed after ${Math.round(world.nowMs() - startMs)} ms\n`);
      }
    });

    it('rolling restart of every node’s agent = no interrupted connections', async () => {
      await world.during(world.listen(MEMBERS.catalog.node, MEMBERS.catalog.uid));
      let isOver = false;
      const outcomes: string[] = [];
      const restarting = (async () => {
        for (const node of NODES) {
          await world.restartAgent(node);
          while (!(await world.isReady(node))) await new Promise((resolve) => setImmediate(resolve));
        }
        isOver = true;
      })();
      while (!isOver) {
        const to = setting.addressOf(MEMBERS.catalog);
        outcomes.push(await setting.ping(MEMBERS.frontend, to));
        const exchange = { protocol: 'TCP', to, payloadBytes: 20_000 } as const;
        const [{ isSame } = { isSame: false }] = await world.during(
          world.exchange(MEMBERS.cart.node, MEMBERS.cart.uid, [exchange]),
        );
        outcomes.push(isSame ? 'same' : 'different');
      }
      await restarting;
      expect(new Set(outcomes)).toEqual(new Set(['echoed', 'same']));
    });

    it('underlay IP change: a node that gets another address is reached there', async () => {
      await world.moveNode('east-2');
      await setting.untilAllReach();
    });

    it('control plane up but stale: what was known goes on, what is new waits', async () => {
      for (const [origin, target] of [
        ['east', 'west'],
        ['west', 'east'],
      ] as const)
        world.mirror.cut(origin, target);
      await world.addPods('east', podObjects('shop', 'frontend', 'east-1', { first: 2 }));
      const late = { cluster: 'east', node: 'east-1', uid: 'shop-frontend-2' };
      await setting.until(() => setting.reaches(late, MEMBERS.cart));
      expect(await setting.reaches(MEMBERS.frontend, MEMBERS.catalog)).toBe(true);
      await world.during(world.restartAgent('west-1'));
      await setting.untilAllReach();
    });

    it('MTU drop 1500 -> 1280 mid-flow: the stream goes on, with all of its bytes', async () => {
      // IPv6 would have a domain promise 1280 bytes inside, which such an underlay does not take.
      world.putEverywhere(
        domainObject(BLUE, { prefixes: ['10.82.0.0/16'], clusters: { east: ['10.82.0.0/20'] } }),
      );
      for (const workload of ['frontend', 'cart'])
        world.api('east').put(membershipObject('shop', BLUE, workload));
      const address = () => setting.addressOf(MEMBERS.cart, 4, BLUE);
      await setting.until(async () => (await setting.ping(MEMBERS.frontend, address())) === 'echoed');
      await world.during(world.listen(MEMBERS.cart.node, MEMBERS.cart.uid));
      const to = address();
      const flow = (payloadBytes: number) =>
        world.exchange('east-1', MEMBERS.frontend.uid, [{ protocol: 'TCP', to, payloadBytes }]);
      expect(await world.during(flow(PAYLOAD_BYTES))).toMatchObject([{ isSame: true }]);
      const under = flow(PAYLOAD_BYTES);
      await world.setNarrow('east-1', 'east-2', 1280);
      expect(await world.during(under)).toMatchObject([{ isSame: true }]);
      await setting.until(async () => (await setting.ping(MEMBERS.frontend, to, 1200)) === 'echoed');
    });
  });
}
