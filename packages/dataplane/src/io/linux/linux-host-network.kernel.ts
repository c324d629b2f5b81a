import { readdir, writeFile } from 'node:fs/promises';
import { zDomainName } from '@flatland/shared/model/names';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostNetworkCompliance, member, router } from '../../../test/compliance/host-network-compliance.ts';
import { linuxNode } from '../../../test/machine/linux-node.ts';
import { inNamespace } from '../../../test/machine/pod-commands.ts';
import { NETNS_DIRECTORY, routerNamespacePath } from './router-namespace.ts';

hostNetworkCompliance(linuxNode);

describe('the Linux host network', () => {
  let world: Awaited<ReturnType<typeof linuxNode>>;
  beforeEach(async () => {
    world = await linuxNode();
  });
  afterEach(() => world.close());

  it('never sends a domain’s prefix out of the pod in clear, from the moment of joining on', async () => {
    await world.addPod('a');
    await world.listenOutside();
    expect(await world.ping('a', '10.81.0.9')).toBe('echoed');
    expect(await world.ping('a', 'fd00:81::9')).toBe('echoed');
    await world.network.apply({ routers: [router('red', [member('a', 1)])] });
    expect(await world.ping('a', '10.81.0.9')).toBe('unreachable');
    await world.network.apply({ routers: [] });
    expect(await world.ping('a', '10.81.0.9')).toBe('unreachable');
    expect(await world.ping('a', 'fd00:81::9')).toBe('unreachable');
  });

  it('lets nothing of the node’s own network reach a member, nor the other way', async () => {
    await world.addPod('a');
    await world.network.apply({ routers: [router('red', [member('a', 1)])] });
    const links = JSON.parse(await inNamespace('fl-red', ['ip', '-json', 'link'])) as { ifname: string }[];
    expect(links.map((link) => link.ifname.replace(/^m[0-9a-f]{14}$/, 'member')).toSorted()).toEqual([
      'lo',
      'member',
    ]);
    const routes = await inNamespace('fl-red', ['ip', 'route']);
    expect(routes).toMatch(/^unreachable default/m);
  });

  it('takes packets of a domain up to its MTU, and answers longer ones', async () => {
    await world.addPod('a');
    await world.addPod('b');
    await world.network.apply({
      routers: [router('red', [member('a', 1), member('b', 2)], { mtuBytes: 1380 })],
    });
    expect(await world.ping('a', '10.81.0.2', { bytes: 1380 })).toBe('echoed');
    expect(await world.ping('a', '10.81.0.2', { bytes: 1381 })).not.toBe('echoed');
    expect(await world.ping('a', 'fd00:81::2', { bytes: 1380 })).toBe('echoed');
  });

  it('works in a pod whose IPv6 is off by default', async () => {
    await world.addPod('a');
    await world.addPod('b');
    await inNamespace('pod-a', ['sysctl', '-q', '-w', 'net.ipv6.conf.default.disable_ipv6=1']);
    await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
    expect(await world.ping('a', 'fd00:81::2')).toBe('echoed');
  });

  it('mends what somebody took away by hand, once it has looked', async () => {
    await world.addPod('a');
    await world.addPod('b');
    const program = { routers: [router('red', [member('a', 1), member('b', 2)])] };
    await world.network.apply(program);
    await inNamespace('pod-a', ['ip', 'addr', 'del', '10.81.0.1/32', 'dev', 'fl-red']);
    await inNamespace('fl-red', ['ip', 'route', 'del', '10.81.0.2']);
    await inNamespace('fl-red', ['nft', 'delete', 'table', 'inet', 'flatland']);
    await world.network.observe();
    await world.network.apply(program);
    expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
    expect(await world.network.counters()).toMatchObject([{ drops: { 'source-not-allowed': 0 } }]);
  });

  it('makes a namespace anew whose making was cut short, and takes it away where no domain wants it', async () => {
    await world.addPod('a');
    await world.addPod('b');
    // What `ip netns add` leaves that is ended before it mounts the namespace.
    for (const domain of ['red', 'green'])
      await writeFile(routerNamespacePath(zDomainName.parse(domain)), '');
    expect(await world.network.observe()).toEqual([]);
    expect(await world.network.counters()).toEqual([]);
    await world.network.ensureDomains([zDomainName.parse('red')]);
    await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
    expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
    expect((await readdir(NETNS_DIRECTORY)).filter((name) => name.startsWith('fl-'))).toEqual(['fl-red']);
  });

  it('gives a namespace its settings whose making was cut short before them', async () => {
    await world.addPod('a');
    await world.addPod('b');
    await inNamespace('pod-a', ['ip', 'netns', 'add', 'fl-red']);
    await world.network.observe();
    await world.network.apply({ routers: [router('red', [member('a', 1), member('b', 2)])] });
    expect(await world.ping('a', '10.81.0.2')).toBe('echoed');
  });

  it('programs fifty members at once', async () => {
    const uids = Array.from({ length: 50 }, (_, i) => `p${i + 1}`);
    for (const uid of uids) await world.addPod(uid);
    const members = uids.map((uid, i) => member(uid, i + 1));
    const { members: outcomes } = await world.network.apply({ routers: [router('red', members)] });
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(await world.ping('p50', '10.81.0.1')).toBe('echoed');
  });
});
