import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { StateFiles } from '../../ports/state-files.ts';

/** The agent's own directory on the node: small files, each replaced whole. */
export class AgentFiles implements StateFiles {
  readonly #directory: string;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    try {
      const parsed = schema.safeParse(JSON.parse(await readFile(join(this.#directory, name), 'utf8')));
      return parsed.success ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }

  async list(folder: string): Promise<string[]> {
    const names = await readdir(join(this.#directory, folder)).catch(() => []);
    return names.filter((name) => !name.endsWith('.new')).toSorted();
  }

  /** Replaces a file, readable by nobody else; it is on the disk when this resolves. */
  write(name: string, value: unknown): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#write(name, value));
    this.#turns.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#directory, name), { force: true });
  }

  async #write(name: string, value: unknown): Promise<void> {
    const path = join(this.#directory, name);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}
