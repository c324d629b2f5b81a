import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server in a child process. */
export interface ServerProcess {
  readonly url: string;
  readonly caCertPem: string;
  readonly token: string;
  readonly pid: number;
  /** Makes it forget the history of changes. */
  readonly forgetHistory: () => void;
  /** Ends it without warning, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Ends it in order. */
  readonly stop: () => Promise<void>;
}

/** Starts a server on a directory; rejects with what it wrote when it does not come up. */
export async function startServerProcess(dataDir: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./serve.ts', import.meta.url)), dataDir], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A start costs a fifth when the stripped sources are kept.
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: fileURLToPath(
        new URL('../../../../node_modules/.cache/node-compile', import.meta.url),
      ),
    },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${complaint}`)));
  });
  const { url, caCertPem, token } = JSON.parse(line) as { url: string; caCertPem: string; token: string };
  const pid = child.pid!;
  return {
    url,
    caCertPem,
    token,
    pid,
    forgetHistory: () => void child.kill('SIGUSR2'),
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
