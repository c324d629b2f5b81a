import type { z } from 'zod';

/** Small files that outlive the process, each read and replaced whole. Adapters: `agent/state`, `io/memory`. */
export interface StateFiles {
  /** Reads a JSON file; undefined where it is not there or does not have the form. */
  read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | undefined>;
  /** Names of the files of a folder, sorted. */
  list(folder: string): Promise<string[]>;
  /** Replaces a file, readable by nobody else; it is kept when this resolves. */
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}
