import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName, NamespaceName, ObjectName } from '@flatland/shared/model/names';
import { domainObject, membershipObject, podObjects } from '../../src/agent/testing/objects.ts';
import type { AgentsWorld } from './agents-world-port.ts';

const RED = domainObject('red', {
  prefixes: ['10.81.0.0/16', 'fd00:81::/48'],
  clusters: { east: ['10.81.0.0/20', 'fd00:81::/52'], west: ['10.81.16.0/20', 'fd00:81:0:1000::/52'] },
});
const SANDBOX = domainObject('sandbox', {
  prefixes: ['10.81.0.0/16'],
  clusters: { east: ['10.81.0.0/20'], west: ['10.81.16.0/20'] },
});

/** What agents of several clusters do together, whoever carries the packets. */
export function agentsCompliance(makeWorld: () => Promise<AgentsWorld>): void {
  describe('agents of two clusters', () => suite(makeWorld));
}

function suite(makeWorld: () => Promise<AgentsWorld>): void {
  let world: AgentsWorld;
  beforeEach(async () => {
    world = await makeWorld();
    await world.addCluster('east', 2);
    await world.addCluster('west', 1);
    world.putEverywhere(RED);
    await world.addPods('east', podObjects('shop', 'frontend', 'east-1'));
    await world.addPods('east', podObjects('shop', 'cart', 'east-2'));
    await world.addPods('west', podObjects('shop', 'catalog', 'west-1'));
    await world.addPods('west', podObjects('shop', 'stray', 'west-1'));
    world
      .api('east')
      .put(membershipObject('shop', 'red', 'frontend'), membershipObject('shop', 'red', 'cart'));
    world.api('west').put(membershipObject('shop', 'red', 'catalog'));
  });
  afterEach(() => world.close());

  it('join members so that each reaches each, over both families, with its own address', async () => {
    await everybodyJoined();
    for (const [node, from] of MEMBERS)
      for (const [, to, cluster] of MEMBERS)
        for (const address of world.addressesOf(cluster, to, 'red'))
          expect([from, to, (await pingUntil(node, from, address)).kind]).toEqual([from, to, 'echoed']);
  });

  it('let nobody else in, and count what pretends', async () => {
    await everybodyJoined();
    const [cart = ''] = world.addressesOf('east', 'shop-cart-0', 'red');
    expect(await world.ping('west-1', 'shop-stray-0', cart)).toMatchObject({ kind: 'unreachable' });
    const forged = { domain: 'red' as DomainName, from: '10.81.16.1', to: cart };
    await world.sendForged('east-1', 'shop-frontend-0', forged);
    const report = await world.report('east-1');
    expect(report.domains[0]?.drops['source-not-allowed']).toBe(1);
  });

  it('take a member out without touching the others, and give it the same address again', async () => {
    await everybodyJoined();
    const before = world.addressesOf('east', 'shop-frontend-0', 'red');
    const [cart = ''] = world.addressesOf('east', 'shop-cart-0', 'red');
    world.api('east').drop('Membership', 'red-frontend');
    await until(() => world.addressesOf('east', 'shop-frontend-0', 'red').length === 0);
    expect(await world.ping('east-1', 'shop-frontend-0', cart)).toMatchObject({ kind: 'unreachable' });
    expect(await pingUntil('west-1', 'shop-catalog-0', cart)).toMatchObject({ kind: 'echoed' });
    const probed = await world.probe('east-1', {
      from: { namespace: 'shop' as NamespaceName, pod: 'frontend-7d9f-0' as ObjectName },
      to: cart as IpAddress,
      protocol: 'ICMP',
      timeoutMs: 500,
    });
    expect(probed).toMatchObject({ echoed: false, reason: 'no-shared-domain', datapath: world.datapath });
    world.api('east').put(membershipObject('shop', 'red', 'frontend'));
    await until(() => world.addressesOf('east', 'shop-frontend-0', 'red').length > 0);
    expect(world.addressesOf('east', 'shop-frontend-0', 'red')).toEqual(before);
    expect(await pingUntil('east-1', 'shop-frontend-0', cart)).toMatchObject({ kind: 'echoed' });
  });

  it('probe with ICMP, UDP and TCP from the instance’s own network', async () => {
    await everybodyJoined();
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    await pingUntil('east-1', 'shop-frontend-0', catalog);
    for (const protocol of ['ICMP', 'UDP', 'TCP'] as const) {
      const probed = await world.probe('east-1', {
        from: { namespace: 'shop' as NamespaceName, pod: 'frontend-7d9f-0' as ObjectName },
        to: catalog as IpAddress,
        protocol,
        timeoutMs: 1000,
      });
      expect(probed).toMatchObject({ protocol, echoed: true, from: { address: '10.81.0.1' } });
    }
  });

  it('keep two domains with equal prefixes, and equal addresses in them, apart', async () => {
    world.putEverywhere(SANDBOX);
    await world.addPods('west', podObjects('shop', 'stray', 'west-1', { first: 1 }));
    await world.addPods('east', podObjects('dev', 'toy', 'east-1'));
    world.api('west').put(membershipObject('shop', 'sandbox', 'stray'));
    world.api('east').put(membershipObject('dev', 'sandbox', 'toy'));
    await everybodyJoined();
    await until(() => world.addressesOf('east', 'dev-toy-0', 'sandbox').length > 0);
    await until(() => world.addressesOf('west', 'shop-stray-1', 'sandbox').length > 0);
    const strays = ['shop-stray-0', 'shop-stray-1'].map(
      (uid) => world.addressesOf('west', uid, 'sandbox')[0],
    );
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    expect(strays).toEqual([catalog, '10.81.16.2']);
    expect(await pingUntil('east-1', 'dev-toy-0', '10.81.16.2')).toMatchObject({ kind: 'echoed' });
    expect(await pingUntil('east-1', 'shop-frontend-0', catalog)).toMatchObject({ kind: 'echoed' });
    expect((await world.ping('east-1', 'shop-frontend-0', '10.81.16.2')).kind).not.toBe('echoed');
    const [cart = ''] = world.addressesOf('east', 'shop-cart-0', 'red');
    expect((await world.ping('east-1', 'dev-toy-0', cart)).kind).not.toBe('echoed');
  });

  it('lose no packet and no address when an agent is restarted', async () => {
    await everybodyJoined();
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    await pingUntil('east-1', 'shop-frontend-0', catalog);
    const before = world.addressesOf('east', 'shop-frontend-0', 'red');
    const outcomes: string[] = [];
    let isOver = false;
    const pinging = (async () => {
      while (!isOver) outcomes.push((await world.ping('east-1', 'shop-frontend-0', catalog)).kind);
    })();
    await world.restartAgent('east-1');
    await untilAsync(() => world.isReady('east-1'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    isOver = true;
    await pinging;
    expect(new Set(outcomes)).toEqual(new Set(['echoed']));
    expect(world.addressesOf('east', 'shop-frontend-0', 'red')).toEqual(before);
  });

  it('go on without the API, and take part again when it is back', async () => {
    await everybodyJoined();
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    await pingUntil('east-1', 'shop-frontend-0', catalog);
    world.api('east').isAway = true;
    await world.addPods('east', podObjects('shop', 'frontend', 'east-1', { first: 1 }));
    expect(await world.ping('east-1', 'shop-frontend-0', catalog)).toMatchObject({ kind: 'echoed' });
    expect(world.addressesOf('east', 'shop-frontend-1', 'red')).toEqual([]);
    world.api('east').comeBack();
    await until(() => world.addressesOf('east', 'shop-frontend-1', 'red').length > 0);
    expect(await pingUntil('east-1', 'shop-frontend-1', catalog)).toMatchObject({ kind: 'echoed' });
  });

  it('carry on when the forwarder starts anew', async () => {
    await everybodyJoined();
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    await pingUntil('east-1', 'shop-frontend-0', catalog);
    await world.restartForwarder('east-1');
    expect(await pingUntil('east-1', 'shop-frontend-0', catalog)).toMatchObject({ kind: 'echoed' });
  });

  it('clear everything away when the domain is gone, but for claims, which rest', async () => {
    await everybodyJoined();
    for (const api of world.apis.values()) api.drop('Domain', 'red');
    await until(() => [...world.apis.values()].every((api) => api.list('NodePeer').length === 0));
    await untilAsync(() => world.isClean());
    expect(world.api('east').list('AddressBlock')).toHaveLength(4);
  });

  it('report peers that are up, conditions and flows', async () => {
    await everybodyJoined();
    const [catalog = ''] = world.addressesOf('west', 'shop-catalog-0', 'red');
    await pingUntil('east-1', 'shop-frontend-0', catalog);
    const up = async () => (await world.report('east-1')).domains[0];
    await untilAsync(async () => (await up())?.peers.filter((peer) => peer.up).length === 2);
    const red = await up();
    expect(red?.peers.map((peer) => [peer.node, peer.path])).toEqual([
      ['east-2', 'direct'],
      ['west-1', 'direct'],
    ]);
    expect(red?.conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Consistent', 'True'],
      ['PeersConnected', 'True'],
      ['Programmed', 'True'],
    ]);
    expect(red?.flows[0]).toMatchObject({ from: '10.81.0.1', to: catalog });
  });

  const MEMBERS = [
    ['east-1', 'shop-frontend-0', 'east'],
    ['east-2', 'shop-cart-0', 'east'],
    ['west-1', 'shop-catalog-0', 'west'],
  ] as const;

  async function everybodyJoined(): Promise<void> {
    await until(() =>
      MEMBERS.every(([, uid, cluster]) => world.addressesOf(cluster, uid, 'red').length === 2),
    );
  }

  /** Pings until an echo comes: the first packets may be lost while tunnels come up. */
  async function pingUntil(node: string, uid: string, to: string) {
    for (let i = 0; i < 20; i++) {
      const outcome = await world.ping(node, uid, to, 250);
      if (outcome.kind === 'echoed') return outcome;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return world.ping(node, uid, to, 250);
  }
}

async function until(condition: () => boolean): Promise<void> {
  await untilAsync(async () => condition());
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to pass');
}
