/**
 * Builds the addon with the machine's C compiler, once for each state of its sources: `build/native-<hash>.node`.
 * It links nothing; the C library and OpenSSL come with Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '@flatland/shared/result';

const SOURCE_DIRECTORY = fileURLToPath(new URL('.', import.meta.url));
const BUILD_DIRECTORY = fileURLToPath(new URL('../../build/', import.meta.url));
const FLAGS = ['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-fPIC', '-shared', '-fstack-protector-strong'];
const BUILD_TIMEOUT_MS = 120_000;

/** The file that the sources as they are make. */
export function addonPath(): string {
  const hash = createHash('sha256');
  for (const name of sources('.h', '.c'))
    hash.update(name).update(readFileSync(join(SOURCE_DIRECTORY, name)));
  hash.update(FLAGS.join(' ')).update(process.arch).update(process.versions.modules);
  return join(BUILD_DIRECTORY, `native-${hash.digest('hex').slice(0, 16)}.node`);
}

/** Builds the addon unless it is there; its path. The error says what is missing. */
export function buildAddon(): Result<string, string> {
  const path = addonPath();
  if (existsSync(path)) return ok(path);
  if (process.platform !== 'linux') return err('the native path needs Linux');
  const include = nodeHeaders();
  if (include === undefined) return err("Node's headers are not installed");
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(BUILD_DIRECTORY, { recursive: true });
    const built = compile(unfinished, include);
    if (!built.ok) return built;
    renameSync(unfinished, path);
  } catch (error) {
    return err(`cannot build the native path: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return ok(path);
}

/** Removes what earlier sources made. */
export function removeStaleAddons(): void {
  const current = addonPath();
  for (const name of readdirSync(BUILD_DIRECTORY)) {
    const path = join(BUILD_DIRECTORY, name);
    if (/^native-[0-9a-f]{16}\.node$/.test(name) && path !== current) rmSync(path, { force: true });
  }
}

function compile(output: string, include: string): Result<undefined, string> {
  const files = sources('.c').map((name) => join(SOURCE_DIRECTORY, name));
  const { error, status, stderr } = spawnSync(
    'cc',
    [...FLAGS, '-o', output, ...files, `-I${include}`, '-lpthread'],
    { encoding: 'utf8', timeout: BUILD_TIMEOUT_MS },
  );
  if (error !== undefined)
    return err('code' in error && error.code === 'ENOENT' ? 'there is no C compiler (cc)' : error.message);
  return status === 0 ? ok(undefined) : err(`the C compiler failed: ${stderr.trim().slice(0, 2_000)}`);
}

function sources(...endings: readonly string[]): string[] {
  return readdirSync(SOURCE_DIRECTORY)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .toSorted();
}

/** Where `node_api.h` and `openssl/evp.h` are: beside the running Node, or in the package that brought it. */
function nodeHeaders(): string | undefined {
  const beside = join(dirname(process.execPath), '..', 'include', 'node');
  const candidates = [beside];
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`node-linux-${process.arch}/package.json`);
    candidates.push(join(dirname(manifest), 'include', 'node'));
  } catch {
    // Node was not installed as a package.
  }
  return candidates.find((path) => existsSync(join(path, 'node_api.h')) && existsSync(join(path, 'openssl')));
}
