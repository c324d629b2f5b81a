import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchArguments } from '../src/launch.ts';

/** The real process, started as `flatland up` starts it. */
export interface ConsoleProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** The one-time link. */
  readonly link: string;
  /** JSON lines that it printed. */
  readonly lines: () => { event: string; url?: string; text?: string }[];
  readonly errors: () => string;
  readonly ended: Promise<unknown[]>;
}

export async function startProcess(
  dataDirectory: string,
  options: { port?: number; kubeconfig?: string; lab?: 'off' } = {},
): Promise<ConsoleProcess> {
  const kubeconfig = options.kubeconfig ?? join(dataDirectory, 'kubeconfig');
  const child = spawn(process.execPath, launchArguments({ dataDirectory, kubeconfig }), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      FLATLAND_DATA: dataDirectory,
      FLATLAND_KUBECONFIG: kubeconfig,
      FLATLAND_PORT: String(options.port ?? 0),
      ...(options.lab && { FLATLAND_LAB: options.lab }),
    },
  });
  let output = '';
  let errors = '';
  child.stdout!.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr!.on('data', (part: Buffer) => (errors += part.toString()));
  const ended = once(child, 'exit');
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { event: string; url?: string; text?: string });
  while (!output.includes('"link"')) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output}${errors}`);
    await sleep(10);
  }
  const link = lines().at(-1)!.url!;
  return { child, url: new URL(link).origin, link, lines, errors: () => errors, ended };
}

/** Headers with which the command line calls. */
export function cliHeaders(dataDirectory: string): Record<string, string> {
  const token = readFileSync(join(dataDirectory, 'cli-token'), 'utf8').trim();
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-flatland': '1' };
}
