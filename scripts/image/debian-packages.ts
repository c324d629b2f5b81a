import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import type { DebianPackage } from './debian-lock.ts';

const TIMEOUT_MS = 300_000;
/** Directories that a merged Debian has as links into /usr. */
const MERGED = ['bin', 'lib', 'lib64', 'sbin'];
/** For people and for maintainers' scripts; copyright files stay. */
const LEFT_OUT = [
  './usr/share/man',
  './usr/share/info',
  './usr/share/locale',
  './usr/share/lintian',
  './usr/share/bash-completion',
  './usr/share/perl5',
  './usr/share/gdb',
  './usr/share/gcc',
  './etc/cron*',
  './etc/init.d',
  './lib/systemd',
  './usr/lib/systemd',
];

/** Fetches packages with apt-get into a directory; the archive of each, by package. */
export async function downloadPackages(
  packages: readonly Pick<DebianPackage, 'package' | 'version'>[],
  directory: string,
): Promise<Map<string, string>> {
  await mkdir(directory, { recursive: true });
  const words = packages.map(({ package: name, version }) => `${name}=${version}`);
  // apt-get writes where it is started; as root, without another user, for the directory is ours alone.
  const apt = ['apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', ...words];
  await runCommand('env', ['--chdir', directory, ...apt], { timeoutMs: TIMEOUT_MS }).catch((error: Error) => {
    throw new Error(
      `${error.message}\nafter apt-get update, versions that are gone from the mirror are locked anew with: node scripts/image/lock-debian.ts`,
    );
  });
  const files = await readdir(directory);
  return new Map(
    packages.map(({ package: name }) => {
      const file = files.find((one) => one.startsWith(`${name}_`));
      if (file === undefined) throw new Error(`apt-get brought no ${name}`);
      return [name, join(directory, file)];
    }),
  );
}

/** Throws where an archive is not the one that the lock names. */
export async function verifyPackages(
  packages: readonly DebianPackage[],
  files: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { package: name, sha256 } of packages) {
    const found = createHash('sha256')
      .update(await readFile(files.get(name)!))
      .digest('hex');
    if (found !== sha256) throw new Error(`${name} has sha256 ${found}, and the lock says ${sha256}`);
  }
}

/**
 * Unpacks archives into a root whose /bin, /sbin and /lib are in /usr, without running anything of theirs. Each
 * package's control file is kept in `/var/lib/dpkg/status.d`, where scanners of images look for it.
 */
export async function unpackPackages(files: ReadonlyMap<string, string>, root: string): Promise<void> {
  const status = join(root, 'var/lib/dpkg/status.d');
  await mkdir(status, { recursive: true });
  await mergeUsr(root);
  for (const [name, file] of files) {
    const tar = `${file}.tar`;
    await runCommand('sh', ['-c', 'exec dpkg-deb --fsys-tarfile "$1" >"$2"', 'sh', file, tar]);
    const exclude = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    await runCommand('tar', ['-xf', tar, '-C', root, '--keep-directory-symlink', ...exclude]);
    await rm(tar);
    await writeFile(join(status, name), await runCommand('dpkg-deb', ['--field', file]));
  }
  await keepCopyrightOnly(join(root, 'usr/share/doc'));
}

async function mergeUsr(root: string): Promise<void> {
  for (const name of MERGED) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await runCommand('ln', ['-s', `usr/${name}`, join(root, name)]);
  }
}

async function keepCopyrightOnly(docs: string): Promise<void> {
  for (const entry of await readdir(docs, { withFileTypes: true })) {
    // A link leads to the package that has the file for several.
    if (!entry.isDirectory()) continue;
    const directory = join(docs, entry.name);
    for (const name of await readdir(directory))
      if (name !== 'copyright') await rm(join(directory, name), { recursive: true });
  }
}
