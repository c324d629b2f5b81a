import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { vi } from 'vitest';
import { expect } from 'vitest';
import { openAdminClient } from '../src/clusters/open-admin-client.ts';
import type { ClusterAccess } from '../src/clusters/kubeconfig.ts';
import type { LabEvent } from '../src/lab/report.ts';
import { searchPath } from '../src/machine/programs.ts';
import { MARK, markedProcesses } from '../src/testing/left-behind.ts';

export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const NOBODY = 65_534;
/** A start on a machine that is busy with other tests. */
const START_MS = 150_000;

/** Some systems let root alone open /dev/net/tun: here it is as on the others, in a mount namespace of its own. */
const AS_NOBODY = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 && ' +
    `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups -- "$@"`,
  'sh',
];

export type LabUser = 'this user' | 'an ordinary user';
export type LabDatapath = 'in-memory' | 'kernel';

/** A data directory and the labs that run on it one after the other. */
export class LabWorld {
  readonly directory: string;
  readonly #user: LabUser;
  readonly #datapath: LabDatapath;
  readonly mark = randomUUID();
  child: ChildProcess | undefined;

  private constructor(directory: string, options: { user: LabUser; datapath: LabDatapath }) {
    this.directory = directory;
    this.#user = options.user;
    this.#datapath = options.datapath;
  }

  static async make(options: { user: LabUser; datapath: LabDatapath }): Promise<LabWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'fl-'));
    if (options.user === 'an ordinary user') await chown(directory, NOBODY, NOBODY);
    return new LabWorld(directory, options);
  }

  /** Starts a lab and gives its last event: ready or failed. */
  async start(): Promise<LabEvent> {
    const [program, ...args] = [
      ...(this.#user === 'an ordinary user' ? AS_NOBODY : []),
      process.execPath,
      MAIN,
    ];
    const child = spawn(program!, args, {
      env: {
        PATH: searchPath(process.env['PATH']),
        FLATLAND_DATA: this.directory,
        FLATLAND_DATAPATH: this.#datapath,
        [MARK]: this.mark,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const event = JSON.parse(line) as LabEvent;
        if (event.event === 'ready' || event.event === 'failed') return event;
      }
      throw new Error('the lab ended without a word');
    } finally {
      clearTimeout(timer);
      child.stdout.resume();
    }
  }

  /** Sends a signal and waits for the end. Gives the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  /** Waits until no process of this world is left. */
  async untilGone(): Promise<void> {
    await vi.waitFor(async () => expect(await markedProcesses(this.mark)).toEqual([]), {
      timeout: 15_000,
      interval: 100,
    });
  }

  /** How the clusters are reached, from the kubeconfig. */
  async access(cluster: string): Promise<ClusterAccess> {
    const config = parse(await readFile(join(this.directory, 'kubeconfig'), 'utf8')) as {
      clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
      users: { name: string; user: { token: string } }[];
    };
    const { cluster: entry } = config.clusters.find(({ name }) => name === cluster)!;
    const { user } = config.users.find(({ name }) => name === `${cluster}-admin`)!;
    return {
      name: cluster,
      url: entry.server,
      caCertPem: Buffer.from(entry['certificate-authority-data'], 'base64').toString(),
      adminToken: user.token,
    };
  }

  /** A client of a cluster, over its socket. */
  async client(cluster: string) {
    return openAdminClient(await this.access(cluster), join(this.directory, 'run', `api-${cluster}.sock`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await this.untilGone();
    await rm(this.directory, { recursive: true, force: true });
  }
}
