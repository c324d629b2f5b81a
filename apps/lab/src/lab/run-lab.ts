import { destination, pino } from 'pino';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { serveControl } from '../control/serve-control.ts';
import { openDataDirectory } from '../data-directory.ts';
import { memoryNodes } from '../in-memory/memory-nodes.ts';
import { kernelNodes } from '../machine/kernel-nodes.ts';
import { chooseDatapath } from './choose-datapath.ts';
import { Lab } from './lab.ts';
import type { LabEvent } from './report.ts';

/** Runs the lab until SIGTERM, SIGINT or the control socket ends it. */
export async function runLab(options: {
  dataPath: string;
  datapath: string | undefined;
  /** Ends when whoever started it is gone, however it ended. */
  endsWithParent: boolean;
  tell: (event: LabEvent) => void;
}): Promise<void> {
  const startedMs = Date.now() - Math.round(performance.now());
  const { tell } = options;
  const directory = await openDataDirectory(options.dataPath);
  // Sockets are named relative to it: their paths must be short.
  process.chdir(directory.root);
  const log = pino(
    { name: 'lab' },
    destination({ dest: join(directory.logs, 'lab.log'), mode: 0o600, sync: true }),
  );
  const choice = await chooseDatapath(options.datapath, [
    await realpath(directory.root),
    await realpath(process.execPath),
    await realpath(import.meta.filename),
  ]);
  if (choice.datapath === 'in-memory' && choice.next !== undefined)
    tell({
      event: 'warning',
      text: `datapath in memory: ${choice.reason}`,
      next: `for real packets, ${choice.next}`,
    });
  let stopping: Promise<void> | undefined;
  const nodes =
    choice.datapath === 'kernel'
      ? kernelNodes({
          directory,
          asRoot: choice.asRoot,
          nodePath: process.execPath,
          onLost: (text) => {
            log.error({ text }, 'the machine is lost');
            tell({ event: 'failed', text, next: 'start again; if it stays, look at log/machine.log' });
            void stop(1);
          },
        })
      : memoryNodes({ directory, log, nowMs: Date.now });
  const lab = await Lab.open({ directory, choice, nodes, log, tell, startedMs, nowMs: Date.now });
  const stop = (exitCode: number) => {
    stopping ??= lab
      .stop()
      .catch((error: unknown) => log.error({ err: error }, 'stopping failed'))
      .then(() => control.close())
      .then(() => process.exit(exitCode));
    return stopping;
  };
  const control = await serveControl({ lab, directory, choice, stop: () => void stop(0) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
  if (options.endsWithParent) onParentGone(() => void stop(0));
  try {
    await lab.start();
  } catch (error) {
    if (stopping !== undefined) return stopping;
    await lab.stop();
    await control.close();
    throw error;
  }
}

const PARENT_CHECK_MS = 1000;

/** Calls back when this process has another parent than at first. */
function onParentGone(listener: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, PARENT_CHECK_MS);
}
