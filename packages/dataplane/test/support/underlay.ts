/** Two network namespaces of a sandbox, joined by a cable, and WireGuard devices in them. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ForwarderClient } from '../../src/wireguard/forwarder-client.ts';
import { until, type Sandbox } from './sandbox.ts';

const SOURCE = fileURLToPath(new URL('../../src/wireguard/', import.meta.url));

/** Makes `n1` (192.168.9.1, fd09::1) and `n2` (192.168.9.2, fd09::2). */
export async function joinTwoNamespaces(sandbox: Sandbox): Promise<void> {
  await sandbox.ip('netns add n1\nnetns add n2');
  await linkTwoNamespaces(sandbox);
}

/** Lays the cable of `joinTwoNamespaces` between `n1` and `n2`, which are there. */
export async function linkTwoNamespaces(sandbox: Sandbox): Promise<void> {
  await sandbox.ip(`
    link add v1 netns n1 type veth peer name v2 netns n2
    -n n1 addr add 192.168.9.1/24 dev v1
    -n n2 addr add 192.168.9.2/24 dev v2
    -n n1 addr add fd09::1/64 dev v1 nodad
    -n n2 addr add fd09::2/64 dev v2 nodad
    -n n1 link set lo up
    -n n2 link set lo up
    -n n1 link set v1 up
    -n n2 link set v2 up`);
}

export interface Forwarder {
  readonly client: ForwarderClient;
  readonly process: ChildProcess;
  /** What it has logged so far. */
  readonly log: () => string;
}

/** Starts a forwarder process in a namespace, through a launcher where one is named, and waits until it answers. */
export async function startForwarder(
  sandbox: Sandbox,
  netns: string,
  env: NodeJS.ProcessEnv = {},
  launcher: readonly string[] = [],
): Promise<Forwarder> {
  const socket = `/run/forwarder-${netns}.sock`;
  const process_ = sandbox.start(
    [
      ...launcher,
      process.execPath,
      `${SOURCE}forwarder-main.ts`,
      '--control',
      socket,
      '--uapi-directory',
      '/run/wireguard',
    ],
    { netns, env },
  );
  let log = '';
  process_.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const client = new ForwarderClient(sandbox.path(socket));
  await until('the forwarder answers', async () => {
    if (process_.exitCode !== null) throw new Error(`the forwarder ended: ${log}`);
    return (await client.health()).ok;
  });
  return { client, process: process_, log: () => log };
}

/** Ends a program started through the sandbox with a signal, by its number outside; its exit code. */
export async function stop(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  process.kill(pid, signal);
  await exited;
  return child.exitCode;
}

/** Puts a device up with the inner addresses 10.9.0.n/24 and fd10::n/64. */
export async function address(sandbox: Sandbox, netns: string, device: string, n: number): Promise<void> {
  await sandbox.ip(`
    -n ${netns} addr add 10.9.0.${n}/24 dev ${device}
    -n ${netns} addr add fd10::${n}/64 dev ${device} nodad
    -n ${netns} link set ${device} up`);
}

/** Whether an address answers echo requests. */
export async function pings(sandbox: Sandbox, netns: string, to: string, count = 3): Promise<boolean> {
  const command = ['ping', '-c', String(count), '-i', '0.2', '-W', '20', to];
  const { code, stdout } = await sandbox.run(command, { netns });
  return code === 0 && stdout.includes(' 0% packet loss');
}

/** Text of `wg` run in a namespace. */
export async function wg(sandbox: Sandbox, netns: string, args: string, input = ''): Promise<string> {
  // `wg` opens /dev/stdin anew, which a socket does not allow and a pipe does.
  return sandbox.must(['sh', '-c', 'cat | wg "$@"', 'wg', ...args.split(' ')], { netns, input });
}

const SERVER = `
const net = require('net'), crypto = require('crypto');
net.createServer({ allowHalfOpen: true }, (s) => {
  const hash = crypto.createHash('sha256');
  s.on('data', (d) => hash.update(d));
  s.on('end', () => s.end(hash.digest('hex')));
}).listen(7000, process.argv[1], () => console.log('ready'));
`;

const CLIENT = `
const net = require('net'), crypto = require('crypto');
const s = net.connect({ host: process.argv[1], port: 7000, allowHalfOpen: true });
const hash = crypto.createHash('sha256');
let left = Number(process.argv[2]), answer = '';
const more = () => {
  while (left > 0) {
    const chunk = crypto.randomBytes(Math.min(65536, left));
    left -= chunk.length; hash.update(chunk);
    if (!s.write(chunk)) return s.once('drain', more);
  }
  s.end();
};
s.on('data', (d) => answer += d);
s.on('end', () => { console.log(answer === hash.digest('hex') ? 'equal' : 'different'); });
more();
`;

/** Sends random bytes over TCP and compares hashes of what was sent and what arrived. */
export async function transfersIntact(
  sandbox: Sandbox,
  { from, to, address: target, nBytes }: { from: string; to: string; address: string; nBytes: number },
): Promise<boolean> {
  const server = sandbox.start([process.execPath, '-e', SERVER, target], { netns: to });
  await once(server.stdout!, 'data');
  const result = await sandbox.must([process.execPath, '-e', CLIENT, target, String(nBytes)], {
    netns: from,
  });
  server.stdin?.end();
  await sandbox.run(['kill', String(await insidePid(sandbox, 'listen(7000'))]);
  return result.trim() === 'equal';
}

/** `transfersIntact` from `n1` over IPv4 inside the tunnel, then from `n2` over IPv6. */
export async function transfersIntactBothWays(sandbox: Sandbox, nBytes: number): Promise<boolean> {
  return (
    (await transfersIntact(sandbox, { from: 'n1', to: 'n2', address: '10.9.0.2', nBytes })) &&
    (await transfersIntact(sandbox, { from: 'n2', to: 'n1', address: 'fd10::1', nBytes }))
  );
}

/** Number, inside the sandbox, of the youngest process whose command line holds a text. */
async function insidePid(sandbox: Sandbox, text: string): Promise<number> {
  const script = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -qF -- "$1" && echo "\${p#/proc/}"; done | sort -n | tail -1`;
  const { stdout } = await sandbox.run([
    'sh',
    '-c',
    script.replace('grep -qF', 'grep -v "sh -c" | grep -qF'),
    'sh',
    text,
  ]);
  return Number(stdout.trim());
}
