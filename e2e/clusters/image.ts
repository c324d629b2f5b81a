import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, searchPath } from '@flatland/lab/machine/programs';
import { runCommand } from '@flatland/lab/machine/run-command';

/** The image that every pod's sandbox runs. */
export const PAUSE_IMAGE = 'flatland.dev/pause:latest';

/** Serves HTTP on 8080 and on PORTS, and returns what comes on port 7, until it is told to end. */
const SERVE = `#!/bin/sh
trap 'exit 0' TERM INT
for port in 8080 $PORTS; do httpd -p "$port" -h /www; done
nc -ll -p 7 -e cat &
while :; do sleep 3600 & wait $!; done
`;

/** What a sample workload says over HTTP: who it is, its addresses, and who called. */
const ANSWER = `#!/bin/sh
caller=\${REMOTE_ADDR#[}
caller=\${caller%]}
addresses=$(ip -o addr show scope global | while read -r _ _ _ address _; do printf '"%s" ' "\${address%/*}"; done)
echo 'Content-Type: application/json'
echo
echo "{\\"name\\":\\"$WORKLOAD_NAME\\",\\"pod\\":\\"$POD_NAME\\",\\"addresses\\":[$(echo $addresses | tr ' ' ',')],\\"caller\\":\\"\${caller#::ffff:}\\"}"
`;

/** Images by their names, and what each runs. */
export type Images = Readonly<
  Record<string, { readonly command: readonly string[]; readonly ports?: string }>
>;

/** The sample's images. */
const IMAGES: Images = {
  [PAUSE_IMAGE]: { command: ['/bin/sleep', 'infinity'] },
  'flatland.dev/sample-workload:latest': { command: ['/bin/serve'] },
  'flatland.dev/mesh-stand-in:latest': { command: ['/bin/serve'], ports: '15010 15012 15014 15017' },
};

/** Builds the sample's images, with a static BusyBox, as one tar file. The same BusyBox gives the same file. */
export function buildImages(directory: string, tar: string): Promise<void> {
  return packImages(directory, tar, IMAGES, makeRoot);
}

/**
 * Packs images that have one layer in common into a tar file, in the layout that `ctr images import` and `docker load`
 * read. `makeRoot` fills the directory of that layer; what is in `directory` goes.
 */
export async function packImages(
  directory: string,
  tar: string,
  images: Images,
  makeRoot: (root: string) => Promise<void>,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const [root, image] = [join(directory, 'root'), join(directory, 'image')];
  await mkdir(root, { recursive: true });
  await makeRoot(root);
  await mkdir(image, { recursive: true });
  await pack(root, join(image, 'layer.tar'));
  const layer = createHash('sha256')
    .update(await readFile(join(image, 'layer.tar')))
    .digest('hex');
  const manifest: object[] = [];
  for (const [name, { command, ports }] of Object.entries(images)) {
    const file = `${name.replace(/.*\//, '').replace(/:.*/, '')}.json`;
    await writeFile(join(image, file), JSON.stringify(imageConfig(layer, command, ports)));
    manifest.push({ Config: file, RepoTags: [name], Layers: ['layer.tar'] });
  }
  await writeFile(join(image, 'manifest.json'), JSON.stringify(manifest));
  await pack(image, `${tar}.new`);
  await rename(`${tar}.new`, tar);
  await rm(directory, { recursive: true, force: true });
}

async function makeRoot(root: string): Promise<void> {
  const busybox = findProgram('busybox', searchPath(process.env['PATH']));
  if (busybox === undefined) throw new Error('there is no busybox');
  for (const path of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'usr', 'www/cgi-bin'])
    await mkdir(join(root, path), { recursive: true });
  await symlink('../bin', join(root, 'usr/bin'));
  await copyFile(busybox, join(root, 'bin/busybox'));
  for (const applet of (await runCommand(busybox, ['--list'])).split('\n'))
    if (applet !== '' && applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n',
  );
  await writeFile(join(root, 'www/healthz'), 'ok\n');
  await writeFile(join(root, 'bin/serve'), SERVE);
  await writeFile(join(root, 'www/cgi-bin/index.cgi'), ANSWER);
  for (const program of ['bin/busybox', 'bin/serve', 'www/cgi-bin/index.cgi'])
    await chmod(join(root, program), 0o755);
}

async function pack(directory: string, tar: string): Promise<void> {
  const sameEveryTime = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=ustar',
  ];
  await runCommand('tar', ['--create', '--file', tar, '--directory', directory, ...sameEveryTime, '.']);
}

/** OCI image config; its history and times are left out. */
function imageConfig(layer: string, command: readonly string[], ports: string | undefined): object {
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Env: ['PATH=/bin', ...(ports === undefined ? [] : [`PORTS=${ports}`])],
      Cmd: command,
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
}
