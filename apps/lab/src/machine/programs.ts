import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that the kernel datapath runs, and the Debian package that each is in. */
export const NEEDED_PROGRAMS = {
  ip: 'iproute2',
  mount: 'mount',
  nft: 'nftables',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
} as const;

export type ProgramName = keyof typeof NEEDED_PROGRAMS;

const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The search path for programs: the environment's, and those directories that an ordinary user's may lack. */
export function searchPath(environmentPath: string | undefined): string {
  const directories = (environmentPath ?? '')
    .split(delimiter)
    .filter((directory) => directory.startsWith('/'));
  return [...new Set([...directories, ...SYSTEM_DIRECTORIES])].join(delimiter);
}

/** Where a program is, if it is anywhere on the search path. */
export function findProgram(name: string, path: string): string | undefined {
  for (const directory of path.split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return undefined;
}
