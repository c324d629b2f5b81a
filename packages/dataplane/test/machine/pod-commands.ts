import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DomainName } from '@flatland/shared/model/names';
import type { PingOutcome } from '../compliance/host-network-compliance.ts';

const run = promisify(execFile);

/** Runs a program in a named namespace, or where this process is. */
export async function inNamespace(name: string | undefined, [file = '', ...args]: string[]): Promise<string> {
  if (name === undefined) return (await run(file, args)).stdout;
  return (await run('nsenter', [`--net=/run/netns/${name}`, '--', file, ...args])).stdout;
}

/** One echo request by the machine's own `ping`. */
export async function pingFrom(
  namespace: string,
  to: string,
  options: { from?: string; bytes?: number; timeoutMs?: number } = {},
): Promise<PingOutcome> {
  const args = ['-c', '1', '-W', String((options.timeoutMs ?? 600) / 1000), '-n'];
  if (options.from !== undefined) args.push('-I', options.from);
  if (options.bytes !== undefined)
    args.push('-M', 'do', '-s', String(options.bytes - (to.includes(':') ? 48 : 28)));
  try {
    await inNamespace(namespace, ['ping', ...args, to]);
    return 'echoed';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return /unreachable|No route to host|Frag needed|too big|too long/i.test(`${stdout}${stderr}`)
      ? 'unreachable'
      : 'timeout';
  }
}

/** Sends an echo request from an address that a pod does not have. */
export async function sendForgedFrom(
  namespace: string,
  forged: { readonly domain: DomainName; readonly from: string; readonly to: string },
): Promise<void> {
  const { domain, from, to } = forged;
  const isV6 = from.includes(':');
  const address = [`${from}/${isV6 ? 128 : 32}`, 'dev', `fl-${domain}`];
  await inNamespace(namespace, ['ip', 'addr', 'add', ...address, ...(isV6 ? ['nodad'] : [])]);
  await pingFrom(namespace, to, { from, timeoutMs: 200 });
  await inNamespace(namespace, ['ip', 'addr', 'del', ...address]);
}
