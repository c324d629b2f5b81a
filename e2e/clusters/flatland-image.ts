import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@flatland/lab/machine/run-command';
import { DEFAULT_CRI_SOCKET } from '@flatland/shared/manifest/install/workloads';
import { CLUSTERS } from './layout.ts';
import { runningMachine, type RunningMachine } from './machine.ts';

const BUILD = fileURLToPath(new URL('../../scripts/image/main.ts', import.meta.url));
const BUILD_TIMEOUT_MS = 900_000;

interface Index {
  readonly manifests: readonly { readonly digest: string }[];
}

/** What the nodes run Flatland from, where nothing else is said. */
export const FLATLAND_IMAGE = 'flatland.dev/flatland:checkout';

/**
 * Builds the image of this checkout as `npm run image` does, and gives it to containerd of every node that does not
 * have it.
 */
export async function giveFlatlandImage(directory: string): Promise<void> {
  const output = join(directory, 'flatland-image');
  const build = [BUILD, '--output', output, '--tag', FLATLAND_IMAGE];
  await runCommand(process.execPath, build, { timeoutMs: BUILD_TIMEOUT_MS });
  const { manifests } = JSON.parse(await readFile(join(output, 'layout/index.json'), 'utf8')) as Index;
  for (const machine of await nodes(directory)) {
    const known = await ctr(machine, 'ls', `name==${FLATLAND_IMAGE}`);
    if (!known.includes(manifests[0]!.digest)) await ctr(machine, 'import', join(output, 'flatland.tar'));
  }
}

/** Gives the image another name on every node, so that it counts as another version. */
export async function tagFlatlandImage(directory: string, name: string): Promise<void> {
  for (const machine of await nodes(directory)) await ctr(machine, 'tag', '--force', FLATLAND_IMAGE, name);
}

function nodes(directory: string): Promise<RunningMachine[]> {
  const names = CLUSTERS.flatMap((cluster) => cluster.nodes.map(({ name }) => name));
  return Promise.all(names.map((name) => runningMachine(directory, name)));
}

function ctr(machine: RunningMachine, ...words: readonly string[]): Promise<string> {
  return machine.run(['ctr', '-a', DEFAULT_CRI_SOCKET, '-n', 'k8s.io', 'images', ...words]);
}
