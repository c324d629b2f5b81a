import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { CasesWorld } from './cases-world.ts';
import { BLUE, MEMBERS, RED, Setting } from './setting.ts';

const NOBODY = '10.81.200.1';
const TO_ALL = ['224.0.0.1', '239.1.2.3', '255.255.255.255', '10.81.255.255'];

/** Each fails to reach, and is counted under a reason. All in one world: none needs what another one changes. */
export function isolationSuite(makeWorld: () => Promise<CasesWorld>): void {
  describe('isolation', () => {
    let world: CasesWorld;
    let setting: Setting;
    beforeAll(async () => {
      world = await makeWorld();
      setting = await Setting.make(world);
    });
    afterAll(() => world.close());

    it('domain A member -> domain B IP', async () => {
      world.putEverywhere(
        domainObject(BLUE, { prefixes: ['10.82.0.0/16'], clusters: { east: ['10.82.0.0/20'] } }),
      );
      await world.addPods('east', podObjects('shop', 'ledger', 'east-1'));
      world.api('east').put(membershipObject('shop', BLUE, 'ledger'));
      const ledger = { cluster: 'east', node: 'east-1', uid: 'shop-ledger-0' };
      await setting.until(async () => setting.addressOf(ledger, 4, BLUE) !== '');
      const to = setting.addressOf(ledger, 4, BLUE);
      await setting.until(async () => (await setting.ping(ledger, to)) === 'echoed');
      for (const from of [MEMBERS.frontend, MEMBERS.cart]) {
        expect(await setting.ping(from, to)).not.toBe('echoed');
        const counted = () => setting.drops(from.node, 'no-route');
        expect(
          await increase(counted, () => world.sendUnrouted(from.node, from.uid, { domain: RED, to })),
        ).toBe(1);
      }
    });

    it('spoofed source from own node’s other member, and from a member elsewhere (anti-spoof at veth)', async () => {
      for (const victim of [MEMBERS.beside, MEMBERS.catalog])
        for (const family of [4, 6] as const) {
          const forged = {
            domain: RED,
            from: setting.addressOf(victim, family),
            to: setting.addressOf(MEMBERS.cart, family),
          };
          const send = () => world.sendForged('east-1', MEMBERS.frontend.uid, forged);
          expect(await increase(() => setting.drops('east-1', 'source-not-allowed'), send)).toBe(1);
        }
    });

    it('spoofed source IP of another node’s member, from a node that was taken over (crypto-RP)', async () => {
      for (const victim of [MEMBERS.beside, MEMBERS.cart]) {
        const forged = {
          domain: RED,
          from: setting.addressOf(victim),
          to: setting.addressOf(MEMBERS.frontend),
        };
        const send = () => world.sendFromNode('west-1', forged);
        expect(await increase(() => setting.drops('east-1', 'source-not-allowed'), send)).toBe(1);
      }
    });

    it('default-route leak: an unknown domain IP is dropped', async () => {
      const ping = async () => expect(await setting.ping(MEMBERS.frontend, NOBODY)).toBe('unreachable');
      expect(await increase(() => setting.drops('east-1', 'no-route'), ping)).toBe(1);
    });

    it('multicast/broadcast not crossing', async () => {
      for (const to of TO_ALL) {
        const send = () => world.sendUnrouted('east-1', MEMBERS.frontend.uid, { domain: RED, to });
        expect([to, await increase(() => setting.drops('east-1', 'no-route'), send)]).toEqual([to, 1]);
      }
      const flows = (await setting.domain('east-1'))?.flows ?? [];
      expect(flows.length).toBeGreaterThan(0);
      expect(flows.filter((flow) => TO_ALL.includes(flow.to))).toEqual([]);
    });

    it('compromised peer cannot claim another node’s prefix', async () => {
      const api = world.api('east');
      const victim = setting.addressOf(MEMBERS.cart);
      const theft = { domain: RED, from: victim, to: setting.addressOf(MEMBERS.frontend) };
      world.mirror.cut('west', 'east');
      const slice = api.get('RemoteSlice', 'west.red') as KubernetesObject & { spec: SliceSpec };
      const peers = slice.spec.peers.map((peer) => ({
        ...peer,
        blocks: [...peer.blocks, blockOf(victim), `${victim}/32`],
      }));
      api.put({ ...slice, spec: { ...slice.spec, peers } });
      const told = async () =>
        (await setting.domain('east-1'))?.conditions.some(({ status }) => status === 'False');
      await setting.until(async () => (await told()) === true);
      expect(await setting.reaches(MEMBERS.frontend, MEMBERS.cart)).toBe(true);
      expect(await setting.reaches(MEMBERS.frontend, MEMBERS.catalog)).toBe(true);
      const send = () => world.sendFromNode('west-1', theft);
      expect(await increase(() => setting.drops('east-1', 'source-not-allowed'), send)).toBe(1);
    });

    it('removed member’s packets stop within a second of the change, in both directions', async () => {
      const from = setting.addressOf(MEMBERS.cart);
      expect(await setting.ping(MEMBERS.frontend, from)).toBe('echoed');
      world.api('east').drop('Membership', 'red-cart');
      const removedAtMs = world.nowMs();
      while ((await setting.ping(MEMBERS.cart, setting.addressOf(MEMBERS.frontend))) === 'echoed');
      while ((await setting.ping(MEMBERS.frontend, from)) === 'echoed');
      const tookMs = world.nowMs() - removedAtMs;
      process.stderr.write(`packets of a removed member stopped after ${Math.round(tookMs)} ms\n`);
      expect(tookMs).toBeLessThan(world.removedWithinMs);
      const ping = async () => expect(await setting.ping(MEMBERS.frontend, from)).not.toBe('echoed');
      expect(await increase(() => setting.drops('east-2', 'no-route'), ping)).toBe(1);
    });

    /** By how much a counter grows while something is done. */
    async function increase(counted: () => Promise<number>, work: () => Promise<void>): Promise<number> {
      const before = await counted();
      await world.during(work());
      return (await counted()) - before;
    }
  });
}

interface SliceSpec {
  readonly peers: readonly { readonly blocks: readonly string[] }[];
}

/** The block of sixteen that holds an address. */
function blockOf(address: string): string {
  const bytes = address.split('.');
  return `${bytes.slice(0, 3).join('.')}.${Number(bytes[3]) & 0xf0}/28`;
}
