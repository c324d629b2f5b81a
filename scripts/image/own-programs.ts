import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { buildAddon } from '../../packages/dataplane/src/native/build-addon.ts';

/** Where the programs are in the image. */
const PLACE = 'opt/flatland';
const NODE = 'usr/local/bin/node';
/** The programs, by the command that starts each: what the installed objects name. */
const PROGRAMS = {
  'flatland-agent': 'packages/dataplane/build/agent.js',
  'flatland-controller': 'packages/controller/build/controller.js',
  'flatland-forwarder': 'packages/dataplane/build/forwarder.js',
} as const;
const BUNDLER = 'scripts/bundle-programs.ts';
/** Workspaces whose sources the programs are made of. */
const WORKSPACES = ['packages/controller', 'packages/dataplane', 'packages/kube', 'packages/shared'];
const TEST = /\.(?:test|kernel|bench)\.ts$|^__snapshots__$/;
/** Of npm packages: what compilers, debuggers and readers look at, and addons for another C library. Licences stay. */
const LEFT_OUT = /\.(?:map|d\.[cm]?ts|md|markdown|flow)$|\/musl_[^/]*$/;
const LICENSE = /^(?:licen[cs]e|notice|copying)/i;
/** The only libraries that what we ship may be linked with: the C and C++ run time, whose licences allow it. */
const LINKED = /^(?:lib(?:c|m|dl|rt|pthread|stdc\+\+|gcc_s|atomic)|ld-linux[a-z0-9-]*)\.so\.\d+$/;
const TIMEOUT_MS = 120_000;

/** Node.js as npm brought it: the program, and its licence. */
export async function copyNode(root: string): Promise<void> {
  await mkdir(join(root, dirname(NODE)), { recursive: true });
  await cp(process.execPath, join(root, NODE));
  const doc = join(root, 'usr/share/doc/nodejs');
  await mkdir(doc, { recursive: true });
  await cp(join(dirname(process.execPath), '../LICENSE'), join(doc, 'copyright'));
}

/**
 * Copies the bundled programs, the sources that they look for at run time and those of the addon, the addon, built, and
 * the npm packages that they use, without tests, below `/opt/flatland`, with a command for each program in
 * `/usr/local/bin`. Gives the directories of the npm packages.
 */
export async function copyPrograms(checkout: string, root: string): Promise<string[]> {
  const place = join(root, PLACE);
  await mkdir(join(place, 'node_modules/@flatland'), { recursive: true });
  for (const file of ['package.json', 'LICENSE']) await cp(join(checkout, file), join(place, file));
  for (const workspace of WORKSPACES) {
    await cp(join(checkout, workspace, 'package.json'), join(place, workspace, 'package.json'));
    await cp(join(checkout, workspace, 'src'), join(place, workspace, 'src'), {
      recursive: true,
      filter: (path) => !TEST.test(basename(path)),
    });
    await symlink(`../../${workspace}`, join(place, 'node_modules/@flatland', basename(workspace)));
  }
  await runCommand(process.execPath, [join(checkout, BUNDLER)], { timeoutMs: TIMEOUT_MS });
  for (const bundle of Object.values(PROGRAMS)) await cp(join(checkout, bundle), join(place, bundle));
  const addon = buildAddon({ directory: join(place, 'packages/dataplane/build') });
  if (!addon.ok) throw new Error(addon.error);
  const npmPackages = await copyNpmPackages(checkout, place);
  for (const [command, main] of Object.entries(PROGRAMS)) {
    const path = join(root, dirname(NODE), command);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!/${NODE}\nimport '/${PLACE}/${main}';\n`, { mode: 0o755 });
  }
  return npmPackages;
}

async function copyNpmPackages(checkout: string, place: string): Promise<string[]> {
  const workspaces = WORKSPACES.flatMap((workspace) => ['--workspace', workspace]);
  const list = ['ls', '--all', '--parseable', '--omit=dev', '--prefix', checkout, ...workspaces];
  const directories = (await runCommand('npm', list, { timeoutMs: TIMEOUT_MS }))
    .split('\n')
    .filter((line) => line.includes('/node_modules/') && !line.includes('/node_modules/@flatland/'))
    .toSorted();
  for (const directory of directories) {
    await cp(directory, join(place, relative(checkout, directory)), {
      recursive: true,
      // A package below another is in the list itself, where it is needed.
      filter: (path) =>
        (path === directory || basename(path) !== 'node_modules') &&
        (LICENSE.test(basename(path)) || !LEFT_OUT.test(path)),
    });
  }
  return directories;
}

/** Throws where a program or an addon of a root is linked with anything but the C and C++ run time. */
export async function checkLinkage(root: string): Promise<void> {
  const paths = await readdir(root, { recursive: true });
  for (const path of paths.filter((one) => one === NODE || one.endsWith('.node'))) {
    const dynamic = await runCommand('readelf', ['--dynamic', '--wide', join(root, path)]);
    for (const [, library] of dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g))
      if (!LINKED.test(library!)) throw new Error(`${path} is linked with ${library}`);
  }
}
