/** Measures one way between two namespaces with iperf3 and ping. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Sandbox } from '../../test/support/sandbox.ts';
import type { MeasuredPath } from './paths.ts';

/** Clock ticks of /proc in a second; the same on all of Linux that people see. */
const TICKS_PER_SECOND = 100;
/** Payload of UDP that makes an IP packet of 1400 bytes. */
const UDP_PAYLOAD_BYTES = 1_372;
const N_PINGS = 200;
/** What a measurement may take longer than it was asked to. */
const MAX_DELAY_SECONDS = 30;
const MAX_TRIES = 10;

export interface Measurement {
  readonly path: string;
  readonly tcpGbits: number;
  readonly tcp8Gbits: number;
  /** Inside IPv6; not a number where the way has none. */
  readonly tcp6Gbits: number;
  readonly udpGbits: number;
  readonly rttMs: number;
  readonly rttMedianMs: number;
  /** User and system time of the tunnel's processes, and of both iperf3, while one TCP stream ran. */
  readonly cpuSecondsPerGbit: number;
}

interface Iperf {
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number; readonly bytes: number };
  };
}

/** Makes the way, measures it, and takes everything away again. */
export async function measure({ name, make, target6 }: MeasuredPath, seconds: number): Promise<Measurement> {
  await using sandbox = await Sandbox.open();
  const target = await make(sandbox);
  await ping(sandbox, target);
  const rtts = await ping(sandbox, target);
  const before = cpuSeconds(sandbox);
  const tcp = await iperf(sandbox, target, seconds);
  const used = cpuSeconds(sandbox) - before + tcp.cpuSeconds;
  const tcp8 = await iperf(sandbox, target, seconds, '-P', '8');
  const tcp6 = target6 === undefined ? undefined : await iperf(sandbox, target6, seconds);
  const udp = await iperf(sandbox, target, seconds, '-u', '-b', '0', '-l', String(UDP_PAYLOAD_BYTES));
  return {
    path: name,
    tcpGbits: tcp.gbits,
    tcp8Gbits: tcp8.gbits,
    tcp6Gbits: tcp6?.gbits ?? NaN,
    udpGbits: udp.gbits,
    rttMs: mean(rtts),
    rttMedianMs: median(rtts),
    cpuSecondsPerGbit: used / ((tcp.bytes * 8) / 1e9),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function ping(sandbox: Sandbox, target: string): Promise<number[]> {
  const command = ['ping', '-c', String(N_PINGS), '-i', '0.02', target];
  const text = await sandbox.must(command, { netns: 'n1' });
  return [...text.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
}

/** One run of iperf3 to an address, from `n1`. */
export async function iperf(sandbox: Sandbox, target: string, seconds: number, ...args: readonly string[]) {
  await iperfServer(sandbox, seconds);
  const client = ['iperf3', '-c', target, '-t', String(seconds), '-J', ...args];
  const command = ['timeout', String(seconds + MAX_DELAY_SECONDS), ...client];
  const { end } = JSON.parse(await sandbox.must(command, { netns: 'n1' })) as Iperf & {
    end: { cpu_utilization_percent: { host_total: number; remote_total: number } };
  };
  const { host_total: host, remote_total: remote } = end.cpu_utilization_percent;
  return {
    gbits: end.sum_received.bits_per_second / 1e9,
    bytes: end.sum_received.bytes,
    cpuSeconds: ((host + remote) / 100) * seconds,
  };
}

/** Starts a server for one client; an error where it does not listen, because one before it still does. */
async function iperfServer(sandbox: Sandbox, seconds: number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const command = [
      'timeout',
      String(seconds + 2 * MAX_DELAY_SECONDS),
      'iperf3',
      '-s',
      '-1',
      '--forceflush',
    ];
    const server = sandbox.start(command, { netns: 'n2' });
    const listens = new Promise<boolean>((resolve) => {
      server.stdout?.once('data', () => resolve(true));
      server.once('exit', () => resolve(false));
    });
    if (await listens) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('iperf3 does not listen');
}

/** What all processes of a sandbox have used so far, those that have ended left out. */
function cpuSeconds(sandbox: Sandbox): number {
  const namespaceOf = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/pid`);
    } catch {
      return '';
    }
  };
  const own = namespaceOf(String(sandbox.pid));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && namespaceOf(name) === own);
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}

function ticksOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
