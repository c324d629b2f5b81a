import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { EXIT } from './command-error.ts';

/** Where a command writes, and what it knows of its surroundings. */
export interface CommandIo {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The real terminal, or the pipe in its place; the process ends where nobody reads any more. */
export function processIo(): CommandIo {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT.nobodyReads);
    });
  return {
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Prints a value as JSON where `--json` was given, else the text for people. */
export function print(
  io: CommandIo,
  options: { readonly json?: boolean },
  value: unknown,
  text: () => string,
): void {
  io.out(options.json === true ? JSON.stringify(value, null, 2) : text());
}

/** Aligned columns: every cell padded to the widest of its column. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(cell.length, all[index] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** YAML documents in one text. */
export function yamlDocuments(objects: readonly unknown[]): string {
  return objects.map(stableYaml).join('---\n');
}
