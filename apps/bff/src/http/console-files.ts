import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pagePolicy } from './content-security-policy.ts';

/** A file of the exported console. `name` is relative to the export's directory. */
export interface ConsoleFile {
  readonly name: string;
  /** The header for a page; absent for other files. */
  readonly policy?: string;
  /** True where the name holds a hash of the content, so that it may be kept for ever. */
  readonly immutable: boolean;
}

/**
 * The exported console's files by URL path, read once: a request is looked up here and never becomes a path.
 * Pages are found without `.html`. Empty where nothing is exported.
 */
export function readConsoleFiles(directory: string): ReadonlyMap<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>();
  if (!existsSync(directory)) return files;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/');
    const file = consoleFile(directory, name);
    for (const path of urlPaths(name)) files.set(path, file);
  }
  return files;
}

function consoleFile(directory: string, name: string): ConsoleFile {
  const immutable = name.startsWith('_next/static/');
  if (!name.endsWith('.html')) return { name, immutable };
  return { name, immutable, policy: pagePolicy(readFileSync(join(directory, name), 'utf8')) };
}

function urlPaths(name: string): string[] {
  if (!name.endsWith('.html')) return [`/${name}`];
  const page = name.slice(0, -'.html'.length);
  if (page === 'index') return ['/', '/index.html'];
  const bare = page.endsWith('/index') ? page.slice(0, -'/index'.length) : page;
  return [`/${bare}`, `/${bare}/`, `/${name}`];
}
