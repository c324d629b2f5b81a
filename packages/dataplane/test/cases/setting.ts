import type { DomainName } from '@flatland/shared/model/names';
import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { CasesWorld } from './cases-world.ts';

export const RED = 'red' as DomainName;
export const BLUE = 'blue' as DomainName;
export const MTU_BYTES = 1420;
const STEP_MS = 200;

/** A member of red. */
export interface Member {
  readonly cluster: string;
  readonly node: string;
  readonly uid: string;
}

/** Two members beside each other, one on another node, one in another cluster. */
export const MEMBERS = {
  frontend: { cluster: 'east', node: 'east-1', uid: 'shop-frontend-0' },
  beside: { cluster: 'east', node: 'east-1', uid: 'shop-frontend-1' },
  cart: { cluster: 'east', node: 'east-2', uid: 'shop-cart-0' },
  catalog: { cluster: 'west', node: 'west-1', uid: 'shop-catalog-0' },
} as const satisfies Record<string, Member>;

/** A world with the members of `MEMBERS` in the domain red, over both families, all of which reach each other. */
export class Setting {
  readonly world: CasesWorld;

  private constructor(world: CasesWorld) {
    this.world = world;
  }

  static async make(world: CasesWorld): Promise<Setting> {
    const setting = new Setting(world);
    await world.during(world.addCluster('east', 2));
    await world.during(world.addCluster('west', 1));
    world.putEverywhere(
      domainObject(RED, {
        prefixes: ['10.81.0.0/16', 'fd00:81::/48'],
        clusters: {
          east: ['10.81.0.0/20', 'fd00:81::/52'],
          west: ['10.81.16.0/20', 'fd00:81:0:1000::/52'],
        },
      }),
    );
    await world.addPods('east', podObjects('shop', 'frontend', 'east-1', { count: 2 }));
    await world.addPods('east', podObjects('shop', 'cart', 'east-2'));
    await world.addPods('west', podObjects('shop', 'catalog', 'west-1'));
    for (const workload of ['frontend', 'cart'])
      world.api('east').put(membershipObject('shop', RED, workload));
    world.api('west').put(membershipObject('shop', RED, 'catalog'));
    await setting.untilAllReach();
    return setting;
  }

  /** The address of a member in a domain. */
  addressOf({ cluster, uid }: Member, family: 4 | 6 = 4, domain = RED): string {
    const addresses = this.world.addressesOf(cluster, uid, domain);
    return addresses.find((address) => address.includes(':') === (family === 6)) ?? '';
  }

  /** What becomes of an echo request. */
  async ping(from: Member, to: string, packetBytes?: number): Promise<string> {
    if (to === '') return 'no-address';
    const { world } = this;
    const ping = world.ping(from.node, from.uid, to, world.echoTimeoutMs, packetBytes);
    return (await world.during(ping)).kind;
  }

  async reaches(from: Member, to: Member): Promise<boolean> {
    return (await this.ping(from, this.addressOf(to))) === 'echoed';
  }

  /** How many packets a node dropped in a domain for a reason. */
  async drops(node: string, reason: string, domain = RED): Promise<number> {
    return (await this.domain(node, domain))?.drops[reason] ?? 0;
  }

  /** A node's report of a domain. */
  async domain(node: string, domain = RED) {
    const report = await this.world.during(this.world.report(node));
    return report.domains.find((one) => one.domain === domain);
  }

  /** Whether a node calls its path to another one up. */
  async isUp(node: string, to: string): Promise<boolean> {
    return (await this.domain(node))?.peers.find((peer) => peer.node === to)?.up === true;
  }

  /** Waits until something holds. */
  async until(condition: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    const untilMs = this.world.nowMs() + withinMs;
    while (!(await condition())) {
      if (this.world.nowMs() > untilMs) throw new Error('it did not come to pass');
      await this.world.pass(STEP_MS);
    }
  }

  /** Waits until every member reaches every other one, and each node calls all paths up. */
  async untilAllReach(): Promise<void> {
    const members = Object.values(MEMBERS);
    for (const from of members)
      for (const to of members) if (from !== to) await this.until(() => this.reaches(from, to));
    for (const node of ['east-1', 'east-2', 'west-1'])
      await this.until(async () => (await this.domain(node))?.peers.every(({ up }) => up) === true);
  }
}
