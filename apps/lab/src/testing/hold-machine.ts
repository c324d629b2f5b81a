/**
 * Starts a machine whose API servers do not answer and holds it, for tests: `hold-machine.ts DIRECTORY`. Prints `"built"`, then runs
 * `{node, command}` lines of its standard input on the machine's nodes and prints `{exitCode, stdout}`.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';
import { openDataDirectory } from '../data-directory.ts';
import { onNode } from '../machine/enter-node.ts';
import { startMachine } from '../machine/start-machine.ts';

const directory = await openDataDirectory(process.argv[2]!);
const asRoot = process.getuid!() === 0;
const machine = startMachine({ directory, asRoot, nodePath: process.execPath, onLost: () => {} });
await machine.built;
const access = { name: '', url: 'https://127.0.0.1:1', caCertPem: '', adminToken: 'none' };
const clusters = LAB_CLUSTERS.map((definition) => ({
  definition,
  access: { ...access, name: definition.name },
}));
// Kubelets whose API never answers run, and never get ready.
machine.startNodes({ clusters, dataDirectory: directory.root, nodePath: process.execPath }).catch(() => {});
const first = await firstProcess();
tell('built');

for await (const line of createInterface({ input: process.stdin })) {
  const { node, command } = JSON.parse(line) as { node: string; command: string[] };
  const user = asRoot ? [] : ['--user', '--preserve-credentials'];
  const enter = ['--target', first, ...user, '--mount', '--net', '--pid', '--'];
  execFile('nsenter', [...enter, ...onNode(node, command)], (error, stdout) => {
    tell({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout });
  });
}

/** The pid, as seen from outside, of the process that is the machine's first. */
async function firstProcess(): Promise<string> {
  for (const pid of await readdir('/proc')) {
    const status = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') : '';
    const parent = /^PPid:\t(\d+)$/m.exec(status)?.[1];
    if (parent === undefined || !/^NSpid:\t\d+\t1$/m.test(status)) continue;
    const grandparent = await readFile(`/proc/${parent}/status`, 'utf8').catch(() => '');
    if (new RegExp(`^PPid:\\t${process.pid}$`, 'm').test(grandparent)) return pid;
  }
  throw new Error('the machine has no first process');
}

function tell(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
