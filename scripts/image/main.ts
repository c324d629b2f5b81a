/**
 * `npm run image`: the image that runs agent, forwarder and controller, without a container engine.
 *
 *   npm run image -- [--output DIR] [--tag REPOSITORY:TAG]    DIR/layout and DIR/flatland.tar; default .flatland/image
 *   npm run image -- --root DIR                               the image's files alone, for a Dockerfile
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { flatlandImage } from '@flatland/shared/manifest/install/flatland-image';
import own from '../../package.json' with { type: 'json' };
import { imageArchitecture, lockedPackages } from './debian-lock.ts';
import { downloadPackages, unpackPackages, verifyPackages } from './debian-packages.ts';
import { writeLicenses } from './licenses.ts';
import { writeOciLayout } from './oci-layout.ts';
import { checkLinkage, copyNode, copyPrograms } from './own-programs.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const PATHS = '/usr/local/bin:/usr/sbin:/usr/bin';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(CHECKOUT, '.flatland/image') },
    tag: { type: 'string', default: flatlandImage(own.version) },
    root: { type: 'string' },
  },
});
const scratch = await mkdtemp(join(tmpdir(), 'flatland-image-'));
try {
  const layers = await makeRoots(scratch);
  if (values.root === undefined) await writeImage(layers, resolve(values.output));
  else await mergeRoots(layers, resolve(values.root));
} finally {
  await rm(scratch, { recursive: true });
}

/** The roots of the layers: what changes least often is the lowest. */
async function makeRoots(directory: string): Promise<string[]> {
  const [debian, node, programs] = ['debian', 'node', 'programs'].map((name) => join(directory, name));
  const packages = await lockedPackages(imageArchitecture());
  const files = await downloadPackages(packages, join(directory, 'archives'));
  await verifyPackages(packages, files);
  await makeBase(debian!);
  await unpackPackages(files, debian!);
  await copyNode(node!);
  const npmDirectories = await copyPrograms(CHECKOUT, programs!);
  for (const root of [node!, programs!]) await checkLinkage(root);
  const version = own.version;
  console.log(await writeLicenses(programs!, { version, debian: packages, npmDirectories }));
  return [debian!, node!, programs!];
}

/** What every program expects of a root, and no package of ours brings. */
async function makeBase(root: string): Promise<void> {
  for (const path of ['dev', 'etc', 'proc', 'root', 'run', 'sys', 'tmp', 'var/lib/flatland'])
    await mkdir(join(root, path), { recursive: true });
  await symlink('../run', join(root, 'var/run'));
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/usr/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/usr/sbin/nologin\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  await writeFile(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
}

async function writeImage(layers: readonly string[], output: string): Promise<void> {
  await mkdir(output, { recursive: true });
  const paths = { layout: join(output, 'layout'), tar: join(output, 'flatland.tar') };
  const image = {
    reference: values.tag,
    version: values.tag.replace(/.*:/, ''),
    architecture: imageArchitecture(),
    layers,
    config: {
      Env: [`PATH=${PATHS}`, 'NODE_ENV=production'],
      WorkingDir: '/',
      Labels: {
        'org.opencontainers.image.title': own.name,
        'org.opencontainers.image.description': own.description,
        'org.opencontainers.image.licenses': own.license,
        'org.opencontainers.image.version': own.version,
      },
    },
  };
  const digest = await writeOciLayout(image, paths);
  console.log(`${values.tag}@${digest}\n${paths.tar}`);
}

async function mergeRoots(layers: readonly string[], root: string): Promise<void> {
  for (const layer of layers)
    await cp(layer, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}
