/** Files in memory, as text, so that what is read is never what was written itself. */
import type { z } from 'zod';
import type { StateFiles } from '../../ports/state-files.ts';

export class MemoryFiles implements StateFiles {
  readonly #texts = new Map<string, string>();

  async read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    const text = this.#texts.get(name);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  }

  async list(folder: string): Promise<string[]> {
    const start = `${folder}/`;
    return [...this.#texts.keys()]
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length))
      .toSorted();
  }

  async write(name: string, value: unknown): Promise<void> {
    this.#texts.set(name, JSON.stringify(value));
  }

  async remove(name: string): Promise<void> {
    this.#texts.delete(name);
  }
}
