import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../src/native/', import.meta.url));

/** Compiles a C program of the tests, `harness`, with files of the addon; why it cannot, where it cannot. */
export function compileHarness(
  program: string,
  harness: string,
  { files, flags = [] }: { readonly files: readonly string[]; readonly flags?: readonly string[] },
): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  const { error, status, stderr } = spawnSync('cc', [
    '-std=gnu11',
    ...flags,
    `-I${SOURCES}`,
    '-o',
    program,
    fileURLToPath(new URL(harness, import.meta.url)),
    ...files.map((name) => join(SOURCES, name)),
  ]);
  if (error !== undefined) return 'there is no C compiler';
  return status === 0 ? undefined : `the C compiler failed: ${stderr.toString().slice(0, 500)}`;
}
