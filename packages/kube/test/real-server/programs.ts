import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const DEFAULT_RELEASE = '1.37.2';

/** Programs of one release of Kubernetes, as `npm run clusters:up` and `npm run clusters:build` leave them. */
export interface Programs {
  readonly release: string;
  readonly apiServer: string;
  readonly etcd: string;
  /** Undefined where it was not built: then nobody deletes namespaces' contents or collects garbage. */
  readonly controllerManager: string | undefined;
}

/**
 * Looks for the release that `FLATLAND_KUBERNETES` names in the user's cache; undefined where its kube-apiserver or
 * its etcd was never built.
 */
export function findPrograms(): Programs | undefined {
  const release = (process.env['FLATLAND_KUBERNETES'] || DEFAULT_RELEASE).replace(/^v/, '');
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const find = (name: string) => {
    const path = join(cache, 'flatland/kubernetes', release, name);
    return existsSync(path) ? path : undefined;
  };
  const apiServer = find('kube-apiserver');
  const etcd = find('etcd');
  if (apiServer === undefined || etcd === undefined) return undefined;
  return { release, apiServer, etcd, controllerManager: find('kube-controller-manager') };
}
