import { request } from 'node:http';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { run } from '../io/run.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { dataDirectory, WORKSPACE_ROOT } from '../io/paths.ts';
import { stackHolder } from '../up/start-lock.ts';

const zAnswer = z.looseObject({ error: z.string().optional() });

/** The console's own files: what they tell of is gone with the clusters. */
const JOURNAL_FILES = ['credential-key', 'journal.sqlite', 'journal.sqlite-shm', 'journal.sqlite-wal'];

/** `flatland lab reset --yes`: forgets the embedded clusters and the console's journal. The stack must be stopped. */
export async function labReset(
  io: CommandIo,
  options: { readonly json?: boolean; readonly yes?: boolean },
): Promise<void> {
  const directory = dataDirectory(io.env);
  const holder = stackHolder(directory);
  if (holder !== undefined)
    throw new CommandError(`the stack runs (process ${holder})`, { next: 'Stop it with Ctrl-C first' });
  if (options.yes !== true)
    throw new CommandError(
      `this removes the clusters, workloads, change sets, audit and connections to other clusters in ${directory}`,
      {
        next: 'Say so with --yes',
        exitCode: EXIT.usage,
      },
    );
  const reset = await run(
    process.execPath,
    [join(WORKSPACE_ROOT, 'apps/lab/src/main.ts'), 'reset', '--yes'],
    { ...io.env, FLATLAND_DATA: directory },
  );
  if (reset.exitCode !== 0) throw new CommandError(`the lab could not be reset: ${reset.output.trim()}`);
  for (const name of JOURNAL_FILES) rmSync(join(directory, name), { force: true });
  print(io, options, { directory }, () => `${directory} is as new`);
}

/** `flatland lab stop-cluster|start-cluster NAME`: takes an embedded cluster’s API away, and brings it back. */
export async function labCluster(
  io: CommandIo,
  options: { readonly json?: boolean },
  change: { readonly action: 'stop' | 'start'; readonly cluster: string },
): Promise<void> {
  await callLab(dataDirectory(io.env), `/v1/clusters/${encodeURIComponent(change.cluster)}/${change.action}`);
  print(
    io,
    options,
    change,
    () =>
      `${change.cluster}: ${change.action === 'stop' ? 'its API is away; nodes and pods run on' : 'its API is back'}`,
  );
}

/** Unix socket paths are short, so the socket is named from inside the directory. */
function callLab(directory: string, path: string): Promise<void> {
  try {
    process.chdir(directory);
  } catch {
    throw new CommandError(`there is no lab in ${directory}`, { next: 'Start it with: npm start' });
  }
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: 'run/control.sock', path, method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode === 200) return resolve();
        const answer = zAnswer.safeParse(parse(Buffer.concat(chunks).toString('utf8')));
        reject(new CommandError(answer.data?.error ?? `the lab answered ${response.statusCode}`));
      });
    });
    call.on('error', () =>
      reject(new CommandError('the lab does not answer', { next: 'Start it with: npm start' })),
    );
    call.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
