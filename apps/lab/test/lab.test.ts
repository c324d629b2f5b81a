import { execFile } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listObjects } from '@flatland/kube/client/objects';
import { MemberSlice, Pod } from '@flatland/kube/client/resources';
import type { MemberSliceSpec } from '@flatland/shared/model/member-slice';
import { expect, test, vi } from 'vitest';
import { askControl } from '../src/control/ask-control.ts';
import { preflight } from '../src/machine/preflight.ts';
import { execInPod } from '../src/testing/exec-in-pod.ts';
import { hostTraces, NO_TRACES } from '../src/testing/left-behind.ts';
import type { KubeObject } from '../src/workloads/kinds/meta.ts';
import { isReady } from '../src/workloads/kinds/pod.ts';
import type * as kinds from '../src/workloads/kinds/pod.ts';
import { LabWorld, MAIN } from './lab-process.ts';
import type { LabDatapath, LabUser } from './lab-process.ts';

const kernel = await preflight();
const modes: [LabDatapath, LabUser][] = [['in-memory', 'this user']];
if (kernel.ok) modes.push(['kernel', 'this user']);
if (kernel.ok && kernel.asRoot) modes.push(['kernel', 'an ordinary user']);

test.for(modes)(
  'a lab %s as %s: packets, a cluster away, a resume, a kill, a reset',
  { timeout: 900_000 },
  async (mode) => {
    const [datapath, user] = mode;
    await using world = await LabWorld.make({ datapath, user });
    const ready = await world.start();
    expect(ready).toMatchObject({ event: 'ready', datapath, clusters: 3, nodes: 6 });
    expect((await stat(join(world.directory, 'kubeconfig'))).mode & 0o777).toBe(0o600);
    const pods = await untilPods(world);
    const members = await untilMembers(world);

    // A member of red reaches one behind the NAT by name; a workload in no domain reaches nothing.
    await untilPing(world, 'aws-east', 'shop/frontend', 'inventory.shop.red.flatland');
    await untilPing(world, 'onprem-fra', 'shop/inventory', 'frontend.shop.red.flatland');
    const inventory = Object.entries(members).find(([name]) => name.includes('inventory'))![1][0]!;
    expect(await ping(world, 'onprem-fra', 'legacy/print-server', inventory)).not.toBe(0);
    expect(await ping(world, 'aws-east', 'ledger/ledger-db', inventory)).not.toBe(0);

    if (datapath === 'kernel') await expectPrograms(world);

    // With an API server away packets flow on; it comes back at its address.
    const before = await world.access('gke-west');
    await askControl(world.directory, 'POST', '/v1/clusters/gke-west/stop');
    await expect(fetch(before.url)).rejects.toThrow();
    await untilPing(world, 'aws-east', 'shop/frontend', 'catalog.shop.red.flatland');
    await askControl(world.directory, 'POST', '/v1/clusters/gke-west/start');
    expect(await world.access('gke-west')).toEqual(before);
    await expect(askControl(world.directory, 'POST', '/v1/clusters/none/stop')).rejects.toThrow(
      'no cluster none',
    );

    // A second start resumes: the same pods, the same addresses.
    expect(await world.end('SIGTERM')).toBe(0);
    await world.untilGone();
    expect(await world.start()).toMatchObject({ event: 'ready' });
    expect(await untilPods(world)).toEqual(pods);
    expect(await untilMembers(world)).toEqual(members);
    await untilPing(world, 'aws-east', 'shop/frontend', 'inventory.shop.red.flatland');

    // A kill leaves nothing; a reset removes the lab's data and no other.
    await world.end('SIGKILL');
    await world.untilGone();
    expect(await hostTraces(world.directory)).toEqual(NO_TRACES);
    await writeFile(join(world.directory, 'journal.db'), '');
    const run = promisify(execFile);
    const env = { ...process.env, FLATLAND_DATA: world.directory };
    await expect(run(process.execPath, [MAIN, 'reset'], { env })).rejects.toMatchObject({ code: 1 });
    await run(process.execPath, [MAIN, 'reset', '--yes'], { env });
    expect(await readdir(world.directory)).toEqual(['journal.db']);
  },
);

test(
  'an unknown datapath, and a second lab on the same data, end with the next action',
  { timeout: 300_000 },
  async () => {
    await using world = await LabWorld.make({ datapath: 'quantum' as LabDatapath, user: 'this user' });
    expect(await world.start()).toEqual({
      event: 'failed',
      text: 'FLATLAND_DATAPATH is "quantum"',
      next: 'set it to auto, kernel or in-memory',
    });
  },
);

/** `cluster/namespace/name` of every pod, with its uid, once all are there and ready. */
async function untilPods(world: LabWorld): Promise<Record<string, string>> {
  return vi.waitFor(
    async () => {
      const found = await forEachCluster(world, Pod, (cluster, object) => {
        const pod = object as kinds.Pod;
        const { namespace, name, uid } = pod.metadata;
        return { entry: [`${cluster}/${namespace}/${name}`, uid!] as const, ready: isReady(pod) };
      });
      expect(found.filter(({ ready }) => !ready).map(({ entry }) => entry[0])).toEqual([]);
      expect(found).toHaveLength(30);
      return Object.fromEntries(found.map(({ entry }) => entry));
    },
    { timeout: 240_000, interval: 500 },
  );
}

/** The addresses of every member of a domain, once all are programmed. */
async function untilMembers(world: LabWorld): Promise<Record<string, string[]>> {
  return vi.waitFor(
    async () => {
      const found = await forEachCluster(world, MemberSlice, (cluster, object) => {
        const { domain, members } = object['spec'] as MemberSliceSpec;
        return members.map((member): [string, string[]] => [
          `${domain} ${cluster}/${member.pod.name}`,
          member.addresses,
        ]);
      });
      const all = Object.fromEntries(found.flat());
      // Each pod of the sample but print-server's, and billing's twice.
      expect(Object.keys(all)).toHaveLength(15);
      return all;
    },
    { timeout: 120_000, interval: 250 },
  );
}

async function forEachCluster<T>(
  world: LabWorld,
  type: Parameters<typeof listObjects>[1],
  read: (cluster: string, object: KubeObject) => T,
): Promise<T[]> {
  const clusters = ['aws-east', 'gke-west', 'onprem-fra'];
  const lists = await Promise.all(
    clusters.map(async (cluster) => {
      const client = await world.client(cluster);
      const list = await listObjects<KubeObject>(client, type);
      await client.close();
      return (list.ok ? list.value.items : []).map((object) => read(cluster, object));
    }),
  );
  return lists.flat();
}

async function untilPing(world: LabWorld, cluster: string, workload: string, to: string): Promise<void> {
  await vi.waitFor(async () => expect(await ping(world, cluster, workload, to)).toBe(0), {
    timeout: 60_000,
    interval: 500,
  });
}

/** The machine's own programs run in pods: HTTP between clusters keeps the caller's address; terminals work. */
async function expectPrograms(world: LabWorld): Promise<void> {
  const catalog = await podOf(world, 'gke-west', 'shop/catalog');
  const run = async (command: string[], options = {}) =>
    execInPod(await world.access('gke-west'), catalog, command, options);
  // Pings proved other pairs; this one may still wait for its names or its tunnel.
  const seen = await vi.waitFor(
    async () => {
      const answer = await run(['curl', '-sS', '-m', '5', 'http://inventory.shop.red.flatland:8080']);
      expect(answer).toMatchObject({ exitCode: 0 });
      return answer;
    },
    { timeout: 60_000, interval: 500 },
  );
  const { caller } = JSON.parse(seen.output) as { caller: string };
  const own = await run(['ip', '-brief', 'address', 'show', 'dev', 'fl-red']);
  expect(own.output).toContain(`${caller}/`);
  expect((await run(['curl', '-s', '-m', '5', 'http://catalog.shop.svc.cluster.local'])).exitCode).toBe(0);
  expect(await run(['tty'], { tty: true })).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^\/dev\/pts\/\d+/),
  });
}

/** Pings once from a pod of a workload; the exit code. */
async function ping(world: LabWorld, cluster: string, workload: string, to: string): Promise<number> {
  const pod = await podOf(world, cluster, workload);
  return (await execInPod(await world.access(cluster), pod, ['ping', '-c1', '-W2', to])).exitCode;
}

async function podOf(world: LabWorld, cluster: string, workload: string) {
  const [namespace, app] = workload.split('/') as [string, string];
  const client = await world.client(cluster);
  const list = await listObjects<kinds.Pod>(client, Pod, { namespace, labelSelector: `app=${app}` });
  await client.close();
  if (!list.ok) throw new Error(list.error.message);
  return { namespace, name: list.value.items[0]!.metadata.name, container: app };
}
