import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DomainName } from '@flatland/shared/model/names';
import { err, ok, type Result } from '@flatland/shared/result';
import { domainNamespaceName, wireguardDeviceName } from '../../ports/interface-names.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';
import type { CommandOutput, runCommand } from './run-command.ts';
import { routerNamespacePath } from './router-namespace.ts';
import { wgSteps, type WgStep } from './wg-configuration.ts';
import { parseWgDump } from './wg-dump.ts';

export interface KernelWireguardOptions {
  readonly run: typeof runCommand;
  /** Domains that have a namespace on this node. */
  readonly listDomains: () => Promise<readonly DomainName[]>;
  /** Where files with keys are made, 0600 in a directory 0700, for as long as `wg` reads them. @default tmpdir() */
  readonly directory?: string;
}

/** Whether the kernel has WireGuard and `wg` is there, tried in a network namespace that ends with the trial. */
export async function probeKernelWireguard(run: typeof runCommand): Promise<Result<true, string>> {
  const made = await run('unshare', ['--net', 'ip', 'link', 'add', 'wg-probe', 'type', 'wireguard']);
  if (made.exitCode !== 0) return err(`the kernel makes no WireGuard device: ${firstLine(made)}`);
  const tool = await run('wg', ['--version']);
  return tool.exitCode === 0 ? ok(true) : err(`the program wg does not run: ${firstLine(tool)}`);
}

/**
 * The kernel's WireGuard as a backend. A device is made from the node's own namespace into the domain's: its socket
 * stays where it was made. It lives as long as its namespace, so that nothing starts anew.
 */
export function kernelWireguard(options: KernelWireguardOptions): WireguardBackend {
  const { run, listDomains } = options;
  /** Changes of one device are made one after the other. */
  const last = new Map<DomainName, Promise<unknown>>();
  const inTurn = <T>(domain: DomainName, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(domain) ?? Promise.resolve()).then(work);
    last.set(
      domain,
      turn.catch(() => undefined),
    );
    return turn;
  };
  const inside = (domain: DomainName, command: readonly string[]) =>
    run('nsenter', [`--net=${routerNamespacePath(domain)}`, '--', ...command]);

  const linkOf = async (domain: DomainName) => {
    const name = wireguardDeviceName(domain);
    const output = await inside(domain, ['ip', '-json', '-details', 'link', 'show', 'dev', name]);
    return output.exitCode === 0 ? parseLink(output.stdout) : undefined;
  };

  const reportOf = async (domain: DomainName) => {
    const link = await linkOf(domain);
    if (link?.kind !== 'wireguard') return undefined;
    const dump = must(
      await inside(domain, ['wg', 'show', wireguardDeviceName(domain), 'dump']),
      'wg show dump',
    );
    const report = parseWgDump(dump.stdout, link.mtuBytes);
    if (report === undefined) throw new Error(`cannot read what wg shows of ${domain}`);
    return report;
  };

  const take = async (domain: DomainName, step: WgStep) => {
    const device = wireguardDeviceName(domain);
    if (step.kind === 'set')
      return void must(await inside(domain, ['wg', 'set', device, ...step.args]), 'wg set');
    const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'flatland-wg-'));
    try {
      const file = join(directory, 'change.conf');
      await writeFile(file, step.text, { mode: 0o600, flag: 'wx' });
      must(await inside(domain, ['wg', 'addconf', device, file]), 'wg addconf');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };

  return {
    ensure: ({ domain, mtuBytes }) =>
      inTurn(domain, async () => {
        const [name, namespace] = [wireguardDeviceName(domain), domainNamespaceName(domain)];
        let link = await linkOf(domain);
        // A persistent interface of the bundled forwarder, which outlives its process.
        if (link?.kind === 'tun') {
          must(await inside(domain, ['ip', 'link', 'del', 'dev', name]), 'ip link del');
          link = undefined;
        }
        if (link !== undefined && link.kind !== 'wireguard')
          throw new Error(`${name} is there already and is no device of the kernel's WireGuard`);
        if (link === undefined)
          must(
            await run('ip', ['link', 'add', name, 'netns', namespace, 'type', 'wireguard']),
            'ip link add',
          );
        const settings = ['mtu', String(mtuBytes), 'up'];
        must(await inside(domain, ['ip', 'link', 'set', 'dev', name, ...settings]), 'ip link set');
      }),
    remove: (domain) =>
      inTurn(domain, async () => {
        const link = await linkOf(domain);
        if (link?.kind !== 'wireguard') return;
        must(await inside(domain, ['ip', 'link', 'del', 'dev', wireguardDeviceName(domain)]), 'ip link del');
      }),
    async list() {
      const domains = await listDomains();
      const links = await Promise.all(domains.map(linkOf));
      return domains.filter((_, i) => links[i]?.kind === 'wireguard');
    },
    change: (domain, change) =>
      inTurn(domain, async () => {
        const report = await reportOf(domain);
        if (report === undefined) throw new Error(`${domain} has no WireGuard device`);
        const known = new Set<string>(report.peers.map((peer) => peer.publicKey));
        for (const step of wgSteps(change, known)) await take(domain, step);
      }),
    report: reportOf,
    onRestart: () => () => {},
  };
}

const zLinks = z.tuple([
  z.object({ mtu: z.number(), linkinfo: z.object({ info_kind: z.string() }).optional() }),
]);

function parseLink(stdout: string): { readonly kind: string; readonly mtuBytes: number } | undefined {
  const [link] = zLinks.parse(JSON.parse(stdout));
  return { kind: link.linkinfo?.info_kind ?? 'other', mtuBytes: link.mtu };
}

function must(output: CommandOutput, what: string): CommandOutput {
  if (output.exitCode !== 0) throw new Error(`${what}: ${firstLine(output)}`);
  return output;
}

function firstLine({ stderr, exitCode }: CommandOutput): string {
  return stderr.trim().split('\n')[0] || `exit code ${exitCode}`;
}
