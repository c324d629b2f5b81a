/**
 * Builds the addon with the machine's C compiler, once for each state of its sources: `build/native-<hash>.node`.
 * It links nothing; the C library and OpenSSL come with Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@flatland/shared/result';
import { withBuildLock } from './build-lock.ts';

/** By its name, because a bundled program has it in a file elsewhere. */
const require = createRequire(import.meta.url);
const SOURCE_DIRECTORY = dirname(require.resolve('@flatland/dataplane/native/build-addon'));
const BUILD_DIRECTORY = join(SOURCE_DIRECTORY, '../../build');
/** Names of ours stay ours: Node exports those of many libraries. */
const LINKAGE = ['-shared', '-fPIC', '-fvisibility=hidden'];
const FLAGS = ['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-fstack-protector-strong', ...LINKAGE];
/** Paths of this checkout and of who builds stay out of the file: the same sources give the same bytes anywhere. */
const NO_PATHS = '-ffile-prefix-map';
const BUILD_TIMEOUT_MS = 120_000;

export interface BuildOptions {
  /** @default `cc`, wherever PATH has it */
  readonly compiler?: string;
  /** @default `build` beside `src` */
  readonly directory?: string;
}

/** Builds the addon unless it is there; its path. The error says what is missing. */
export function buildAddon({ compiler = 'cc', directory = BUILD_DIRECTORY }: BuildOptions = {}): Result<
  string,
  string
> {
  if (process.platform !== 'linux') return err('the native path needs Linux');
  const path = join(directory, addonName());
  if (existsSync(path)) return ok(path);
  const include = nodeHeaders();
  if (include === undefined) return err("Node's headers are not installed");
  try {
    mkdirSync(directory, { recursive: true });
    return withBuildLock(`${path}.lock`, BUILD_TIMEOUT_MS, () =>
      existsSync(path) ? ok(path) : compileTo(path, compiler, include),
    );
  } catch (error) {
    return err(`cannot build the native path: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The file appears when it is whole. */
function compileTo(path: string, compiler: string, include: string): Result<string, string> {
  const unfinished = `${path}.unfinished`;
  try {
    const built = compile(compiler, unfinished, include);
    if (!built.ok) return built;
    renameSync(unfinished, path);
    return ok(path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Removes what earlier sources made. */
export function removeStaleAddons(directory = BUILD_DIRECTORY): void {
  const current = addonName();
  for (const name of readdirSync(directory))
    if (/^native-[0-9a-f]{16}\.node$/.test(name) && name !== current) rmSync(join(directory, name));
}

/** The file that the sources as they are make. */
function addonName(): string {
  const hash = createHash('sha256');
  for (const name of sources('.h', '.c'))
    hash.update(name).update(readFileSync(join(SOURCE_DIRECTORY, name)));
  hash.update(FLAGS.join(' ')).update(NO_PATHS).update(process.arch).update(process.versions.modules);
  return `native-${hash.digest('hex').slice(0, 16)}.node`;
}

function compile(compiler: string, output: string, include: string): Result<undefined, string> {
  const files = sources('.c').map((name) => join(SOURCE_DIRECTORY, name));
  const prefixes = [SOURCE_DIRECTORY, process.cwd()].map((path) => `${NO_PATHS}=${path}=.`);
  const args = [...FLAGS, ...prefixes, '-o', output, ...files, `-I${include}`, '-lpthread'];
  const { error, status, stderr } = spawnSync(compiler, args, {
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
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
  const candidates = [join(dirname(process.execPath), '..', 'include', 'node')];
  try {
    const manifest = require.resolve(`node-linux-${process.arch}/package.json`);
    candidates.push(join(dirname(manifest), 'include', 'node'));
  } catch {
    // Node was not installed as a package.
  }
  return candidates.find((path) => existsSync(join(path, 'node_api.h')) && existsSync(join(path, 'openssl')));
}
