import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '@flatland/lab/machine/run-command';
import { namespaceOf } from './layout.ts';
import { isAlive, startRecorded, type ProcessRecord } from './processes.ts';

/** A running machine: a process that holds namespaces, with which everything inside ends. */
export interface RunningMachine {
  readonly name: string;
  /** Its part of the clusters directory. */
  readonly directory: string;
  /** Starts a program inside, to run on. */
  start(program: string, command: readonly string[]): Promise<ProcessRecord>;
  /** Runs a program inside to its end and gives what it printed. */
  run(command: readonly string[]): Promise<string>;
}

/**
 * Settings of the whole kernel that a kubelet writes when it starts. Each machine has files in their place, so that
 * the real ones stay as they are. Kubernetes: pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables.
 */
const KERNEL_SETTINGS = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/* The first process of a machine. It waits in the shell's own `wait`, which also takes in orphans. */
const FIRST_PROCESS = `
set -e
hostname "$1"
mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$2/lib" /var/lib
mount --bind "$2/log" /var/log
cd "$2/sys"
for file in */* */*/*; do
  if [ -f "$file" ] && [ -e "/proc/sys/$file" ]; then mount --bind "$file" "/proc/sys/$file"; fi
done
cd /
mount --make-rshared /
touch "$2/ready"
trap 'exit 0' TERM
while :; do sleep 86400 & wait; done
`;

/** What is hidden inside a machine by directories of its own. */
export const HIDDEN_DIRECTORIES = ['/run', '/var/run', '/var/lib', '/var/log'];

const READY_TIMEOUT_MS = 20_000;

/** Starts a machine in its network namespace: no programs yet. Throws where the kernel does not allow it. */
export async function startMachine(clustersDirectory: string, name: string): Promise<RunningMachine> {
  const directory = join(clustersDirectory, 'machines', name);
  for (const part of ['lib', 'log', 'sys']) await mkdir(join(directory, part), { recursive: true });
  for (const [path, value] of Object.entries(KERNEL_SETTINGS)) {
    await mkdir(dirname(join(directory, 'sys', path)), { recursive: true });
    await writeFile(join(directory, 'sys', path), `${value}\n`);
  }
  const ready = join(directory, 'ready');
  await rm(ready, { force: true });
  const holder = await startRecorded(clustersDirectory, name, [
    'nsenter',
    `--net=/run/netns/${namespaceOf(name)}`,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--uts',
    '--ipc',
    '--pid',
    '--mount-proc',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    FIRST_PROCESS,
    'sh',
    name,
    directory,
  ]);
  await waitForFile(ready, holder, join(clustersDirectory, 'logs', `${name}.log`));
  const enter = [
    'nsenter',
    '--target',
    String(holder.pid),
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    `--pid=/proc/${holder.pid}/ns/pid_for_children`,
    '--',
  ];
  return {
    name,
    directory,
    start: (program, command) =>
      startRecorded(clustersDirectory, `${name}.${program}`, [...enter, ...command]),
    run: ([program, ...args]) => {
      const [file, ...rest] = [...enter, program!, ...args];
      return runCommand(file!, rest, { timeoutMs: 120_000 });
    },
  };
}

async function waitForFile(path: string, holder: ProcessRecord, log: string): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (
    !(await access(path).then(
      () => true,
      () => false,
    ))
  ) {
    if (!(await isAlive(holder)) || Date.now() > deadlineMs)
      throw new Error(`a machine does not start; see ${log}`);
    await sleep(20);
  }
}
