import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupTraces, removeCgroups } from './cgroups.ts';
import { HOST_DEVICE } from './layout.ts';
import { networkTraces, removeNetwork } from './network.ts';
import { endAll, isAlive, PROCESS_MARK, readRecords } from './processes.ts';

/** File that says that a directory is the clusters'; nothing is ever removed where it is not. */
export const CLAIM = 'clusters';
/** The name under which a start that is under way records itself. */
export const STARTER = 'up';

/** Ends everything that a start over this directory made, however far it came, and removes the directory. */
export async function takeDown(directory: string): Promise<void> {
  if (!(await isClaimed(directory))) return;
  const records = await readRecords(directory);
  const starter = records.get(STARTER);
  if (starter !== undefined && starter.pid !== process.pid && (await isAlive(starter)))
    throw new Error(`the clusters are being started by process ${starter.pid}; end it first`);
  records.delete(STARTER);
  await endAll([...records.values()]);
  await removeNetwork();
  await removeCgroups();
  // The claim goes last, so that whatever is left of a removal that was cut short is still known as the clusters'.
  for (const name of (await readdir(directory)).filter((entry) => entry !== CLAIM))
    await rm(join(directory, name), { recursive: true });
  await rm(directory, { recursive: true });
}

/** True where a directory is the clusters'. */
export async function isClaimed(directory: string): Promise<boolean> {
  return access(join(directory, CLAIM)).then(
    () => true,
    () => false,
  );
}

/** Everything of the clusters that this machine shows: namespaces, cgroups, processes, mounts, devices, files. */
export async function tracesOf(directory: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const devices = (await readdir('/sys/class/net')).filter((name) => name === HOST_DEVICE);
  const files = await access(directory).then(
    () => [directory],
    () => [],
  );
  return [
    ...(await networkTraces()).map((name) => `network namespace ${name}`),
    ...(await cgroupTraces()).map((path) => `cgroup ${path}`),
    ...(await markedProcesses(directory)).map((process) => `process ${process}`),
    ...mounts.filter((line) => line.includes(`${directory}/`)).map((line) => `mount ${line}`),
    ...devices.map((name) => `device ${name}`),
    ...files.map((path) => `directory ${path}`),
  ];
}

async function markedProcesses(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`${PROCESS_MARK}=${directory}`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.push(`${pid} ${command.replaceAll('\0', ' ').trim()}`);
  }
  return found;
}
