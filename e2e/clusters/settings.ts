import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The newest Kubernetes release that the clusters were seen running. */
const DEFAULT_RELEASE = '1.37.2';

/** Sets of clusters that one machine may have up at a time. */
const MAX_SETS = 10;

/** What `FLATLAND_KUBERNETES`, `FLATLAND_CLUSTERS` and the user's cache directory say, made absolute. */
export interface Settings {
  /** A Kubernetes release, as `1.37.2`. */
  readonly release: string;
  /** Everything that the clusters keep, but for the programs. */
  readonly directory: string;
  /** Where the programs of this release are, or will be. */
  readonly programs: string;
}

/** Reads the settings; `root` is what relative directories are below. Throws on a release that is no release. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  root = process.cwd(),
): Settings {
  const release = (environment['FLATLAND_KUBERNETES'] || DEFAULT_RELEASE).replace(/^v/, '');
  if (!/^1\.\d{1,3}\.\d{1,3}$/.test(release))
    throw new Error(`FLATLAND_KUBERNETES is a release as ${DEFAULT_RELEASE}, not ${release}`);
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const set = readSetNumber(environment);
  const directory = resolve(
    root,
    environment['FLATLAND_CLUSTERS'] || `.flatland/clusters${set === 0 ? '' : `-${set}`}`,
  );
  return { release, directory, programs: resolve(cache, 'flatland/kubernetes', release) };
}

/** Which set of clusters `FLATLAND_CLUSTERS_SET` says, from 0, the usual one. Throws on what is no such number. */
export function readSetNumber(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment['FLATLAND_CLUSTERS_SET'] || '0';
  if (!/^\d{1,2}$/.test(text) || Number(text) >= MAX_SETS)
    throw new Error(`FLATLAND_CLUSTERS_SET is a number from 0 to ${MAX_SETS - 1}, not ${text}`);
  return Number(text);
}
