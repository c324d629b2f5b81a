import { runCommand } from '@flatland/lab/machine/run-command';

const TIMEOUT_MS = 300_000;

/** Nothing of the machine, the time or the umask is in the file; set-user-ID bits are dropped. */
const SAME_EVERY_TIME = [
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=a-s,u+w,go-w,a+rX',
  '--hard-dereference',
  '--format=gnu',
];

/** Packs a directory as a tar file: the same tree gives the same bytes. */
export async function packTree(directory: string, tar: string): Promise<void> {
  const args = ['--create', '--file', tar, '--directory', directory, ...SAME_EVERY_TIME, '.'];
  await runCommand('tar', args, { timeoutMs: TIMEOUT_MS });
}
