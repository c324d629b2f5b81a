import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '@flatland/lab/machine/send-signal';

/** A process of this machine. A process id alone may mean another process later; with its start time it does not. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks from the boot to the process' start; proc(5), stat, field 22. */
  readonly startTicks: number;
  readonly bootId: string;
}

/** Variable that marks the processes of a clusters directory; its value is the directory. */
export const PROCESS_MARK = 'FLATLAND_CLUSTERS_DIRECTORY';

const GONE_TIMEOUT_MS = 30_000;

/**
 * Starts a process that outlives this one, in a session of its own. Its record is on the disk before the program runs:
 * it waits for a word of ours, and ends where that never comes.
 */
export async function startRecorded(
  directory: string,
  name: string,
  command: readonly string[],
): Promise<ProcessRecord> {
  await mkdir(join(directory, 'logs'), { recursive: true });
  const log = openSync(join(directory, 'logs', `${name}.log`), 'a');
  const child = spawn('sh', ['-c', 'read -r go && exec "$@" </dev/null', 'sh', ...command], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', log, log],
    env: { ...process.env, [PROCESS_MARK]: directory },
  });
  closeSync(log);
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  if (child.pid === undefined) throw new Error(`${name} cannot be started`);
  const record = await recordOf(child.pid);
  if (record === undefined) throw new Error(`${name} ended at once`);
  await writeRecord(directory, name, record);
  child.stdin!.end('go\n');
  child.unref();
  return record;
}

/** What identifies a live process; undefined where there is none of that id, or only its remains. */
export async function recordOf(pid: number): Promise<ProcessRecord | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, in parentheses, is the program's name and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20 || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return { pid, startTicks: Number(fields[19]), bootId };
}

/** True where that very process runs. */
export async function isAlive(record: ProcessRecord): Promise<boolean> {
  const now = await recordOf(record.pid);
  return now?.startTicks === record.startTicks && now.bootId === record.bootId;
}

/** Ends processes and waits until they are gone, with whatever lives in PID namespaces of theirs. Throws where not. */
export async function endAll(records: readonly ProcessRecord[]): Promise<void> {
  const alive: ProcessRecord[] = [];
  for (const record of records) {
    if (!(await isAlive(record))) continue;
    // The first process of a PID namespace is gone only when the whole namespace is.
    alive.push(record, ...(await childrenOf(record.pid)));
  }
  for (const record of alive) if (await isAlive(record)) sendSignal(record.pid, 'SIGKILL');
  const deadlineMs = Date.now() + GONE_TIMEOUT_MS;
  for (const record of alive)
    while (await isAlive(record)) {
      if (Date.now() > deadlineMs) throw new Error(`process ${record.pid} does not end`);
      await sleep(50);
    }
}

/** Keeps a process' record under a name. It appears whole or not at all. */
export async function writeRecord(directory: string, name: string, record: ProcessRecord): Promise<void> {
  const path = join(directory, 'processes', `${name}.json`);
  await mkdir(join(directory, 'processes'), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

/** The records that a clusters directory keeps, by name. */
export async function readRecords(directory: string): Promise<Map<string, ProcessRecord>> {
  const records = new Map<string, ProcessRecord>();
  for (const file of await readdir(join(directory, 'processes')).catch((): string[] => [])) {
    if (!file.endsWith('.json')) continue;
    const text = await readFile(join(directory, 'processes', file), 'utf8');
    records.set(file.slice(0, -'.json'.length), JSON.parse(text) as ProcessRecord);
  }
  return records;
}

async function childrenOf(pid: number): Promise<ProcessRecord[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const records = await Promise.all(text.split(' ').filter(Boolean).map(Number).map(recordOf));
  return records.filter((record) => record !== undefined);
}
