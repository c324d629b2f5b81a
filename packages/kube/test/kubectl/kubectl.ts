import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedServer } from '../../src/server/start-server.ts';
import { kubeconfigOf } from '../../src/server/kubeconfig-of.ts';

/** What a command gave. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stock kubectl bound to one server, with a home of its own. */
export interface Kubectl {
  /** Runs a command line split at spaces; `input` is its standard input. */
  readonly run: (
    command: string | readonly string[],
    options?: { input?: string; env?: Record<string, string> },
  ) => Promise<Ran>;
  /** The same, and its output; throws when the command fails. */
  readonly ok: (command: string | readonly string[], input?: string) => Promise<string>;
}

/** Version of the kubectl on this machine; undefined without one. */
export function kubectlVersion(): string | undefined {
  const ran = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (ran.status !== 0) return undefined;
  return (JSON.parse(ran.stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}

/** Writes a kubeconfig into a directory and binds kubectl to it. */
export async function kubectlFor(server: EmbeddedServer, home: string): Promise<Kubectl> {
  const path = join(home, 'kubeconfig');
  const config = kubeconfigOf(server, { cluster: 'test', context: 'test' });
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  const run: Kubectl['run'] = (command, { input = '', env = {} } = {}) => {
    const words = typeof command === 'string' ? command.split(' ') : command;
    const child = spawn('kubectl', words, {
      env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: path, ...env },
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
  };
  const ok: Kubectl['ok'] = async (command, input) => {
    const ran = await run(command, input === undefined ? {} : { input });
    if (ran.code !== 0) throw new Error(`kubectl ${String(command)} ended with ${ran.code}: ${ran.stderr}`);
    return ran.stdout;
  };
  return { run, ok };
}
