import { accessSync, readFileSync } from 'node:fs';
import { findProgram, searchPath } from '@flatland/lab/machine/programs';
import { runCommand } from '@flatland/lab/machine/run-command';

/** Programs that the clusters run beside Kubernetes' own, and the Debian package that each is in. */
const NEEDED_PROGRAMS: Readonly<Record<string, string>> = {
  busybox: 'busybox-static',
  conntrack: 'conntrack',
  containerd: 'containerd',
  ctr: 'containerd',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  runc: 'runc',
  tar: 'tar',
  unshare: 'util-linux',
};
/** By which programs see another time than the machine's. */
export const CLOCK_LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;
const NEEDED_FILES: Readonly<Record<string, string>> = {
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  [CLOCK_LIBRARY]: 'libfaketime',
};

const INSTALL_TIMEOUT_MS = 600_000;

/** Debian packages that lack on this machine, sorted. */
function missingPackages(): string[] {
  const path = searchPath(process.env['PATH']);
  const missing = [
    ...Object.entries(NEEDED_PROGRAMS).filter(([program]) => findProgram(program, path) === undefined),
    ...Object.entries(NEEDED_FILES).filter(([file]) => !exists(file)),
  ].map(([, debianPackage]) => debianPackage);
  const busybox = findProgram('busybox', path);
  // A program that is loaded by another is of no use in an image that holds nothing else.
  if (busybox !== undefined && readFileSync(busybox).includes('/ld-linux')) missing.push('busybox-static');
  return [...new Set(missing)].sort();
}

/** Installs what lacks, where this is Debian and the user is root. Throws, with the command, where it cannot be had. */
export async function needPackages(say: (text: string) => void): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() === 0 && findProgram('apt-get', searchPath(process.env['PATH'])) !== undefined) {
    say(command.join(' '));
    const environment = ['DEBIAN_FRONTEND=noninteractive'];
    const timeoutMs = INSTALL_TIMEOUT_MS;
    // Lists of packages that cannot be renewed may still do.
    await runCommand('env', [...environment, 'apt-get', 'update', '-qq'], { timeoutMs }).catch(() => '');
    await runCommand('env', [...environment, ...command], { timeoutMs });
  }
  const still = missingPackages();
  if (still.length > 0)
    throw new Error(`these packages are missing; install them with: ${command.join(' ')}`);
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
