import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'flatland-clusters';

/** The cgroup below which a node's containers are, from the root of each hierarchy. */
export function cgroupOf(node: string): string {
  return `/${NAME}/${node}`;
}

/** The clusters' cgroups that there are, in each mounted hierarchy. */
export async function cgroupTraces(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const roots = mounts.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4]!);
  const found = await Promise.all(
    roots.map(async (root) => ((await readdir(root)).includes(NAME) ? [join(root, NAME)] : [])),
  );
  return found.flat();
}

/** Removes the clusters' cgroups, whose processes have ended. */
export async function removeCgroups(): Promise<void> {
  for (const path of await cgroupTraces()) await removeTree(path);
}

/** A cgroup is removed as a directory, from the innermost out; its files go with it. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  await rmdir(path);
}
