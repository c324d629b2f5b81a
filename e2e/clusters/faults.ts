import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitInside } from './control-plane.ts';
import { findMachine, startMachine } from './machine.ts';
import { waitForContainerd } from './node.ts';
import { endAll, readRecords, startRecorded } from './processes.ts';

/** Programs of a node, in the order in which they start. */
const NODE_PROGRAMS = ['containerd', 'kubelet', 'kube-proxy'];
const STATE_PROGRAMS = ['etcd', 'kube-apiserver'];

/** A program of a machine that was ended, to be started again. */
export interface EndedProgram {
  readonly machine: string;
  readonly program: string;
  /** How it was started, from outside of the machine. */
  readonly command: readonly string[];
}

/** Ends a program of a machine as a crash does. What it started itself stays. Throws where it does not run. */
export async function endProgram(directory: string, machine: string, program: string): Promise<EndedProgram> {
  const record = (await readRecords(directory)).get(`${machine}.${program}`);
  if (record === undefined) throw new Error(`${machine} has no ${program}`);
  const command = (await readFile(`/proc/${record.pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  if (command.length === 0) throw new Error(`${program} of ${machine} does not run`);
  await endAll([record]);
  return { machine, program, command };
}

/** Starts an ended program again, as it was started before. */
export async function startProgram(
  directory: string,
  { machine, program, command }: EndedProgram,
): Promise<void> {
  await startRecorded(directory, `${machine}.${program}`, command);
}

/** Ends a program and starts it again at once. */
export async function restartProgram(directory: string, machine: string, program: string): Promise<void> {
  await startProgram(directory, await endProgram(directory, machine, program));
}

/**
 * Ends everything of a node without a word, as a power failure does, and starts it again: its disk is as it was, its
 * memory, `/run` and pods are gone. Its link, addresses and routes stay, as those of a machine that configures them when
 * it starts.
 */
export async function rebootNode(directory: string, node: string): Promise<void> {
  const ended: EndedProgram[] = [];
  for (const program of NODE_PROGRAMS.toReversed()) ended.unshift(await endProgram(directory, node, program));
  const holder = (await readRecords(directory)).get(node);
  if (holder === undefined) throw new Error(`there is no node ${node}`);
  await endAll([holder]);
  const machine = await startMachine(directory, node);
  for (const { program, command } of ended) {
    // The same program with the same arguments, in the new machine.
    await machine.start(program, command.slice(command.indexOf('--') + 1));
    if (program === 'containerd') await waitForContainerd(machine);
  }
}

/** Copies the state that a cluster's API keeps, while it does not run for a moment. */
export async function backUp(directory: string, control: string): Promise<void> {
  await whileApiIsAway(directory, control, async () => {
    await rm(backupOf(directory, control), { recursive: true, force: true });
    await cp(stateOf(directory, control), backupOf(directory, control), { recursive: true });
  });
}

/**
 * Puts back the state that was copied: the API goes on from there, with the versions of then. The other programs of the
 * control plane are started anew, as Kubernetes asks for after that ("Operating etcd clusters for Kubernetes").
 */
export async function restore(
  { directory, programs }: { readonly directory: string; readonly programs: string },
  control: string,
): Promise<void> {
  await whileApiIsAway(directory, control, async () => {
    await rm(stateOf(directory, control), { recursive: true });
    await cp(backupOf(directory, control), stateOf(directory, control), { recursive: true });
  });
  await waitInside(await findMachine(directory, control), programs);
  for (const program of ['kube-controller-manager', 'kube-scheduler'])
    await restartProgram(directory, control, program);
}

async function whileApiIsAway(directory: string, control: string, work: () => Promise<void>): Promise<void> {
  const ended: EndedProgram[] = [];
  for (const program of STATE_PROGRAMS.toReversed())
    ended.unshift(await endProgram(directory, control, program));
  try {
    await work();
  } finally {
    for (const program of ended) await startProgram(directory, program);
  }
}

function stateOf(directory: string, control: string): string {
  return join(directory, 'machines', control, 'etcd');
}

function backupOf(directory: string, control: string): string {
  return join(directory, 'machines', control, 'etcd-backup');
}
