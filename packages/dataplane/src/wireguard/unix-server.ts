/** Unix sockets that only their owner may use. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { err, ok, type Result } from '@flatland/shared/result';

/** Longest path that the kernel takes for a socket, without the closing zero. */
const MAX_PATH_BYTES = 107;

/**
 * Lets a server listen at a path, readable by its owner only. A socket that a dead process left there is removed;
 * one that answers is an error.
 */
export async function listenUnix(server: Server, path: string): Promise<Result<undefined, string>> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    return err(`${path} is longer than the ${MAX_PATH_BYTES} bytes that a socket path may have`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) return err(`${path} is in use by another process`);
  await rm(path, { force: true });
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    return err(`cannot listen at ${path}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    process.umask(umask);
  }
  await chmod(path, 0o600);
  return ok(undefined);
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
