import { existsSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError, EXIT } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { dataDirectory } from '../io/paths.ts';
import { stackHolder } from '../up/start-lock.ts';

const zAnswer = z.looseObject({ message: z.string().optional() });

/** Files and folders of the data directory that the stack makes; nothing else is ever removed. */
const OWN_ENTRIES = [
  'clusters',
  'nodes',
  'pods',
  'logs',
  'run',
  'kubeconfig',
  'lab.json',
  'journal.db',
  'journal.db-shm',
  'journal.db-wal',
  'cli-token',
  'console.json',
  'up.pid',
];

/** `flatland lab reset --yes`: forgets the embedded clusters and the console's journal. The stack must be stopped. */
export function labReset(io: CommandIo, options: { readonly json?: boolean; readonly yes?: boolean }): void {
  const directory = dataDirectory(io.env);
  const holder = stackHolder(directory);
  if (holder !== undefined)
    throw new CommandError(`the stack runs (process ${holder})`, { next: 'Stop it with Ctrl-C first' });
  const present = OWN_ENTRIES.map((name) => join(directory, name)).filter((path) => existsSync(path));
  if (options.yes !== true)
    throw new CommandError(
      `this removes ${present.length} entries of ${directory}: clusters, workloads, change sets, audit`,
      { next: 'Say so with --yes', exitCode: EXIT.usage },
    );
  for (const path of present) rmSync(path, { recursive: true, force: true });
  print(io, options, { removed: present }, () => `${directory} is as new`);
}

/** `flatland lab stop-cluster|start-cluster NAME`: takes an embedded cluster’s API away, and brings it back. */
export async function labCluster(
  io: CommandIo,
  options: { readonly json?: boolean },
  change: { readonly action: 'stop-cluster' | 'start-cluster'; readonly cluster: string },
): Promise<void> {
  const answer = await callLab(dataDirectory(io.env), `/v1/${change.action}`, { cluster: change.cluster });
  print(io, options, answer, () => answer.message ?? `${change.cluster}: done`);
}

function callLab(directory: string, path: string, body: object): Promise<z.infer<typeof zAnswer>> {
  const socketPath = join(directory, 'run', 'lab.sock');
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const answer = zAnswer.safeParse(parse(Buffer.concat(chunks).toString('utf8')));
          if (response.statusCode === 200) resolve(answer.data ?? {});
          else reject(new CommandError(answer.data?.message ?? `the lab answered ${response.statusCode}`));
        });
      },
    );
    call.on('error', () =>
      reject(new CommandError('the lab does not answer', { next: 'Start it with: npm start' })),
    );
    call.end(JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
