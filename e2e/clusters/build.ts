import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '@flatland/lab/machine/run-command';
import type { Settings } from './settings.ts';
import { exists } from './exists.ts';

/** The programs of Kubernetes that a cluster runs, kubectl, and the etcd that the release is tested with. */
export const PROGRAMS: readonly string[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
];
/** etcd's module has its main package at the root, which Go would name after the version: so this is the same in a folder. */
const ETCD_MAIN = `package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
`;
const BUILD_TIMEOUT_MS = 3_600_000;
/** How much of what Go says of a failure is shown. */
const TOLD_LINES = 10;

/**
 * Builds the release's programs, or those that are named, from its Go module where the cache does not have them: about
 * ten minutes on two cores the first time. They appear in the cache one by one, each whole.
 */
export async function buildPrograms(
  settings: Settings,
  say: (text: string) => void,
  names: readonly string[] = PROGRAMS,
): Promise<void> {
  const { programs, release } = settings;
  const lacking = await filter(names, async (name) => !(await exists(join(programs, name))));
  if (lacking.length === 0) return;
  say(`builds Kubernetes ${release} into ${programs}, once; this takes minutes: ${lacking.join(', ')}`);
  await mkdir(programs, { recursive: true });
  const work = await mkdtemp(join(programs, 'build-'));
  try {
    await writeModule(work, release);
    await go(work, 'mod', 'tidy');
    for (const name of lacking) {
      const built = join(work, name);
      const source = name === 'etcd' ? './etcd-main' : packageOf(name);
      await go(work, 'build', ...buildFlags(release), '-o', built, source);
      await rename(built, join(programs, name));
      say(`built ${name}`);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A module that requires the release, with each staging module replaced by its published version. */
async function writeModule(directory: string, release: string): Promise<void> {
  const module = `k8s.io/kubernetes@v${release}`;
  const { GoMod } = JSON.parse(await go('/', 'mod', 'download', '-json', module)) as { GoMod: string };
  const text = await readFile(GoMod, 'utf8');
  const staging = [...text.matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\//gm)];
  if (staging.length === 0) throw new Error(`${module} names no staging modules`);
  const lines = [
    'module flatland.dev/kubernetes',
    ...[...text.matchAll(/^(?:go|godebug) .*$/gm)].map(([line]) => line),
    `require k8s.io/kubernetes v${release}`,
    ...staging.map(([, name]) => `replace ${name} => ${name} v${release.replace(/^1\./, '0.')}`),
  ];
  await writeFile(join(directory, 'go.mod'), `${lines.join('\n')}\n`);
  await mkdir(join(directory, 'etcd-main'));
  await writeFile(join(directory, 'etcd-main', 'main.go'), ETCD_MAIN);
  const imports = PROGRAMS.filter((name) => name !== 'etcd').map((name) => `import _ "${packageOf(name)}"`);
  await writeFile(
    join(directory, 'programs.go'),
    ['//go:build programs', 'package programs', ...imports, ''].join('\n\n'),
  );
}

function packageOf(program: string): string {
  return `k8s.io/kubernetes/cmd/${program}`;
}

function buildFlags(release: string): string[] {
  const [major, minor] = release.split('.');
  const variables = { gitVersion: `v${release}`, gitMajor: major, gitMinor: minor };
  const linked = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return ['-mod=mod', '-trimpath', '-ldflags', ['-s -w', ...linked].join(' ')];
}

/** Runs Go in a directory. Throws with its last words: before them it tells each module that it fetches. */
async function go(directory: string, ...args: string[]): Promise<string> {
  try {
    return await runCommand('go', ['-C', directory, ...args], { timeoutMs: BUILD_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const told = error.stderr
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('go: downloading'));
    throw new Error(`go ${args.slice(0, 2).join(' ')} failed:\n${told.slice(-TOLD_LINES).join('\n')}`, {
      cause: error,
    });
  }
}

async function filter<T>(values: readonly T[], keep: (value: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(values.map(keep));
  return values.filter((_, index) => kept[index]);
}
