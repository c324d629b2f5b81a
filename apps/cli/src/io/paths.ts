import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the whole workspace. */
export const WORKSPACE_ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** The data directory: `FLATLAND_DATA`, else `.flatland` in the workspace. */
export function dataDirectory(env: NodeJS.ProcessEnv): string {
  const named = env['FLATLAND_DATA'];
  return named ? resolve(named) : join(WORKSPACE_ROOT, '.flatland');
}

/** The kubeconfig that reaches the clusters: `FLATLAND_KUBECONFIG`, else that of the lab. */
export function kubeconfigPath(env: NodeJS.ProcessEnv): string {
  const named = env['FLATLAND_KUBECONFIG'];
  return named ? resolve(named) : join(dataDirectory(env), 'kubeconfig');
}
