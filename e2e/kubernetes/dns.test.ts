import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COREFILE, giveCoreDns, startCoreDns, stopCoreDns, type CoreDnsLayout } from '../clusters/coredns.ts';
import { takeDown } from '../clusters/down.ts';
import { installFlatland, runFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { inUrl } from '../clusters/families.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { bringUp, isUp } from '../clusters/up.ts';
import { eventually, membersOf, readyPods, type TestMember } from './members.ts';
import { inMember, membersStarting } from './red.ts';
import { apply } from './support.ts';

const [AWS, ONPREM] = CLUSTERS.map(({ name }) => name) as [string, string];
const WORKLOAD = 'inventory.shop.red.flatland';
/** So many answers one after the other are from every instance. */
const IN_A_ROW = 5;
const RELOAD_TIMEOUT_MS = 400_000;
const wasUp = await isUp(settings.directory);

describe.each<[CoreDnsLayout, string]>([
  ['pods', 'as pods, as kubeadm has it'],
  ['nodes', 'on the nodes’ own network'],
])('Domains’ names by the cluster’s CoreDNS (%s), %s', (layout) => {
  let inventory: TestMember;
  let members: TestMember[];

  beforeAll(async () => {
    await bringUp(settings, console.log);
    await giveCoreDns(settings, console.log);
    await installFlatland(given);
    // What an earlier run left knows the domains already.
    await stopCoreDns(given, AWS, layout);
    await startCoreDns(given, AWS, layout);
    for (const cluster of [AWS, ONPREM]) await apply(cluster, sampleIntent(cluster));
    members = await eventually(async () => {
      const found = (await membersStarting('frontend', 'cart')).filter(({ cluster }) => cluster === AWS);
      expect(new Set(found.map(({ node }) => node)).size).toBe(2);
      return found;
    });
    inventory = await eventually(async () => {
      const [found] = (await membersOf('red')).filter(({ pod }) => pod.startsWith('inventory-'));
      expect(found).toBeDefined();
      return found!;
    });
  });

  afterAll(async () => {
    await stopCoreDns(given, AWS, layout);
    await uninstallFlatland(given);
    if (!wasUp && layout === 'nodes') await takeDown(settings.directory);
  });

  test('are unknown before it is told of them, while Services’ are known', async () => {
    const [member] = members;
    await eventually(async () => {
      const answer = await lookUp(member!, 'kubernetes.default.svc.cluster.local');
      expect(answer).toContain('10.96.0.1');
    });
    await expect(lookUp(member!, WORKLOAD)).rejects.toThrow();
  });

  test('are wired by `flatland dns --apply`, after which a second time changes nothing', async () => {
    expect(await dns()).toContain('does not yet do what it should');
    expect(await corefile()).toBe(COREFILE);
    expect(await dns('--apply')).toContain('as soon as it has read its Corefile again');
    expect(await dns('--apply')).toContain(`coredns in ${AWS} forwards`);
  });

  test(
    'are found by members on every node, those of the other cluster as well',
    async () => {
      // Each instance of CoreDNS reads its Corefile again in its own time.
      await eventually(async () => {
        for (const member of Array(IN_A_ROW).fill(members).flat() as TestMember[])
          await lookUp(member, WORKLOAD);
      });
      const addresses = (await membersStarting('inventory')).flatMap((one) => one.addresses);
      for (const member of members) {
        const answer = await lookUp(member, WORKLOAD);
        for (const address of addresses) expect(answer).toContain(address);
        const own = await lookUp(member, inventory.dnsNames[0]!);
        for (const address of inventory.addresses) expect(own).toContain(address);
      }
    },
    RELOAD_TIMEOUT_MS,
  );

  test('lead to the workload, which sees the member’s own address', async () => {
    for (const member of members) {
      const answer = await inMember(member, `wget -qO- http://${WORKLOAD}:8080/`);
      const { name, caller } = JSON.parse(answer) as { name: string; caller: string };
      expect(name).toBe(`${ONPREM}/shop/inventory`);
      expect(member.addresses.map(inUrl)).toContain(inUrl(caller));
    }
  });

  test('are shown to nobody else', async () => {
    const known = new Set((await membersOf('red')).map(({ uid }) => uid));
    const strangers = (await readyPods(AWS)).filter(
      ({ metadata, spec }) =>
        metadata.namespace !== 'kube-system' &&
        metadata.namespace !== 'flatland-system' &&
        spec.hostNetwork !== true &&
        !known.has(metadata.uid),
    );
    expect(strangers.length).toBeGreaterThan(0);
    for (const { metadata } of strangers) {
      const shell = ['sh', '-c', `nslookup ${WORKLOAD} 2>&1; true`];
      const words = ['-n', metadata.namespace, 'exec', metadata.name, '--', ...shell];
      expect(await kubectl(given, AWS, words)).toMatch(/REFUSED/);
    }
  });

  test('are taken out again by `flatland dns --remove`, to the byte', async () => {
    await dns('--remove', '--apply');
    expect(await corefile()).toBe(COREFILE);
  });
});

function dns(...flags: readonly string[]): Promise<string> {
  return runFlatland(['dns', given.kubeconfig, '--context', AWS, ...flags]);
}

async function corefile(): Promise<string> {
  const words = ['-n', 'kube-system', 'get', 'configmap', 'coredns', '-o', 'json'];
  const map = JSON.parse(await kubectl(given, AWS, words)) as { data: { Corefile: string } };
  return map.data.Corefile;
}

/** By the name server that the pod was given. */
function lookUp(member: TestMember, name: string): Promise<string> {
  return inMember(member, `nslookup ${name}`);
}
