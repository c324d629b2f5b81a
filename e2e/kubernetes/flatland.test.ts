import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { installFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { inUrl, isIpv6 } from '../clusters/families.ts';
import { CLUSTERS, FAMILIES, FAMILY_CHOICE } from '../clusters/layout.ts';
import { closeRouter, openRouter, setRouterMtu } from '../clusters/network.ts';
import { kubectl } from '../clusters/sample.ts';
import { bringUp, isUp } from '../clusters/up.ts';
import { takeDown } from '../clusters/down.ts';
import { membersOf } from './members.ts';
import { apply, get, inPod, reportsOf, routerOf } from './support.ts';

const [AWS, ONPREM] = CLUSTERS.map(({ name }) => name) as [string, string];
const wasUp = await isUp(settings.directory);
/** Longest packet inside an underlay of 1400: the overhead of IPv6 is 80, and packets are padded to 16. */
const NARROW = { underlayBytes: 1400, insideBytes: 1312 };
const WITHIN = { timeout: 60_000, interval: 500 };

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIPs: readonly { readonly ip: string }[];
    readonly containerStatuses: readonly { restartCount: number }[];
  };
}

interface NodePeer {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly domain: string;
    readonly node: string;
    readonly candidates: readonly { readonly address: string; readonly source: string }[];
  };
}

describe('Flatland on two real clusters', () => {
  let before: Pod[];

  beforeAll(async () => {
    await bringUp(settings, console.log);
    before = await allPods();
    await installFlatland(given);
    for (const cluster of [AWS, ONPREM]) await apply(cluster, sampleIntent(cluster));
    await vi.waitFor(async () => {
      for (const [cluster, app] of MEMBERS) expect(await addressesOf(cluster, app)).not.toEqual([]);
    }, WITHIN);
  });

  afterAll(async () => {
    await uninstallFlatland(given);
    if (!wasUp) await takeDown(settings.directory);
  });

  const MEMBERS = [
    [AWS, 'frontend'],
    [AWS, 'cart'],
    [ONPREM, 'inventory'],
  ] as const;

  test('carries packets between running pods of both clusters by domain address, source kept', async () => {
    for (const [fromCluster, from] of MEMBERS)
      for (const [toCluster, to] of MEMBERS) {
        if (from === to) continue;
        const [sender] = await podsOf(fromCluster, from);
        const own = await addressesOf(fromCluster, from, sender!.metadata.name);
        for (const address of await addressesOf(toCluster, to)) {
          const url = `http://${inUrl(address)}:8080/`;
          const answer = await vi.waitFor(
            () => inPod(fromCluster, shop(sender!), `wget -qO- ${url}`),
            WITHIN,
          );
          const { name, caller } = JSON.parse(answer) as { name: string; caller: string };
          expect(name).toBe(`${toCluster}/shop/${to}`);
          expect(own).toContain(caller);
        }
      }
  });

  test('keeps equal pod addresses of both clusters apart', async () => {
    const [aws, onprem] = await Promise.all([AWS, ONPREM].map((cluster) => get<Pod>(cluster, 'pods', '-A')));
    const theirs = new Set(onprem!.flatMap(({ status }) => status.podIPs.map(({ ip }) => ip)));
    const shared = aws!.flatMap(({ status }) => status.podIPs.filter(({ ip }) => theirs.has(ip)));
    expect(new Set(shared.map(({ ip }) => isIpv6(ip))).size).toBe(FAMILIES.length);
    const addresses = [...(await addressesOf(AWS, 'frontend')), ...(await addressesOf(ONPREM, 'inventory'))];
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('answers members’ names at the domain’s router', async () => {
    const [sender] = await podsOf(AWS, 'frontend');
    const member = (await membersOf('red')).find(
      ({ cluster, pod }) => cluster === ONPREM && pod.startsWith('inventory'),
    )!;
    const router = await routerOf(AWS, 'red', sender!);
    const lookup = `nslookup ${member.dnsNames[0]} ${router}`;
    const answer = await vi.waitFor(() => inPod(AWS, shop(sender!), lookup), WITHIN);
    expect(answer).toContain(member.addresses[0]);
  });

  test('announces each node at its addresses, and at no other', async () => {
    for (const { name, nodes } of CLUSTERS) {
      const peers = await get<NodePeer>(name, 'nodepeers');
      for (const node of nodes) {
        const [red] = peers.filter(({ spec }) => spec.domain === 'red' && spec.node === node.name);
        const own = red!.spec.candidates.filter(({ source }) => source === 'interface');
        expect(own.map(({ address }) => address)).toEqual(node.addresses);
      }
    }
  });

  test.runIf(FAMILIES.length > 1)(
    'goes over the other address family where one does not pass between the clusters',
    async () => {
      const [sender] = await podsOf(AWS, 'frontend');
      const behind = CLUSTERS.find(({ name }) => name === ONPREM)!;
      for (const { family } of FAMILIES) {
        await closeRouter(behind, family);
        try {
          for (const address of await addressesOf(ONPREM, 'inventory'))
            await vi.waitFor(async () => {
              const answer = await inPod(AWS, shop(sender!), `ping -c 5 -i 0.2 -W 1 ${address}`);
              expect(answer).toContain('5 packets transmitted, 5 packets received');
            }, WITHIN);
        } finally {
          await openRouter(behind);
        }
      }
    },
  );

  test.runIf(FAMILY_CHOICE === 'ipv6')(
    'finds how long packets may be where IPv6 between the clusters carries less, and loses no byte',
    async () => {
      const [sender] = await podsOf(AWS, 'frontend');
      const behind = CLUSTERS.find(({ name }) => name === ONPREM)!;
      await setRouterMtu(behind, NARROW.underlayBytes);
      try {
        await vi.waitFor(async () => {
          // What comes in is swallowed; of what goes out the kernel is told, and sends it in fragments.
          for (const { domains } of await reportsOf(AWS))
            for (const peer of domains.find(({ domain }) => domain === 'red')!.peers)
              if (peer.cluster === ONPREM) expect(peer.mtuBytes).toBe(NARROW.insideBytes);
        }, WITHIN);
        for (const address of await addressesOf(ONPREM, 'inventory')) {
          const echo = `dd if=/dev/zero bs=64k count=16 2>/dev/null | timeout 8 nc ${address} 7 | wc -c`;
          const words = ['-n', 'shop', 'exec', sender!.metadata.name, '--', 'sh', '-c', echo];
          expect((await run(AWS, words)).trim()).toBe(String(16 * 65_536));
        }
      } finally {
        await setRouterMtu(behind, 1500);
      }
    },
  );

  test('restarts no pod', async () => {
    const after = new Map((await allPods()).map((pod) => [pod.metadata.uid, pod]));
    for (const pod of before) {
      expect(after.has(pod.metadata.uid)).toBe(true);
      const restarts = after
        .get(pod.metadata.uid)!
        .status.containerStatuses.map(({ restartCount }) => restartCount);
      expect(restarts).toEqual(pod.status.containerStatuses.map(({ restartCount }) => restartCount));
    }
  });

  test('lets an agent write the objects of its own node only', async () => {
    const [agent] = await get<Pod>(AWS, 'pods', '-n', 'flatland-system', '-l', AGENT);
    const { name, uid } = agent!.metadata;
    const bound = ['--bound-object-kind=Pod', `--bound-object-name=${name}`, `--bound-object-uid=${uid}`];
    const token = (
      await run(AWS, ['-n', 'flatland-system', 'create', 'token', 'flatland-agent', ...bound])
    ).trim();
    const peers = await get<NodePeer>(AWS, 'nodepeers');
    const asAgent = (...args: string[]) =>
      withToken(token, (kubeconfig) => kubectl({ ...given, kubeconfig }, AWS, args));
    const label = (peer: string) => asAgent('label', 'nodepeer', peer, 'tried=yes');
    const own = peers.find(({ spec }) => spec.node === agent!.spec.nodeName)!;
    const other = peers.find(({ spec }) => spec.node !== agent!.spec.nodeName)!;
    await expect(label(other.metadata.name)).rejects.toThrow(
      'an agent writes only the objects of its own node',
    );
    await expect(asAgent('get', 'secrets', '-A')).rejects.toThrow('forbidden');
    expect(await label(own.metadata.name)).toContain('labeled');
  });

  test('goes on while everything of ours but the forwarders is gone', async () => {
    const [sender] = await podsOf(AWS, 'frontend');
    const [address] = await addressesOf(ONPREM, 'inventory');
    for (const cluster of [AWS, ONPREM]) {
      const system = ['-n', 'flatland-system', 'delete', '--wait=true'];
      await run(cluster, [...system, 'daemonset/flatland-agent', 'deployment/flatland-controller']);
      await run(cluster, [...system, 'pod', '-l', `${AGENT}`, '--ignore-not-found']);
    }
    const answer = await inPod(AWS, shop(sender!), `ping -c 10 -i 0.2 -W 1 ${address}`);
    expect(answer).toContain('10 packets transmitted, 10 packets received');
    await installFlatland(given);
    expect(await addressesOf(ONPREM, 'inventory')).toContain(address);
  });
});

/** Works with a kubeconfig that knows nobody but the owner of a token. */
async function withToken<T>(token: string, work: (kubeconfig: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'flatland-token-'));
  try {
    const config = JSON.parse(await run(AWS, ['config', 'view', '--raw', '--minify', '-o', 'json'])) as {
      users: { name: string; user: object }[];
    };
    for (const entry of config.users) entry.user = { token };
    const path = join(directory, 'kubeconfig');
    await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const AGENT = 'app.kubernetes.io/name=flatland-agent';

function run(cluster: string, args: readonly string[]): Promise<string> {
  return kubectl(given, cluster, args);
}

function podsOf(cluster: string, app: string): Promise<Pod[]> {
  return get<Pod>(cluster, 'pods', '-n', 'shop', '-l', `app=${app}`);
}

async function allPods(): Promise<Pod[]> {
  const pods = await Promise.all([AWS, ONPREM].map((cluster) => get<Pod>(cluster, 'pods', '-n', 'shop')));
  return pods.flat();
}

/** Addresses in the domain red of a workload's pods, or of one of them. */
async function addressesOf(cluster: string, app: string, pod?: string): Promise<string[]> {
  const members = await membersOf('red');
  return members
    .filter((member) => member.cluster === cluster)
    .filter(({ pod: name }) => (pod === undefined ? name.startsWith(`${app}-`) : name === pod))
    .flatMap(({ addresses }) => addresses);
}

/** Where a pod of the sample's shop is. */
function shop(pod: Pod) {
  return { namespace: 'shop', name: pod.metadata.name };
}
