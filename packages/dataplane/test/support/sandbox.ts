/**
 * A private mount, network and process namespace with its own /run, in which a test makes namespaces, devices and
 * processes. All of it is gone when the test closes it, and also when the test is killed: its first process reads
 * from a pipe that only the test holds open.
 */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const UNSHARE = [
  '--mount',
  '--net',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
  ...(isRoot ? [] : ['--map-root-user']),
];
const INIT =
  'mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/wireguard && echo ready && exec cat > /dev/null';

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Sandbox implements AsyncDisposable {
  readonly #unshare: ChildProcess;
  /** The first process inside, as numbered outside. */
  readonly pid: number;

  private constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare;
    this.pid = pid;
  }

  static async open(): Promise<Sandbox> {
    const unshare = spawn('unshare', [...UNSHARE, 'sh', '-c', INIT], { stdio: ['pipe', 'pipe', 'pipe'] });
    let problem = '';
    unshare.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      unshare.stdout.once('data', () => resolve());
      unshare.once('error', reject);
      unshare.once('exit', () => reject(new Error(`no sandbox: ${problem}`)));
    });
    const children = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8');
    return new Sandbox(unshare, Number(children.trim()));
  }

  /** Runs a program inside, in a network namespace of the sandbox where one is named. */
  async run(command: readonly string[], options: { netns?: string; input?: string } = {}): Promise<Output> {
    const { file, args } = this.#enter(command, options.netns);
    const child = run(file, args, { maxBuffer: 64 * 1024 * 1024 });
    // A program that does not read its input may be gone before it is written.
    child.child.stdin?.on('error', () => {});
    child.child.stdin?.end(options.input ?? '');
    try {
      return { code: 0, ...(await child) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
      return { code: code ?? -1, stdout, stderr };
    }
  }

  /** `run`, where anything but success is an error; what it printed. */
  async must(command: readonly string[], options: { netns?: string; input?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Runs several commands of `ip`, one a line. */
  async ip(lines: string): Promise<void> {
    const batch = lines
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
    for (const line of batch.split('\n').filter((text) => text !== ''))
      await this.must(['ip', ...line.split(' ')]);
  }

  /** Starts a program inside that goes on; it ends with the sandbox. */
  start(command: readonly string[], options: { netns?: string; env?: NodeJS.ProcessEnv } = {}): ChildProcess {
    const { file, args } = this.#enter(command, options.netns);
    return spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
  }

  /** Path, seen from outside, of a network namespace inside. */
  async netnsPath(netns: string): Promise<string> {
    const holder = this.start(['sleep', 'infinity'], { netns });
    const pid = await innermostPid(holder);
    return `/proc/${pid}/ns/net`;
  }

  /** Path, seen from outside, of a file inside. */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#unshare.once('exit', resolve));
    this.#unshare.stdin?.end();
    this.#unshare.kill('SIGKILL');
    await gone;
  }

  #enter(command: readonly string[], netns: string | undefined): { file: string; args: string[] } {
    const inside = netns === undefined ? command : ['ip', 'netns', 'exec', netns, ...command];
    const user = isRoot ? [] : ['--user', '--preserve-credentials'];
    const namespaces = ['--mount', '--net', '--pid', ...user];
    return { file: 'nsenter', args: ['--target', String(this.pid), ...namespaces, '--', ...inside] };
  }
}

/** Why sandboxes cannot be made here, or some of the tools are missing; nothing where all is well. */
export function sandboxProblem(...tools: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  const missing = ['ip', 'unshare', 'nsenter', ...tools].filter(
    (tool) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool]).status !== 0,
  );
  if (missing.length > 0) return `missing: ${missing.join(', ')}`;
  const tried = spawnSync('unshare', [
    ...UNSHARE,
    'sh',
    '-c',
    'mount -t tmpfs tmpfs /run && test -w /dev/net/tun',
  ]);
  return tried.status === 0
    ? undefined
    : `no private namespaces or no /dev/net/tun: ${tried.stderr.toString().trim()}`;
}

/** Says loudly that tests are left out, and whether they are. */
export function skips(suite: string, problem: string | undefined): boolean {
  if (problem === undefined) return false;
  process.stderr.write(`\nSKIPPED ${suite}: ${problem}\n`);
  return true;
}

/** Waits until something holds, looking often; an error when it never does. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The last process of the chain nsenter - ip netns exec - program. */
async function innermostPid(child: ChildProcess): Promise<number> {
  let pid = child.pid!;
  await until('the program runs', () => {
    for (;;) {
      const [next] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      if (next === undefined || next === '')
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep';
      pid = Number(next);
    }
  });
  return pid;
}
