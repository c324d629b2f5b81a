import { readdir, statfs } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import type { DomainName } from '@flatland/shared/model/names';
import { zDomainName } from '@flatland/shared/model/names';
import { domainNamespaceName } from '../../ports/interface-names.ts';
import { inNamespaceCommand } from './ip-batch.ts';
import { hasMarker } from './router-counters.ts';
import { routerRuleset, ROUTER_TABLE } from './router-ruleset.ts';
import { runCommand } from './run-command.ts';
import { inNamespace } from './tun-namespace.ts';
import { loadLibc } from './tun-libc.ts';

/** Where `ip netns` keeps namespaces. */
export const NETNS_DIRECTORY = '/run/netns';
const PREFIX = 'fl-';
/** Magic number of the file system whose files are namespaces; statfs(2). */
const NSFS_MAGIC = 0x6e736673;

/** Settings of a domain's namespace, under /proc/sys/net. */
export const ROUTER_SETTINGS: Readonly<Record<string, string>> = {
  'ipv4/ip_forward': '1',
  'ipv6/conf/all/disable_ipv6': '0',
  'ipv6/conf/default/disable_ipv6': '0',
  'ipv6/conf/all/forwarding': '1',
  'ipv6/conf/default/accept_ra': '0',
  'ipv6/conf/default/dad_transmits': '0',
  'ipv6/conf/default/addr_gen_mode': '1',
  // nftables checks sources, in both families.
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  // The WireGuard device gives errors to the router that come from the router's own address.
  'ipv4/conf/default/accept_local': '1',
  // A relay sends packets back out of the device that they came by.
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
};

export function routerNamespacePath(domain: DomainName): string {
  return `${NETNS_DIRECTORY}/${domainNamespaceName(domain)}`;
}

/** Domains that have a namespace on this node, sorted. */
export async function listRouterNamespaces(): Promise<DomainName[]> {
  return domainsOf(await namespaceFiles());
}

/**
 * Removes the files that an `ip netns add` left which was ended before it had made a namespace of them, for no other is
 * made as long as they are there; gives the domains that have a namespace, as `listRouterNamespaces`. Not while one is
 * being made. Throws with what cannot be removed.
 */
export async function removeHalfMadeNamespaces(): Promise<DomainName[]> {
  const files = await namespaceFiles();
  for (const { domain, isNamespace } of files) if (!isNamespace) await removeRouterNamespace(domain);
  return domainsOf(files);
}

interface NamespaceFile {
  readonly domain: DomainName;
  readonly isNamespace: boolean;
}

function domainsOf(files: readonly NamespaceFile[]): DomainName[] {
  return files.filter(({ isNamespace }) => isNamespace).map(({ domain }) => domain);
}

async function namespaceFiles(): Promise<NamespaceFile[]> {
  const names = await readdir(NETNS_DIRECTORY).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.startsWith(PREFIX))
      .toSorted()
      .map(async (name) => {
        const domain = zDomainName.safeParse(name.slice(PREFIX.length));
        const stats = await statfs(`${NETNS_DIRECTORY}/${name}`).catch(() => undefined);
        return domain.success && stats !== undefined
          ? [{ domain: domain.data, isNamespace: stats.type === NSFS_MAGIC }]
          : [];
      }),
  );
  return files.flat();
}

/** Makes the namespace, its settings and its ruleset. Throws with what is missing. */
export async function createRouterNamespace(domain: DomainName): Promise<void> {
  const name = domainNamespaceName(domain);
  const added = await runCommand('ip', ['netns', 'add', name]);
  if (added.exitCode !== 0 && !added.stderr.includes('File exists'))
    throw new Error(`cannot make namespace ${name}: ${added.stderr.trim()}`);
  await complete(domain);
}

/** Writes the namespace's settings and loads its ruleset, unless that is there. True where it was not. */
export async function ensureRuleset(domain: DomainName): Promise<boolean> {
  const listed = await listRuleset(domain);
  if (listed !== undefined && hasMarker(listed, routerRuleset(domain).marker)) return false;
  await complete(domain);
  return true;
}

/** The router's table as `nft -j` lists it; undefined where there is none. */
export async function listRuleset(domain: DomainName): Promise<string | undefined> {
  const path = routerNamespacePath(domain);
  const output = await inNamespaceCommand(path, ['nft', '-j', 'list', 'table', 'inet', ROUTER_TABLE], '');
  return output.exitCode === 0 ? output.stdout : undefined;
}

export async function removeRouterNamespace(domain: DomainName): Promise<void> {
  const removed = await runCommand('ip', ['netns', 'del', domainNamespaceName(domain)]);
  if (removed.exitCode !== 0 && !removed.stderr.includes('No such file'))
    throw new Error(`cannot remove namespace ${domainNamespaceName(domain)}: ${removed.stderr.trim()}`);
}

/**
 * Writes files under /proc/sys/net in a namespace. Those that the kernel does not have (no IPv6) are
 * passed over. Throws where the namespace cannot be entered or a file cannot be written.
 */
export function writeNetworkSettings(
  namespacePath: string,
  settings: Readonly<Record<string, string>>,
): void {
  const libc = loadLibc();
  if (!libc.ok) throw new Error(libc.error);
  const done = inNamespace(libc.value, namespacePath, () => {
    for (const [name, value] of Object.entries(settings))
      try {
        writeFileSync(`/proc/sys/net/${name}`, value);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
  });
  if (!done.ok) throw new Error(done.error);
}

/** The ruleset is last: where it is, the settings are. */
async function complete(domain: DomainName): Promise<void> {
  writeNetworkSettings(routerNamespacePath(domain), ROUTER_SETTINGS);
  await loadRuleset(domain);
}

async function loadRuleset(domain: DomainName): Promise<void> {
  const path = routerNamespacePath(domain);
  const loaded = await inNamespaceCommand(path, ['nft', '-f', '-'], routerRuleset(domain).text);
  if (loaded.exitCode !== 0) throw new Error(`cannot load the ruleset of ${domain}: ${loaded.stderr.trim()}`);
}
