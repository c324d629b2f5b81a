import type { ExchangeOutcome } from '@flatland/dataplane/core/route/exchange';
import { parseIpAddress } from '@flatland/shared/address/ip';
import type { CommandContext } from './simulated-commands.ts';

/** Something that the simulation does not do. */
export class NotSimulated extends Error {}

const DEFAULT_BYTES = 56;
const MAX_COUNT = 1000;

type PingOptions = { count: number; intervalMs: number; timeoutMs: number; nBytes: number; target: string };

/** `ping` from an in-memory pod: real echo requests through the simulated datapath, printed as iputils does it. */
export async function simulatedPing(args: readonly string[], context: CommandContext): Promise<number> {
  const options = parseOptions(args);
  const { pod, write, nowMs } = context;
  const parsed = parseIpAddress(options.target);
  const to = parsed.ok ? parsed.value : pod.resolve(options.target)[0];
  if (to === undefined) {
    write(`ping: ${options.target}: Name or service not known\n`);
    return 2;
  }
  const times: number[] = [];
  const startedMs = nowMs();
  write(
    `PING ${options.target} (${to}) ${options.nBytes}(${options.nBytes + 28}) bytes of data. [simulated]\n`,
  );
  let nSent = 0;
  while (nSent < options.count && !context.isOver()) {
    const sentMs = nowMs();
    nSent += 1;
    const outcome = await pod.node.exchange(
      { type: 'pod', podUid: pod.podUid },
      {
        protocol: 'ICMP',
        to,
        port: 0,
        payload: new Uint8Array(options.nBytes),
        timeoutMs: options.timeoutMs,
      },
    );
    if (outcome.kind === 'echoed') {
      times.push(outcome.rttMs);
      write(
        `${options.nBytes + 8} bytes from ${to}: icmp_seq=${nSent} time=${outcome.rttMs.toFixed(2)} ms\n`,
      );
    } else if (outcome.kind !== 'timeout') {
      write(`${reason(outcome)} icmp_seq=${nSent}\n`);
    }
    const restMs = sentMs + options.intervalMs - nowMs();
    if (nSent < options.count && restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
  write(summary(options.target, { nSent, times, elapsedMs: nowMs() - startedMs }));
  return times.length > 0 ? 0 : 1;
}

function reason(outcome: Exclude<ExchangeOutcome, { kind: 'timeout' }>): string {
  return 'detail' in outcome ? outcome.detail : outcome.kind;
}

function summary(
  target: string,
  result: { nSent: number; times: readonly number[]; elapsedMs: number },
): string {
  const { nSent, times, elapsedMs } = result;
  const loss = Math.round(100 - (100 * times.length) / Math.max(1, nSent));
  const head =
    `\n--- ${target} ping statistics ---\n` +
    `${nSent} packets transmitted, ${times.length} received, ${loss}% packet loss, time ${Math.round(elapsedMs)}ms\n`;
  if (times.length === 0) return head;
  const average = times.reduce((total, time) => total + time, 0) / times.length;
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return `${head}rtt min/avg/max = ${[least, average, most].map((time) => time.toFixed(3)).join('/')} ms\n`;
}

function parseOptions(args: readonly string[]): PingOptions {
  const options = { count: Infinity, intervalMs: 1000, timeoutMs: 1000, nBytes: DEFAULT_BYTES };
  let target: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const flag = /^-([ciWsw])(.*)$/.exec(arg);
    if (flag !== null) {
      const value = Number(flag[2] === '' ? args[(index += 1)] : flag[2]);
      if (!Number.isFinite(value) || value < 0) throw new NotSimulated(`ping ${arg} needs a number`);
      if (flag[1] === 'c') options.count = Math.min(value, MAX_COUNT);
      else if (flag[1] === 'i') options.intervalMs = value * 1000;
      else if (flag[1] === 'W') options.timeoutMs = value * 1000;
      else if (flag[1] === 's') options.nBytes = Math.min(value, 65_000);
    } else if (!/^-[46nqO]+$/.test(arg)) {
      if (arg.startsWith('-')) throw new NotSimulated(`ping ${arg} is not known to it`);
      target = arg;
    }
  }
  if (target === undefined) throw new NotSimulated('ping needs a destination');
  return { ...options, target };
}
