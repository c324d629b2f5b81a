import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { given } from '../../clusters/given.ts';
import { inUrl } from '../../clusters/families.ts';
import { CLUSTERS } from '../../clusters/layout.ts';
import { cutOffApi, rejoinApi } from '../../clusters/network.ts';
import { kubectl, sampleIntent } from '../../clusters/sample.ts';
import { podsOf } from '../pods-of.ts';
import { MousePerson } from '../hands/mouse.ts';
import { ConnectPage } from '../pages/connect-page.ts';
import { MapPage } from '../pages/map-page.ts';
import { startStack, type Stack } from '../stack.ts';
import type { World } from './world.ts';

const WAIT_TIMEOUT = '--timeout=60s';

/** Two real clusters, on which Flatland is installed; a console that starts without any, and is given both. */
export const kubernetes: World = {
  name: 'kubernetes',
  clusters: CLUSTERS.map(({ name }) => name),
  async start() {
    await resetClusters();
    return startEmpty();
  },
  async begin(stack, browser) {
    for (const { name } of CLUSTERS) await connectByPasting(stack, browser, name);
  },
  takeAway: (_stack, cluster) => cutOffApi(clusterOf(cluster)),
  bringBack: (_stack, cluster) => rejoinApi(clusterOf(cluster)),
  async converse(from, to, domain) {
    const { cluster, namespace } = podsOf(from);
    const [address] = await addressesIn(domain, to);
    const [, , kind = '', name = ''] = from.split('/');
    // BusyBox's own time limit makes a static wget crash.
    const call = ['timeout', '10', 'wget', '-qO-', `http://${inUrl(address!)}:8080/`];
    await kubectl(given, cluster, ['-n', namespace, 'exec', `${kind.toLowerCase()}/${name}`, '--', ...call]);
  },
};

/** Makes every cluster one that is reached and whose intent is that of the sample, whatever was there. */
export async function resetClusters(): Promise<void> {
  for (const cluster of CLUSTERS) await rejoinApi(cluster);
  await Promise.all(CLUSTERS.map(({ name }) => resetIntent(name)));
}

/** A console with no lab and no cluster; its `kubectl` is that of the clusters' release, with their kubeconfig. */
export function startEmpty(env: Readonly<Record<string, string>> = {}): Promise<Stack> {
  return startStack({
    env: { FLATLAND_LAB: 'off', FLATLAND_KUBECONFIG: '', ...env },
    kubectl: { program: join(given.programs, 'kubectl'), kubeconfig: given.kubeconfig },
  });
}

/** The kubeconfig of one cluster, as `kubectl config view --minify --flatten` prints it. */
export function kubeconfigOf(cluster: string): Promise<string> {
  return kubectl(given, cluster, ['config', 'view', '--raw', '--minify', '--flatten']);
}

/** Connects a cluster as a person does who has its kubeconfig in the clipboard. */
async function connectByPasting(stack: Stack, browser: Browser, cluster: string): Promise<void> {
  const page = await browser.newPage();
  try {
    const { stdout } = await stack.flatland('open', '--json');
    await page.goto((JSON.parse(stdout) as { url: string }).url);
    const connect = new ConnectPage(page, new MousePerson(page, new MapPage(page)));
    await connect.connect(await kubeconfigOf(cluster));
    await connect.expectConnected(cluster);
  } finally {
    await page.close();
  }
}

/** Makes a cluster's intent that of the sample, whatever was there. */
async function resetIntent(cluster: string): Promise<void> {
  const wanted = sampleIntent(cluster);
  const names = new Set(wanted.map((object) => keyOf(object as Named)));
  const run = (...args: string[]) => kubectl(given, cluster, args);
  for (const kind of ['memberships', 'domains']) {
    const { items } = JSON.parse(await run('get', kind, '-A', '-o', 'json')) as { items: Named[] };
    for (const item of items.filter((found) => !names.has(keyOf(found)))) {
      const { namespace, name } = item.metadata;
      await run('delete', kind, name, ...(namespace === undefined ? [] : ['-n', namespace]), WAIT_TIMEOUT);
    }
  }
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: wanted });
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=flatland', '-f', '-'];
  await kubectl(given, cluster, apply, { input });
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface SliceSpec {
  readonly domain: string;
  readonly members?: readonly {
    readonly workload: { readonly name: string };
    readonly addresses: readonly string[];
  }[];
}

/** Addresses of a workload's pods in a domain. */
export async function addressesIn(domain: string, workload: string): Promise<string[]> {
  const { cluster, name } = podsOf(workload);
  const text = await kubectl(given, cluster, ['get', 'memberslices', '-o', 'json']);
  const { items } = JSON.parse(text) as { items: { spec: SliceSpec }[] };
  return items
    .filter(({ spec }) => spec.domain === domain)
    .flatMap(({ spec }) => spec.members ?? [])
    .filter((member) => member.workload.name === name)
    .flatMap(({ addresses }) => addresses);
}

function keyOf({ kind, metadata }: Named): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function clusterOf(name: string) {
  const cluster = CLUSTERS.find((candidate) => candidate.name === name);
  if (cluster === undefined) throw new Error(`there is no cluster ${name}`);
  return cluster;
}
