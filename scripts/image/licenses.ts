import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DebianPackage } from './debian-lock.ts';

const zNpmPackage = z.looseObject({ name: z.string(), version: z.string(), license: z.string() });

const HEAD = `What is in this image, and under which licence.

Flatland's programs are under the Apache License 2.0. They run in Node.js, and are linked with it, with the C library
and with the C++ run time alone. The Debian packages are separate programs beside them, which are started as
commands: nothing of the GPL is linked with Flatland's programs. Of a Debian package, the licences are those of everything in its source
package; the whole text is in /usr/share/doc/PACKAGE/copyright, the source at https://snapshot.debian.org by name
and version.
`;

/**
 * Writes `/usr/share/doc/flatland/LICENSES`: every part of the image, its version and its licence. Gives the text.
 * Throws where an npm package does not say its licence, or says one that may not be linked with ours.
 */
export async function writeLicenses(
  root: string,
  parts: {
    readonly version: string;
    readonly debian: readonly DebianPackage[];
    readonly npmDirectories: readonly string[];
  },
): Promise<string> {
  const npm = await Promise.all(parts.npmDirectories.map(npmLine));
  const debian = parts.debian.map(
    ({ package: name, version, licenses }) => `${name} ${version}: ${licenses.join(', ')}`,
  );
  const text = [
    HEAD,
    `flatland ${parts.version}: Apache-2.0`,
    `nodejs ${process.versions.node}: MIT, and those in /usr/share/doc/nodejs/copyright`,
    '\nnpm packages:',
    ...npm.toSorted(),
    '\nDebian packages:',
    ...debian,
    '',
  ].join('\n');
  const directory = join(root, 'usr/share/doc/flatland');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'LICENSES'), text);
  return text;
}

async function npmLine(directory: string): Promise<string> {
  const { name, version, license } = zNpmPackage.parse(
    JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')),
  );
  if (/GPL/.test(license)) throw new Error(`${name} ${version} is under ${license}`);
  return `${name} ${version}: ${license}`;
}
