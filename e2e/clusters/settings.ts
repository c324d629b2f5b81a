import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The newest Kubernetes release that the clusters were seen running. */
const DEFAULT_RELEASE = '1.37.2';

/** What `FLATLAND_KUBERNETES`, `FLATLAND_CLUSTERS` and the user's cache directory say, made absolute. */
export interface Settings {
  /** A Kubernetes release, as `1.37.2`. */
  readonly release: string;
  /** Everything that the clusters keep, but for the programs. */
  readonly directory: string;
  /** Where the programs of this release are, or will be. */
  readonly programs: string;
}

/** Reads the settings. Throws on a release that is no release. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const release = (environment['FLATLAND_KUBERNETES'] || DEFAULT_RELEASE).replace(/^v/, '');
  if (!/^1\.\d{1,3}\.\d{1,3}$/.test(release))
    throw new Error(`FLATLAND_KUBERNETES is a release as ${DEFAULT_RELEASE}, not ${release}`);
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const directory = resolve(environment['FLATLAND_CLUSTERS'] || '.flatland/clusters');
  return { release, directory, programs: resolve(cache, 'flatland/kubernetes', release) };
}
