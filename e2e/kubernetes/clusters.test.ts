import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tracesOf } from '../clusters/down.ts';
import { given, ROOT, settings } from '../clusters/given.ts';
import { inUrl, isIpv6 } from '../clusters/families.ts';
import { CLUSTERS, FAMILIES, HOST_DEVICE } from '../clusters/layout.ts';
import { findMachine } from '../clusters/machine.ts';
import { readRecords } from '../clusters/processes.ts';
import { kubectl, sampleOf } from '../clusters/sample.ts';
import { isUp } from '../clusters/up.ts';
import { buildPrograms } from '../clusters/build.ts';
import { run } from '../src/run.ts';
import { get, inPod } from './support.ts';

const MAIN = join(ROOT, 'e2e/clusters/main.ts');
const environment = { ...process.env, FLATLAND_CLUSTERS: settings.directory };
const START_TIMEOUT_MS = 600_000;

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: { readonly app: string };
  };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly phase: string;
    readonly podIP: string;
    readonly podIPs: readonly { readonly ip: string }[];
  };
}

const wasUp = await isUp(settings.directory);

describe('Two real clusters', () => {
  beforeAll(async () => {
    if (wasUp) return;
    await buildPrograms(settings, console.log);
    await killedStart();
    const { exitCode, stderr } = await main('up');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  afterAll(async () => {
    if (!wasUp) await main('down');
  });

  test('have two ready nodes each, with the same pod ranges in both clusters', async () => {
    const ranges = await Promise.all(
      CLUSTERS.map(async ({ name }) => {
        const items = await get<Node>(name, 'nodes');
        const ready = items.filter(({ status }) =>
          status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
        );
        expect(ready.map(({ metadata }) => metadata.name)).toEqual([`${name}-1`, `${name}-2`]);
        return items.map(({ spec }) => spec.podCIDRs);
      }),
    );
    expect(ranges[0]).toEqual([1, 2].map((number) => FAMILIES.map((plan) => plan.nodePodCidr(number))));
    expect(ranges[1]).toEqual(ranges[0]);
  });

  test('have addresses of the families that were asked for, and no other, on nodes and pods', async () => {
    const families = FAMILIES.map(({ family }) => family);
    for (const { name, nodes } of CLUSTERS) {
      const inside = (await get<Node>(name, 'nodes')).map(({ status }) =>
        status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
      );
      expect(inside).toEqual(nodes.map(({ addresses }) => addresses));
      for (const { metadata, status } of await get<Pod>(name, 'pods', '-A')) {
        expect(status.podIPs.map(({ ip }) => familyOf(ip))).toEqual(families);
        const links = await inPod(name, metadata, 'ip -o addr show scope global');
        expect(addressesIn(links)).toEqual(status.podIPs.map(({ ip }) => ip).toSorted());
      }
      for (const node of nodes) {
        const machine = await findMachine(settings.directory, node.name);
        const links = await machine.run(['ip', '-o', 'addr', 'show', 'dev', 'eth0', 'scope', 'global']);
        expect(addressesIn(links)).toEqual(node.addresses.toSorted());
      }
    }
  });

  test.each(CLUSTERS.map(({ name }) => name))('run the sample of %s, every pod ready', async (cluster) => {
    const wanted = sampleOf(cluster).flatMap(({ namespace, name, replicas }) =>
      Array.from({ length: replicas }, () => `${namespace}/${name}`),
    );
    const found = await get<Pod>(cluster, 'pods', '-A');
    expect(found.map(({ metadata }) => `${metadata.namespace}/${metadata.labels.app}`).toSorted()).toEqual(
      wanted.toSorted(),
    );
    expect(found.filter(({ status }) => status.phase !== 'Running')).toEqual([]);
  });

  test.each([
    ['aws-east', 'frontend'],
    ['onprem-fra', 'inventory'],
  ])(
    'carry HTTP between pods of different nodes in %s, with the address of who asks',
    async (cluster, app) => {
      const [one, two] = await get<Pod>(cluster, 'pods', '-n', 'shop', '-l', `app=${app}`);
      expect(new Set([one!.spec.nodeName, two!.spec.nodeName]).size).toBe(2);
      for (const [from, to] of [
        [one!, two!],
        [two!, one!],
      ] as const) {
        for (const [index, { ip }] of to.status.podIPs.entries()) {
          const text = await inPod(cluster, from.metadata, `wget -qO- http://${inUrl(ip)}:8080/`);
          const { addresses, ...answer } = JSON.parse(text) as { readonly addresses: readonly string[] };
          expect(answer).toEqual({
            name: `${cluster}/shop/${app}`,
            pod: to.metadata.name,
            caller: from.status.podIPs[index]!.ip,
          });
          expect(addresses.toSorted()).toEqual(to.status.podIPs.map((own) => own.ip).toSorted());
        }
      }
    },
  );

  test('serve the addresses of Services', async () => {
    const service = JSON.parse(
      await kubectl(given, 'aws-east', ['-n', 'shop', 'get', 'service', 'cart', '-o', 'json']),
    ) as { spec: { clusterIP: string } };
    const [frontend] = await get<Pod>('aws-east', 'pods', '-n', 'shop', '-l', 'app=frontend');
    const wget = `wget -qO- http://${inUrl(service.spec.clusterIP)}/`;
    const answer = await vi.waitFor(() => inPod('aws-east', frontend!.metadata, wget), {
      timeout: 60_000,
      interval: 500,
    });
    expect(JSON.parse(answer)).toMatchObject({ name: 'aws-east/shop/cart', caller: frontend!.status.podIP });
  });

  test('have a router that masquerades the cluster behind it and lets nobody in', async () => {
    const onprem = CLUSTERS.find(({ natAddresses }) => natAddresses !== undefined)!;
    const [inside] = await get<Pod>(onprem.name, 'pods', '-n', 'legacy');
    const aws = CLUSTERS[0]!;
    await kubectl(given, aws.name, ['apply', '-f', '-'], {
      input: JSON.stringify(nodePod(aws.nodes[0]!.name)),
    });
    try {
      await kubectl(given, aws.name, ['wait', '--for=condition=Ready', 'pod/on-node', '--timeout=60s']);
      for (const [index, router] of onprem.natAddresses!.entries()) {
        const wget = `wget -qO- http://${inUrl(aws.nodes[0]!.addresses[index]!)}:8080/`;
        const answer = await vi.waitFor(() => inPod(onprem.name, inside!.metadata, wget), {
          timeout: 60_000,
          interval: 500,
        });
        expect(JSON.parse(answer)).toMatchObject({ caller: router });
        const target = onprem.nodes[0]!.addresses[index]!;
        const route = `ip -${familyOf(target)} route`;
        const script = `${route} add ${target} via ${router}; ping -c 2 -W 1 ${target}; ${route} del ${target}`;
        const ping = await kubectl(given, aws.name, ['exec', 'on-node', '--', 'sh', '-c', script]);
        expect(ping).toMatch(/2 packets transmitted, 0 packets received/);
      }
    } finally {
      await kubectl(given, aws.name, ['delete', 'pod', 'on-node', '--grace-period=1']);
    }
  });

  test('are reached with a kubeconfig that names no file and no program', async () => {
    const read = readKubeconfig(await readFile(given.kubeconfig, 'utf8'), {
      addressPolicy: localAddressPolicy,
    });
    expect(read.ok && read.value.contexts.map(({ name, connection }) => [name, connection.ok])).toEqual(
      CLUSTERS.map(({ name }) => [name, true]),
    );
  });

  test('run the release that was asked for', async () => {
    for (const { name } of CLUSTERS) {
      const version = await kubectl(given, name, ['version', '-o', 'json']);
      expect(JSON.parse(version)).toMatchObject({ serverVersion: { gitVersion: `v${settings.release}` } });
    }
  });

  test.skipIf(wasUp)('leave nothing behind', async () => {
    const before = await tracesOf(settings.directory);
    for (const kind of ['network namespace', 'cgroup', 'process', `device ${HOST_DEVICE}`, 'directory'])
      expect(before.some((trace) => trace.startsWith(kind))).toBe(true);
    const { exitCode } = await main('down');
    expect(exitCode).toBe(0);
    expect(await tracesOf(settings.directory)).toEqual([]);
  });
});

interface Node {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podCIDRs: readonly string[] };
  readonly status: {
    readonly addresses: readonly { readonly type: string; readonly address: string }[];
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

function familyOf(address: string): 4 | 6 {
  return isIpv6(address) ? 6 : 4;
}

/** The addresses of what `ip -o addr` prints, sorted. */
function addressesIn(links: string): string[] {
  return [...links.matchAll(/ inet6? ([^ /]+)/g)].map(([, address]) => address!).toSorted();
}

/** A pod in the node's own network that may change its routes. */
function nodePod(nodeName: string): object {
  const image = { name: 'on-node', image: 'flatland.dev/sample-workload', imagePullPolicy: 'Never' };
  const container = { ...image, securityContext: { capabilities: { add: ['NET_ADMIN'] } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'on-node' },
    spec: { nodeName, hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [container] },
  };
}

/** Starts the clusters and kills the start in the middle, without a chance to clean up. */
async function killedStart(): Promise<void> {
  const child = spawn(process.execPath, [MAIN, 'up'], { cwd: ROOT, env: environment, stdio: 'inherit' });
  const ended = once(child, 'exit');
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await readRecords(settings.directory)).has('aws-east-1.kubelet')) {
    if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error('the clusters do not start');
    await sleep(20);
  }
  child.kill('SIGKILL');
  await ended;
}

function main(verb: 'up' | 'down') {
  return run(process.execPath, [MAIN, verb], { cwd: ROOT, env: environment, timeout: START_TIMEOUT_MS });
}
