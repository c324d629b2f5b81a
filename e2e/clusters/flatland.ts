import { join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { startStack } from '../src/stack.ts';
import { giveFlatlandImage } from './flatland-image.ts';
import { ROOT } from './given.ts';
import { CLUSTERS } from './layout.ts';

const FLATLAND = 'apps/cli/bin/flatland.js';
const TIMEOUT_MS = 900_000;

interface Given {
  readonly directory: string;
  readonly kubeconfig: string;
}

/** How Flatland is installed. */
interface Installation {
  /** On every node already. @default that of this checkout */
  readonly image?: string;
  /** Whose commands install it. @default this checkout */
  readonly checkout?: string;
  /** More words for `flatland install`. */
  readonly flags?: readonly string[];
}

/**
 * Installs Flatland on every cluster, or brings it to another version, and links the clusters, all with its own commands.
 * Gives what these said.
 */
export async function installFlatland(given: Given, installation: Installation = {}): Promise<string> {
  const { flags = [], checkout } = installation;
  const image = installation.image ?? (await giveFlatlandImage(given.directory));
  const said: string[] = [];
  for (const { name, natAddresses } of CLUSTERS) {
    const nat = natAddresses === undefined ? [] : ['--behind-nat'];
    said.push(await flatland(given, ['install', name, '--image', image, ...nat, ...flags], checkout));
  }
  return [...said, await linkClusters(given)].join('');
}

/** Takes domains, and then Flatland, away from every cluster. What its agents made in nodes goes with the domains. */
export async function uninstallFlatland(given: Given): Promise<void> {
  await Promise.all(CLUSTERS.map(({ name }) => flatland(given, ['uninstall', name, '--acknowledge'])));
}

/** Runs `flatland` with these words; gives what it printed, throws where it fails. */
export function runFlatland(words: readonly string[], checkout = ROOT): Promise<string> {
  return runCommand(process.execPath, [join(checkout, FLATLAND), ...words], { timeoutMs: TIMEOUT_MS });
}

function flatland({ kubeconfig }: Given, words: readonly string[], checkout?: string): Promise<string> {
  return runFlatland([...words, '--kubeconfig', kubeconfig], checkout);
}

/** Lets a console that knows the clusters by their kubeconfig link them. Clusters that are linked stay as they are. */
async function linkClusters({ kubeconfig }: Given): Promise<string> {
  const env = { FLATLAND_LAB: 'off', FLATLAND_KUBECONFIG: kubeconfig, FLATLAND_PORT: '0' };
  const [a, b] = CLUSTERS.map(({ name }) => name) as [string, string];
  const stack = await startStack({ env });
  try {
    const { exitCode, stdout, stderr } = await stack.flatland('link', a, b);
    if (exitCode !== 0) throw new Error(`${stderr}\n${stdout}\n${stack.output()}`);
    return stdout;
  } finally {
    await stack[Symbol.asyncDispose]();
  }
}
