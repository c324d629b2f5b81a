import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Packages that the programs call, or are linked with; the rest is what these need. */
export const WANTED = [
  'iproute2',
  'libatomic1',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'netbase',
  'nftables',
  'util-linux',
  'wireguard-tools',
] as const;

const zPackage = z.strictObject({
  package: z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/),
  version: z.string().regex(/^[A-Za-z0-9.+:~-]+$/),
  sha256: z.hex().length(64),
  /** As Debian's copyright file has them: of everything in the source package. */
  licenses: z.array(z.string().min(1)).min(1),
});
const zLock = z.strictObject({
  suite: z.string(),
  architectures: z.record(z.string(), z.array(zPackage).min(1)),
});

/** One Debian package, exactly. */
export type DebianPackage = z.infer<typeof zPackage>;
/** `debian.lock.json`: the Debian packages of the image, by Debian's name of the architecture. */
export type DebianLock = z.infer<typeof zLock>;

const LOCK_FILE = new URL('debian.lock.json', import.meta.url);

/** The lock file as it is. Throws where it is no lock. */
export async function readDebianLock(): Promise<DebianLock> {
  return zLock.parse(JSON.parse(await readFile(LOCK_FILE, 'utf8')));
}

/** Debian's and OCI's name of this machine's architecture. */
export function imageArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** The locked packages of an architecture. Throws, with what to do, where there are none. */
export async function lockedPackages(architecture: string): Promise<readonly DebianPackage[]> {
  const { architectures } = await readDebianLock();
  const packages = architectures[architecture];
  if (packages === undefined)
    throw new Error(
      `debian.lock.json has no packages for ${architecture}; make them with: node scripts/image/lock-debian.ts`,
    );
  return packages;
}
