import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { askControl } from '../control/ask-control.ts';
import { LAB_ENTRIES } from '../data-directory.ts';
import { LabError } from './report.ts';

const STOP_MS = 15_000;

/** Ends a running lab and removes what it keeps in the data directory. What others keep there stays. */
export async function resetLab(dataPath: string, options: { isConfirmed: boolean }): Promise<void> {
  if (!options.isConfirmed) {
    throw new LabError('a reset removes the embedded clusters with everything in them', 'say `reset --yes`');
  }
  const root = resolve(dataPath);
  await askControl(root, 'POST', '/v1/stop').catch(() => undefined);
  const deadlineMs = Date.now() + STOP_MS;
  while (await isRunning(root)) {
    if (Date.now() > deadlineMs)
      throw new LabError('the lab does not end', 'end its process, then reset again');
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await Promise.all(LAB_ENTRIES.map((entry) => rm(join(root, entry), { recursive: true, force: true })));
}

async function isRunning(root: string): Promise<boolean> {
  return askControl(root, 'GET', '/v1/status').then(
    () => true,
    () => false,
  );
}
