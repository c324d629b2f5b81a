import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { findMachine } from './machine.ts';
import { CLOCK_LIBRARY } from './packages.ts';
import { kubectl } from './sample.ts';

/** Inside a node, and inside containers. */
const FOLDER = '/var/lib/test-clock';
const MOUNTED = '/test-clock';
const FIELD_MANAGER = 'test-clocks';
const WORKLOADS = [
  ['DaemonSet', 'forwarder'],
  ['DaemonSet', 'agent'],
  ['Deployment', 'controller'],
] as const;

interface Given {
  readonly programs: string;
  readonly kubeconfig: string;
}

/** Gives a node the library by which programs see another time, and a clock that is right. */
export async function prepareClock(directory: string, node: string): Promise<void> {
  const folder = await folderOf(directory, node);
  await mkdir(folder, { recursive: true });
  await copyFile(CLOCK_LIBRARY, join(folder, 'library.so'));
  await setClock(directory, node, 0);
}

/** Sets how far the wall clock of a node's programs is ahead, or behind where it is negative; they see it within a second. */
export async function setClock(directory: string, node: string, aheadSeconds: number): Promise<void> {
  const sign = aheadSeconds < 0 ? '-' : '+';
  await writeFile(join(await folderOf(directory, node), 'ahead'), `${sign}${Math.abs(aheadSeconds)}\n`);
}

/**
 * Lets Flatland's programs on a cluster, whose nodes are prepared, go by their nodes' clocks once they are started anew:
 * agents and controllers soon, forwarders when their pods are deleted. Timers go on by the kernel's monotonic clock, as
 * where a person sets the time.
 */
export async function followClocks(given: Given, cluster: string): Promise<void> {
  const environment = {
    LD_PRELOAD: `${MOUNTED}/library.so`,
    FAKETIME_TIMESTAMP_FILE: `${MOUNTED}/ahead`,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  await applyTemplates(given, cluster, (name) => ({
    spec: {
      containers: [
        {
          name,
          env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
          volumeMounts: [{ name: 'test-clock', mountPath: MOUNTED, readOnly: true }],
        },
      ],
      volumes: [{ name: 'test-clock', hostPath: { path: FOLDER, type: 'Directory' } }],
    },
  }));
}

/** Takes back what `followClocks` changed; forwarders go on as they are until they are replaced. */
export async function leaveClocks(given: Given, cluster: string): Promise<void> {
  await applyTemplates(given, cluster, () => undefined);
}

async function applyTemplates(
  given: Given,
  cluster: string,
  template: (container: string) => object | undefined,
): Promise<void> {
  const items = WORKLOADS.map(([kind, name]) => {
    const metadata = { name: `flatland-${name}`, namespace: SYSTEM_NAMESPACE };
    const changed = template(name);
    return { apiVersion: 'apps/v1', kind, metadata, ...(changed && { spec: { template: changed } }) };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const apply = ['apply', '--server-side', '--validate=false', '--field-manager', FIELD_MANAGER, '-f', '-'];
  await kubectl(given, cluster, apply, { input });
}

/** The folder from outside of the node, whose `/var/lib` is a directory of its own. */
async function folderOf(directory: string, node: string): Promise<string> {
  return join((await findMachine(directory, node)).directory, FOLDER.replace('/var/', ''));
}
