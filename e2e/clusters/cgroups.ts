import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CGROUP } from './layout.ts';

const EMPTY_TIMEOUT_MS = 10_000;

/** The cgroup below which a node's pods are, from the root of each hierarchy. */
export function cgroupOf(node: string): string {
  return `/${CGROUP}/${node}`;
}

/** Makes a node's cgroup in every mounted hierarchy, as a kubelet wants to find it. */
export async function makeCgroup(node: string): Promise<void> {
  for (const root of await hierarchies()) {
    await mkdir(join(root, cgroupOf(node)), { recursive: true });
    for (const parent of [root, join(root, CGROUP), join(root, cgroupOf(node))])
      await passControllersOn(parent);
    for (const group of [join(root, CGROUP), join(root, cgroupOf(node))]) await giveShare(group);
  }
}

/**
 * What a cgroup with some tens of processes gets of a busy machine: as much as so many processes outside of it. By
 * default all of it together gets no more than one. Kernel: cgroup-v2.rst, cpu.weight; in version 1 cpu.shares.
 */
const SHARES = { 'cpu.shares': 20 * 1024, 'cpu.weight': 20 * 100 };

async function giveShare(group: string): Promise<void> {
  const files = await readdir(group);
  for (const [file, value] of Object.entries(SHARES))
    if (files.includes(file)) await writeFile(join(group, file), `${value}`);
}

/** The clusters' cgroups that there are, in each mounted hierarchy. */
export async function cgroupTraces(): Promise<string[]> {
  const found = await Promise.all(
    (await hierarchies()).map(async (root) =>
      (await readdir(root)).includes(CGROUP) ? [join(root, CGROUP)] : [],
    ),
  );
  return found.flat();
}

/** Removes the clusters' cgroups, whose processes have ended. */
export async function removeCgroups(): Promise<void> {
  for (const path of await cgroupTraces()) await removeTree(path);
}

async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return mounts.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4]!);
}

/** In version 2 a cgroup has only those controllers that its parent passes on. Version 1 knows no such file. */
async function passControllersOn(parent: string): Promise<void> {
  const controllers = await readFile(join(parent, 'cgroup.controllers'), 'utf8').catch(() => '');
  const words = controllers.split(/\s+/).filter(Boolean);
  if (words.length === 0) return;
  await writeFile(join(parent, 'cgroup.subtree_control'), words.map((word) => `+${word}`).join(' '));
}

/** A cgroup is removed as a directory, from the innermost out; its files go with it. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  const deadlineMs = Date.now() + EMPTY_TIMEOUT_MS;
  for (;;) {
    try {
      return await rmdir(path);
    } catch (error) {
      // The kernel counts a process that has ended for a moment longer.
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || Date.now() > deadlineMs) throw error;
    }
    await sleep(50);
  }
}
