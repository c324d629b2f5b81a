/**
 * Writes `debian.lock.json` anew for this machine's architecture: the newest versions that apt knows of the packages
 * that the image wants and of all that these need. On a Debian of the suite in the lock, after `apt-get update`.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { readDebianLock, imageArchitecture, WANTED, type DebianPackage } from './debian-lock.ts';
import { downloadPackages, unpackPackages } from './debian-packages.ts';

/** Only needed while packages are configured, which nobody does in an image. */
const LEFT_OUT = new Set(['debconf']);

/** Of packages whose copyright file a program cannot read; read by a person. */
const READ_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  'gcc-12-base': ['GPL-3+ with GCC Runtime Library Exception'],
  libatomic1: ['GPL-3+ with GCC Runtime Library Exception'],
  libc6: ['LGPL-2.1+', 'GPL-2+ (programs)'],
  libcrypt1: ['LGPL-2.1+'],
  'libgcc-s1': ['GPL-3+ with GCC Runtime Library Exception'],
  libgcrypt20: ['LGPL-2.1+', 'GPL-2+ (programs)'],
  'libgssapi-krb5-2': ['MIT'],
  libk5crypto3: ['MIT'],
  'libkrb5-3': ['MIT'],
  libkrb5support0: ['MIT'],
  libselinux1: ['public-domain'],
  'libstdc++6': ['GPL-3+ with GCC Runtime Library Exception'],
};

const directory = await mkdtemp(join(tmpdir(), 'flatland-debian-'));
try {
  const lock = await readDebianLock();
  const release = await readFile('/etc/os-release', 'utf8');
  if (!release.includes(`VERSION_CODENAME=${lock.suite}\n`))
    throw new Error(`this is no Debian ${lock.suite}; change the suite in debian.lock.json, or the machine`);
  const wanted = await closureOf(directory);
  const archives = join(directory, 'archives');
  const files = await downloadPackages(wanted, archives);
  await unpackPackages(files, join(directory, 'root'));
  const packages: DebianPackage[] = [];
  for (const { package: name, version } of wanted) {
    const file = files.get(name)!;
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    packages.push({ package: name, version, sha256, licenses: await licensesOf(name, directory) });
  }
  const architectures = { ...lock.architectures, [imageArchitecture()]: packages };
  await writeFile(
    new URL('debian.lock.json', import.meta.url),
    `${JSON.stringify({ ...lock, architectures }, null, 2)}\n`,
  );
  console.log(`${packages.length} packages, ${(await readdir(archives)).length} archives read`);
} finally {
  await rm(directory, { recursive: true });
}

/** What apt would install on a machine that has nothing. */
async function closureOf(scratch: string): Promise<{ package: string; version: string }[]> {
  const nothing = join(scratch, 'status');
  await writeFile(nothing, '');
  const simulate = [
    '-o',
    `Dir::State::status=${nothing}`,
    'install',
    '--simulate',
    '--no-install-recommends',
  ];
  const text = await runCommand('apt-get', [...simulate, ...WANTED], { timeoutMs: 120_000 });
  return [...text.matchAll(/^Inst (\S+) \((\S+) /gm)]
    .map(([, name, version]) => ({ package: name!, version: version! }))
    .filter((one) => !LEFT_OUT.has(one.package))
    .toSorted((a, b) => (a.package < b.package ? -1 : 1));
}

async function licensesOf(name: string, scratch: string): Promise<string[]> {
  const byHand = READ_BY_HAND[name];
  if (byHand !== undefined) return [...byHand];
  const text = await readFile(join(scratch, 'root/usr/share/doc', name, 'copyright'), 'utf8');
  const found = [...text.matchAll(/^License: *(\S.*)$/gm)].map(([, license]) => license!.trim());
  if (!text.startsWith('Format:') || found.length === 0)
    throw new Error(`the copyright file of ${name} has to be read by a person: see READ_BY_HAND`);
  return [...new Set(found)].toSorted();
}
