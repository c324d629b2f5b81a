import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../packages/kube/test/foreign-cluster.ts', import.meta.url));

/** A cluster that Flatland knows nothing of, in a process of its own. */
export interface ForeignCluster extends AsyncDisposable {
  /** One line of JSON. */
  readonly kubeconfig: string;
  readonly token: string;
}

/** Starts the cluster's API server and waits for its kubeconfig. */
export async function startForeignCluster(): Promise<ForeignCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'fl-foreign-'));
  const child = spawn(process.execPath, [PROGRAM, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const [kubeconfig] = await Promise.race([
    new Promise<string[]>((resolve) => createInterface(child.stdout).once('line', (line) => resolve([line]))),
    ended.then((): string[] => []),
  ]);
  if (kubeconfig === undefined) throw new Error('the foreign cluster did not start');
  const { users } = JSON.parse(kubeconfig) as { users: { user: { token: string } }[] };
  return {
    kubeconfig,
    token: users[0]!.user.token,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
