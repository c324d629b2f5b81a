import { createHash } from 'node:crypto';
import { glob, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { ROOT } from './given.ts';
import { exists } from './exists.ts';
import { images, nodes } from './node-images.ts';

const REPOSITORY = 'flatland.dev/flatland';
const IMAGES = join(ROOT, '.flatland/cluster-images');
const BUILD_TIMEOUT_MS = 900_000;
/** What the image is made of. */
const SOURCES = [
  'LICENSE',
  'package.json',
  'package-lock.json',
  'scripts/bundle-programs.ts',
  'scripts/image/*',
  'packages/{controller,dataplane,kube,shared}/package.json',
  'packages/{controller,dataplane,kube,shared}/src/**/*',
];

/**
 * Builds the image of this checkout as `npm run image` does, where its sources changed since the last time, and gives it
 * to containerd of every node that does not have it. Gives its name, whose tag changes with the sources.
 */
export async function giveFlatlandImage(directory: string): Promise<string> {
  const key = await keyOfSources();
  const image = `${REPOSITORY}:${key}`;
  const tar = await built(key, image);
  await Promise.all(
    (await nodes(directory)).map(async (machine) => {
      if ((await images(machine, 'ls', '--quiet', `name==${image}`)) === '')
        await images(machine, 'import', tar);
    }),
  );
  return image;
}

/** Builds the image of another checkout, whose dependencies are installed, and gives it to every node; its name. */
export async function giveImageOf(checkout: string, directory: string, tag: string): Promise<string> {
  const name = `${REPOSITORY}:${tag}`;
  const output = await mkdtemp(join(tmpdir(), 'flatland-image-'));
  try {
    await buildImage(checkout, output, name);
    await Promise.all(
      (await nodes(directory)).map((machine) => images(machine, 'import', join(output, 'flatland.tar'))),
    );
  } finally {
    await rm(output, { recursive: true });
  }
  return name;
}

/** Gives an image another tag on every node, so that it counts as another version; the name of that. */
export async function tagFlatlandImage(directory: string, image: string, tag: string): Promise<string> {
  const name = `${REPOSITORY}:${tag}`;
  await Promise.all(
    (await nodes(directory)).map((machine) => images(machine, 'tag', '--force', image, name)),
  );
  return name;
}

async function keyOfSources(): Promise<string> {
  const hash = createHash('sha256').update(`${process.arch} ${process.version}\n`);
  const files: string[] = [];
  for await (const entry of glob(SOURCES, { cwd: ROOT, withFileTypes: true }))
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  for (const file of files.toSorted()) {
    const content = await readFile(file);
    hash.update(`${file.slice(ROOT.length)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The tar file of an image that was built before, or is now. */
async function built(key: string, image: string): Promise<string> {
  const tar = join(IMAGES, `${key}.tar`);
  if (await exists(tar)) return tar;
  await mkdir(IMAGES, { recursive: true });
  const output = join(IMAGES, `build-${process.pid}`);
  try {
    await buildImage(ROOT, output, image);
    await rename(join(output, 'flatland.tar'), tar);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
  await removeOthers(tar);
  return tar;
}

async function buildImage(checkout: string, output: string, image: string): Promise<void> {
  const build = [join(checkout, 'scripts/image/main.ts'), '--output', output, '--tag', image];
  await runCommand(process.execPath, build, { timeoutMs: BUILD_TIMEOUT_MS });
}

/** Removes images of other sources, and what builds left that were ended. */
async function removeOthers(tar: string): Promise<void> {
  for (const name of await readdir(IMAGES)) {
    const pid = /^build-(\d+)$/.exec(name)?.[1];
    if (name === basename(tar) || (pid !== undefined && (await exists(`/proc/${pid}`)))) continue;
    await rm(join(IMAGES, name), { recursive: true, force: true });
  }
}
