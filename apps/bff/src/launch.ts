import { dirname, join, resolve } from 'node:path';

/** Argument that makes the process end when the one that started it is gone. */
export const STOP_WITH_PARENT = '--stop-with-parent';

/** Exit code of a backend that cannot start as things are: starting it again changes nothing. */
export const CANNOT_START = 2;

/** The project's directory. */
const ROOT = resolve(import.meta.dirname, '../../..');

export interface LaunchOptions {
  /** `FLATLAND_DATA`, absolute. */
  readonly dataDirectory: string;
  /** `FLATLAND_KUBECONFIG`, absolute. */
  readonly kubeconfig: string;
}

/**
 * Arguments for Node (26 or newer) that start the console's backend with the least rights: it may open sockets,
 * read the project, its data directory and the kubeconfig, and write its data directory. It cannot start a process,
 * load an addon, or read anything else, whatever a kubeconfig or a request says.
 */
export function launchArguments({ dataDirectory, kubeconfig }: LaunchOptions): string[] {
  const readable = [
    ...['apps/bff', 'apps/web/out', 'node_modules', 'packages/kube', 'packages/shared'].map((path) =>
      join(ROOT, path),
    ),
    join(ROOT, 'package.json'),
    join(ROOT, 'apps/package.json'),
    dataDirectory,
    dirname(kubeconfig) === dataDirectory ? dataDirectory : kubeconfig,
  ];
  return [
    '--permission',
    // `--allow-net` says on each start that it is new
    '--disable-warning=ExperimentalWarning',
    '--allow-net',
    ...[...new Set(readable)].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${dataDirectory}`,
    join(import.meta.dirname, 'main.ts'),
    STOP_WITH_PARENT,
  ];
}
