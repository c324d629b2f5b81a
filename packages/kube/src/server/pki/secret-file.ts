import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

/**
 * Reads a secret of a directory, making it first where it is missing. The file appears whole or not at all,
 * readable by its owner only. Two that make it at once end with the same content.
 */
export async function readOrCreateSecret(
  directory: string,
  name: string,
  create: () => string | Promise<string>,
): Promise<string> {
  const path = join(directory, name);
  const present = await readIfThere(path);
  if (present !== undefined) {
    await chmod(path, 0o600);
    return present;
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unfinished = join(directory, `.${name}.${randomUUID()}`);
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(await create());
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  return readFile(path, 'utf8');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
